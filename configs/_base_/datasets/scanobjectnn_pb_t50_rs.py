# ScanObjectNN, PB_T50_RS: boxes moved by up to half their size, rotated and scaled; the hardest.
_base_ = './scanobjectnn_obj_bg.py'
train_dataloader = dict(dataset=dict(variant='pb_t50_rs'))
val_dataloader = dict(dataset=dict(variant='pb_t50_rs'))
test_dataloader = val_dataloader
