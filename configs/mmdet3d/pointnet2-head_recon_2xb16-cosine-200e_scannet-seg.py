# Semantic segmentation of ScanNet with the ReCon backbone: blocks of 1.5 metres, 8192 points with
# colour.
_base_ = [
    'mmdet3d::pointnet2/pointnet2_ssg_2xb16-cosine-200e_scannet-seg.py',
    './_base_/recon_scene.py',
]
model = dict(
    backbone=dict(
        **_base_.recon_backbone,
        in_channels=6,
        num_groups=512,
        group_size=32,
        patch_unit=0.8,
        position_unit=2.0,
        out_indices=(3, 7, 11),
    ),
    decode_head=dict(fp_channels=((3 * 384, 512, 256, 128),)),
)
optim_wrapper = _base_.recon_optim_wrapper
