# ScanObjectNN OBJ_BG, one linear layer trained on frozen features.
_base_ = './classification_scanobjectnn_obj_bg_full.py'
model = dict(protocol='linear')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
