# GroupFree3D on ScanNet with the ReCon backbone.
_base_ = [
    'mmdet3d::groupfree3d/groupfree3d_head-L6-O256_4xb8_scannet-seg.py',
    './_base_/recon_room.py',
]
model = dict(backbone=dict(**_base_.recon_backbone, in_channels=3, out_channels=288))
optim_wrapper = _base_.recon_optim_wrapper
