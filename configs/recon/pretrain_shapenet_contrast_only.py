# Ablation: the teachers train the whole encoder, nothing is masked or reconstructed. The gradient
# of the global tokens must then reach the patches.
_base_ = './pretrain_shapenet.py'
model = dict(backbone=dict(stop_gradient=False), masking=None, neck=None, reconstruction_head=None)
