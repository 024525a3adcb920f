# ModelNet40 with 8192 points, one linear layer trained on frozen features.
_base_ = './classification_modelnet40_8k_full.py'
model = dict(protocol='linear')
optim_wrapper = dict(optimizer=dict(lr=5e-5))
