# ModelNet40 with 1024 points, the three-layer head trained on frozen features.
_base_ = './classification_modelnet40_1k_full.py'
model = dict(protocol='mlp3')
optim_wrapper = dict(optimizer=dict(lr=1e-4))
