# Semantic segmentation of S3DIS with the ReCon backbone: blocks of one metre, 4096 points with
# colour and their place in the room. The joined tokens of three blocks are interpolated at every
# point by the PointNet++ head.
_base_ = [
    'mmdet3d::pointnet2/pointnet2_ssg_2xb16-cosine-50e_s3dis-seg.py',
    './_base_/recon_scene.py',
]
model = dict(
    backbone=dict(
        **_base_.recon_backbone,
        in_channels=9,
        num_groups=256,
        group_size=32,
        patch_unit=0.8,
        position_unit=2.0,
        out_indices=(3, 7, 11),
    ),
    decode_head=dict(fp_channels=((3 * 384, 512, 256, 128),)),
)
optim_wrapper = _base_.recon_optim_wrapper
