# The paper's way on custom shapes, small enough for a CPU: its blocks, patches, masks and schedule
# at half of its width. Data and teachers as in pretrain_folder.
#   recon-mm pretrain FOLDER --config recon/pretrain_folder_paper
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_pretrain.py',
    '../_base_/datasets/shape_folder.py',
    '../_base_/schedules/pretrain_300e.py',
    '../_base_/teachers/packaged.py',
]
model = dict(
    backbone=dict(embed_dims=192, num_heads=3, drop_path_rate=0.0),
    neck=dict(drop_path_rate=0.0),
    modalities=dict(_delete_=True, **_base_.stored_modalities),
    zeroshot_weights=dict(text=1.0),
    zeroshot_centered=True,
)
train_dataloader = dict(
    num_workers=2,
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            _base_.read_image_features,
            _base_.read_text_features,
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'text_features')),
        ],
    ),
)
val_dataloader = dict(num_workers=2)
test_dataloader = val_dataloader
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6 / 5e-4, by_epoch=True, begin=0, end=11),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=100, by_epoch=True, begin=10, end=100),
]
train_cfg = dict(max_epochs=100, val_interval=25)
default_hooks = dict(logger=dict(interval=10))
custom_hooks = [dict(type='PrepareTeachersHook'), dict(type='ValidateUntrainedHook')]
log_processor = dict(window_size=10)
