# ModelNet40 with 1024 points, one linear layer trained on frozen features.
_base_ = './classification_modelnet40_1k_full.py'
model = dict(protocol='linear')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
