# Ten minutes of pretraining on one CPU core that measurably helps downstream tasks: reconstruction
# and the single-modal contrast, without untrained teachers, whose features are noise.
# Made for the 3267 shapes of benchmarks/demo_chain.py (24 epochs of 102 steps):
#   python tools/dataset_converters/make_demo_data.py --out DATA --sets shapenet55 \
#       --shapes-per-category 120 1
# - 16 patches of 32 points cover a cloud of 256 points twice, as the paper's 64 of 32 cover 1024.
#   Patches that do not overlap say little about each other, and the features get worse.
# - The contrast trains the patches too: such a short reconstruction teaches them less.
# - Demo objects stand upright and look ahead in every set, so clouds are scaled, not rotated.
_base_ = './pretrain_demo.py'
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
    modalities=dict(image=None, text=None),
)
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points', 'category')),
        ],
    ),
)
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, end=1, convert_to_iter_based=True),
    dict(
        type='WarmedUpCosineLR', eta_min=1e-6, T_max=24, begin=1, end=24, convert_to_iter_based=True
    ),
]
train_cfg = dict(max_epochs=24, val_interval=24)
default_hooks = dict(logger=dict(interval=50), checkpoint=dict(interval=8))
log_processor = dict(window_size=50)
custom_hooks = [
    dict(type='ValidateUntrainedHook'),
    dict(type='ReconstructionPicturesHook', interval=8),
]
