# Classification of ScanObjectNN with all 2048 points: 128 patches, rotated about the vertical.
# (The recipe's pool of 2400 furthest points is the whole cloud, of which all points are drawn.)
# Voting draws the order of the points, and so the patches.
model = dict(
    type='PointClassifier',
    protocol='full',
    data_preprocessor=dict(
        type='PointDataPreprocessor',
        train_transforms=[
            dict(type='BatchFurthestPointSample', num_points=2048, pool=2400),
            dict(type='BatchRandomRotate', axis='y'),
        ],
        test_transforms=[dict(type='BatchFurthestPointSample', num_points=2048)],
    ),
    backbone=dict(
        type='ReConTransformer',
        embed_dims=384,
        depth=12,
        num_heads=6,
        num_groups=128,
        group_size=32,
        drop_path_rate=0.2,
    ),
    head=dict(type='PointClsHead', num_classes=15),
)
tta_model = dict(
    type='VotingTTA',
    num_votes=10,
    vote_transforms=[dict(type='BatchRandomSample', num_points=2048)],
)
