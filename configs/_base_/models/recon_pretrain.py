# ReCon as the paper pretrains it: 12 blocks of width 384, masked reconstruction, image and text
# teachers. The single-modal loss is off, as in the paper's main recipe. Neck and heads take the
# width, the attention heads and the points per patch of the backbone.
model = dict(
    type='ReCon',
    data_preprocessor=dict(
        type='PointDataPreprocessor',
        train_transforms=[
            dict(type='BatchRandomSample', num_points=1024),
            dict(type='BatchNormalize'),
            dict(type='BatchRandomRotate', axis='y'),
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
        drop_path_rate=0.1,
        stop_gradient=True,
    ),
    masking=dict(type='RandomMasking', mask_ratio=0.6),
    neck=dict(type='MaskedPointDecoder', depth=4, drop_path_rate=0.1),
    reconstruction_head=dict(type='ReconstructionHead', norm='l2'),
    modalities=dict(
        image=dict(
            head=dict(type='CrossModalHead', feature_dims=768),
            # Today's in21k weights of timm. The authors' (timm 0.4.5) ended in a tanh layer: name
            # their file and set pre_logits=True to have it.
            teacher=dict(
                type='TimmImageTeacher',
                model_name='vit_base_patch16_224.augreg_in21k',
                pretrained=True,
            ),
        ),
        text=dict(
            head=dict(type='CrossModalHead', feature_dims=512),
            teacher=dict(
                type='CLIPTextTeacher', model_name='ViT-B-32-quickgelu', pretrained='openai'
            ),
        ),
    ),
)
custom_hooks = [dict(type='PrepareTeachersHook')]
