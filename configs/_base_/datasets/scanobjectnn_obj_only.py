# ScanObjectNN, OBJ_ONLY: the same objects without background.
_base_ = './scanobjectnn_obj_bg.py'
train_dataloader = dict(dataset=dict(variant='obj_only'))
val_dataloader = dict(dataset=dict(variant='obj_only'))
test_dataloader = val_dataloader
