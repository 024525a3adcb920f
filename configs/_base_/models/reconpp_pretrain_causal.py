# ReCon++ base as it is pretrained for transfer: causal, 1024 points without colors, the large patch
# embedding, no gradient from the queries to the patches.
_base_ = './reconpp_pretrain.py'
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchRandomScale', scale=(0.8, 1.25), per_axis=False),
            dict(type='BatchRandomShift', shift=0.1),
            dict(type='BatchRandomTilt'),
            dict(type='BatchRandomRotate', axis='y'),
        ],
        test_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchFurthestPointSample', num_points=1024),
        ],
    ),
    backbone=dict(
        type='CausalReConPPTransformer',
        num_groups=64,
        channels=3,
        large_embedding=True,
        stop_gradient=True,
    ),
    masking=dict(type='CausalMasking', mask_ratio=0.7),
    neck=dict(_delete_=True, type='CausalPointDecoder', depth=4, drop_path_rate=0.1),
)
