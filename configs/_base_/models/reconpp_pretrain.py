# ReCon++ base as it is pretrained on OpenShape: random masks, colors, 13 image and 3 text queries.
# `clouds`: the release sums the contrast over the clouds of one GPU, which has 64; written so, it
# is the same whatever the batch and the number of GPUs.
_head = dict(type='MatchingHead', feature_dims=1280, clouds=64)
model = dict(
    type='ReCon',
    data_preprocessor=dict(
        type='PointDataPreprocessor',
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchRandomScale', scale=(0.8, 1.25), per_axis=False),
            dict(type='BatchRandomShift', shift=0.1),
            dict(type='BatchRandomTilt'),
            dict(type='BatchRandomRotate', axis='y'),
            dict(type='BatchDropColor', probability=0.5, value=0.4),
            dict(type='BatchQuarterRotation'),
        ],
        test_transforms=[dict(type='BatchNormalize')],
    ),
    backbone=dict(
        type='ReConPPTransformer',
        embed_dims=768,
        depth=12,
        num_heads=12,
        num_groups=512,
        group_size=32,
        channels=6,
        drop_path_rate=0.1,
        global_tokens=dict(image=13, text=3),
        vit='vit_base_patch32_clip_384.openai_ft_in12k_in1k',
    ),
    masking=dict(type='RandomMasking', mask_ratio=0.7),
    neck=dict(type='MaskedPointDecoder', plus=True, depth=4, drop_path_rate=0.1),
    reconstruction_head=dict(type='GenerationHead'),
    modalities=dict(
        image=dict(
            head=_head,
            teacher=dict(type='CachedTeacher', feature_dims=1280, input_key='image_features'),
        ),
        text=dict(
            head=_head,
            teacher=dict(type='CachedTeacher', feature_dims=1280, input_key='text_features'),
        ),
    ),
    zeroshot_weights=dict(image=1.0, text=0.5),
)
