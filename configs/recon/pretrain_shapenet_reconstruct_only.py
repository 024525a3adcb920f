# Ablation: masked reconstruction alone (Point-MAE); the global stream stays untrained.
_base_ = './pretrain_shapenet_no_image.py'
model = dict(text_head=None, text_teacher=None)
