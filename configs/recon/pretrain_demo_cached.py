# The demo without the image teacher in the step. Write its features first:
#   RECON_DATA=data/demo python tools/cache_teacher_features.py configs/recon/pretrain_demo.py \
#       --views 2 --out data/demo/ShapeNet55-34/teacher_features_demo
_base_ = './pretrain_demo.py'
model = dict(
    modalities=dict(image=dict(teacher=dict(_delete_=True, type='CachedTeacher', feature_dims=192)))
)
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(
                type='LoadTeacherFeatures',
                path='{{$RECON_DATA:data}}/ShapeNet55-34/teacher_features_demo',
                expect=dict(
                    teacher=dict(
                        type='TimmImageTeacher', model_name='vit_tiny_patch16_224', pre_logits=False
                    ),
                    augmentation=[
                        dict(type='LoadRenderedImage'),
                        dict(type='AugmentImage', size=224),
                    ],
                ),
                allow_untrained=True,
            ),
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'category')),
        ],
    ),
)
