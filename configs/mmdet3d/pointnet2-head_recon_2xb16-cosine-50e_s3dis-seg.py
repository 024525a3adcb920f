# Semantic segmentation of S3DIS with the ReCon backbone: blocks of one meter, 4096 points with
# color and their place in the room.
_base_ = [
    'mmdet3d::pointnet2/pointnet2_ssg_2xb16-cosine-50e_s3dis-seg.py',
    './_base_/recon_block.py',
]
model = dict(
    backbone=dict(**_base_.recon_backbone, in_channels=9, num_groups=256),
    decode_head=_base_.recon_decode_head,
)
optim_wrapper = _base_.recon_optim_wrapper
