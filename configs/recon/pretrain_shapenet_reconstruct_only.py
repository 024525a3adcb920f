# Ablation: masked reconstruction alone (Point-MAE); the global stream stays untrained.
_base_ = './pretrain_shapenet_no_image.py'
model = dict(modalities=dict(text=None))
