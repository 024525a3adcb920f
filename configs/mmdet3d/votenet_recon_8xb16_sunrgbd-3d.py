# VoteNet on SUN RGB-D with the ReCon backbone.
_base_ = ['mmdet3d::votenet/votenet_8xb16_sunrgbd-3d.py', './_base_/recon_room.py']
model = dict(backbone=dict(**_base_.recon_backbone, in_channels=4, out_channels=256))
optim_wrapper = _base_.recon_optim_wrapper
