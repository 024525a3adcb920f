# ScanObjectNN PB_T50_RS, one linear layer trained on frozen features.
_base_ = './classification_scanobjectnn_pb_t50_rs_full.py'
model = dict(protocol='linear')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
