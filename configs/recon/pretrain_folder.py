# ReCon on custom shapes, small enough for a CPU: RECON_DATA is the folder that 'recon-mm
# prepare' wrote, with the features of trained teachers in it. 'recon-mm pretrain FOLDER' does all
# of it; by hand, after preparing:
#   export RECON_DATA=PREPARED
#   tool='python tools/cache_teacher_features.py configs/recon/pretrain_folder.py'
#   $tool --out $RECON_DATA/features/image
#   $tool --modality text --sentences $RECON_DATA/sentences.json --out $RECON_DATA/features/text
#   python tools/train.py configs/recon/pretrain_folder.py
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
