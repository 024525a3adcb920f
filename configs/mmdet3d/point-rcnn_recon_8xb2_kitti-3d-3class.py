# PointRCNN on KITTI with the ReCon backbone: the seeds' features are interpolated at every point
# of the sweep, from which both stages read.
_base_ = ['mmdet3d::point_rcnn/point-rcnn_8xb2_kitti-3d-3class.py', './_base_/recon_scene.py']
model = dict(
    backbone=dict(
        **_base_.recon_backbone,
        in_channels=4,
        num_groups=2048,
        group_size=32,
        group_radius=2.0,
        patch_unit=10.0,
        position_unit=40.0,
        out_channels=512,
    ),
    neck=dict(fp_channels=((512 + 1, 256, 128),)),
)
optim_wrapper = _base_.recon_optim_wrapper
