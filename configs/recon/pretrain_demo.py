# Pretraining of a few minutes on two CPU cores, on the demo data:
#   python tools/dataset_converters/make_demo_data.py --out data/demo
#   RECON_DATA=data/demo python tools/train.py configs/recon/pretrain_demo.py
# Smaller in every way: half the points, half the patches, 4 blocks. The single-modal contrast is
# on: with few shapes it teaches most. Untrained teachers, for which nothing needs to be
# downloaded, are fixed random functions of the image and the sentence: enough to see every part
# work, not to judge the method.
_base_ = './pretrain_shapenet_tiny.py'
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchRandomSample', num_points=512),
            dict(type='BatchNormalize'),
            dict(type='BatchRandomRotate', axis='y'),
        ],
        test_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=512),
        ],
    ),
    backbone=dict(
        depth=4, num_groups=32, group_size=16, drop_path_rate=0.0, embed_masked_patches=False
    ),
    neck=dict(depth=2, drop_path_rate=0.0),
    self_contrast_head=dict(type='SelfContrastHead'),
    modalities=dict(
        image=dict(
            head=dict(feature_dims=192),
            teacher=dict(model_name='vit_tiny_patch16_224', pretrained=None),
        ),
        text=dict(teacher=dict(pretrained=None)),
    ),
)
train_dataloader = dict(batch_size=32, num_workers=2)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=3e-4))  # at 1e-3 the tokens collapse in this short run
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=True, begin=0, end=6),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=50, by_epoch=True, begin=5, end=50),
]
train_cfg = dict(max_epochs=50, val_interval=25)
default_hooks = dict(logger=dict(interval=12), checkpoint=dict(interval=10))
custom_hooks = [
    dict(type='PrepareTeachersHook'),
    dict(type='ValidateUntrainedHook'),
    dict(type='ReconstructionPicturesHook', interval=10),
]
log_processor = dict(window_size=12)
visualizer = dict(vis_backends=[dict(type='LocalVisBackend'), dict(type='TensorboardVisBackend')])
