# Semantic segmentation of ScanNet with the ReCon backbone: blocks of 1.5 meters, 8192 points with
# color.
_base_ = [
    'mmdet3d::pointnet2/pointnet2_ssg_2xb16-cosine-200e_scannet-seg.py',
    './_base_/recon_block.py',
]
model = dict(
    backbone=dict(**_base_.recon_backbone, in_channels=6, num_groups=512),
    decode_head=_base_.recon_decode_head,
)
optim_wrapper = _base_.recon_optim_wrapper
