# Ablation: no text teacher.
_base_ = './pretrain_shapenet.py'
model = dict(modalities=dict(text=None))
