# ScanObjectNN OBJ_ONLY, the three-layer head trained on frozen features.
_base_ = './classification_scanobjectnn_obj_only_full.py'
model = dict(protocol='mlp3')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
