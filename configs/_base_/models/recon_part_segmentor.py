# Part segmentation: tokens of three blocks, brought to every point. One factor scales a shape.
model = dict(
    type='PartSegmentor',
    data_preprocessor=dict(
        type='PointDataPreprocessor',
        train_transforms=[
            dict(type='BatchRandomScale', scale=(0.8, 1.25), per_axis=False),
            dict(type='BatchRandomShift', shift=0.1),
        ],
    ),
    backbone=dict(
        type='ReConTransformer',
        embed_dims=384,
        depth=12,
        num_heads=6,
        num_groups=128,
        group_size=32,
        drop_path_rate=0.1,
        out_indices=(3, 7, 11),
    ),
    neck=dict(type='FeaturePropagation'),
    head=dict(
        type='PartSegHead',
        num_classes=50,
        parts_per_category=(4, 2, 2, 4, 4, 3, 3, 2, 4, 2, 6, 2, 3, 3, 3, 3),
    ),
)
