# ModelNet40 with 8192 points, the three-layer head trained on frozen features.
_base_ = './classification_modelnet40_8k_full.py'
model = dict(protocol='mlp3')
optim_wrapper = dict(optimizer=dict(lr=5e-5))
