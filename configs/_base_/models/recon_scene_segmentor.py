# Segmentation of scenes with the same backbone and head: points carry colors and their place in
# the room, which enter at the neck. There are no categories.
model = dict(
    type='PartSegmentor',
    data_preprocessor=dict(type='PointDataPreprocessor'),
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
    neck=dict(type='FeaturePropagation', point_dims=9),
    head=dict(type='PartSegHead', num_classes=13),
)
