# Classification of ModelNet40 with 1024 points: 64 patches; every cloud is normalized, scaled
# and shifted. Voting draws other points and scales.
model = dict(
    type='PointClassifier',
    protocol='full',
    data_preprocessor=dict(
        type='PointDataPreprocessor',
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=1024, pool=1200),
            dict(type='BatchRandomScale', scale=(2 / 3, 3 / 2)),
            dict(type='BatchRandomShift', shift=0.2),
        ],
        test_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=1024),
        ],
    ),
    backbone=dict(
        type='ReConTransformer',
        embed_dims=384,
        depth=12,
        num_heads=6,
        num_groups=64,
        group_size=32,
        drop_path_rate=0.2,
    ),
    head=dict(type='PointClsHead', num_classes=40),
)
tta_model = dict(
    type='VotingTTA',
    num_votes=10,
    shared_transforms=[
        dict(type='BatchNormalize'),
        dict(type='BatchFurthestPointSample', num_points=1200),
    ],
    vote_transforms=[
        dict(type='BatchRandomSample', num_points=1024),
        dict(type='BatchRandomScale', scale=(2 / 3, 3 / 2)),
    ],
)
