# ReCon++ base on ModelNet40 with 8192 points, from weights of a causal pretraining (load_from).
_base_ = './classification_modelnet40_1k_base.py'
_choose = dict(type='BatchFurthestPointSample', num_points=8192)
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(pool=8192, **_choose),
            dict(type='BatchRandomScale', scale=(2 / 3, 3 / 2)),
            dict(type='BatchRandomShift', shift=0.2),
        ],
        test_transforms=[dict(type='BatchNormalize'), _choose],
    ),
    backbone=dict(num_groups=512),
)
tta_model = dict(
    shared_transforms=[dict(type='BatchNormalize'), _choose],
    vote_transforms=[
        dict(type='BatchRandomSample', num_points=8192),
        dict(type='BatchRandomScale', scale=(2 / 3, 3 / 2)),
    ],
)
