# ReCon++ large, few-shot: one fold; tools/few_shot.py runs all of them.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_classifier_modelnet40.py',
    '../_base_/datasets/modelnet40_fewshot.py',
    '../_base_/schedules/reconpp_finetune_300e.py',
]
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=1024, pool=1200),
            dict(type='BatchRandomRotate', axis='y'),
        ],
    ),
    backbone=dict(
        embed_dims=1024,
        depth=24,
        num_heads=16,
        drop_path_rate=0.1,
    ),
    neck=dict(drop_path_rate=0.1),
    head=dict(num_classes=5),
)
optim_wrapper = dict(optimizer=dict(lr=5e-4))
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=150, by_epoch=True, begin=10, end=150),
]
train_cfg = dict(max_epochs=150, val_interval=50)
