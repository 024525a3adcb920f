# A few minutes on two CPU cores: a small backbone learns the scene (50,000 points, a bed and a
# night stand) in demo/data/sunrgbd of mmdetection3d's repository.
#   SUNRGBD_DEMO=mmdetection3d/demo/data/sunrgbd \
#       python tools/train.py configs/mmdet3d/votenet_recon_demo_sunrgbd-3d.py
_base_ = './votenet_recon_8xb16_sunrgbd-3d.py'
model = dict(backbone=dict(embed_dims=96, depth=4, num_heads=3, num_groups=256, drop_path_rate=0.0))
custom_hooks = [dict(type='recon_mm.CPUPointOpsHook')]

room = dict(
    data_root='{{$SUNRGBD_DEMO:mmdetection3d/demo/data/sunrgbd}}/',
    data_prefix=dict(pts=''),
    ann_file='sunrgbd_000017_infos.pkl',
)
train_dataloader = dict(
    batch_size=2,
    num_workers=0,
    persistent_workers=False,
    dataset=dict(times=100, dataset=room),
)
val_dataloader = dict(num_workers=0, persistent_workers=False, dataset=room)
test_dataloader = val_dataloader
train_cfg = dict(max_epochs=4, val_interval=2)
param_scheduler = [
    dict(type='CosineAnnealingLR', by_epoch=True, T_max=4, end=4, convert_to_iter_based=True)
]
default_hooks = dict(logger=dict(interval=10))
log_processor = dict(window_size=10)
randomness = dict(seed=0)
