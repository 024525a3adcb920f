# The same training without the image teacher in the step: its features of several augmented
# views of every image are read from disk. Write them first:
#   python tools/cache_teacher_features.py configs/recon/pretrain_shapenet.py \
#       --views 8 --out data/ShapeNet55-34/teacher_features
_base_ = './pretrain_shapenet.py'
model = dict(
    modalities=dict(image=dict(teacher=dict(_delete_=True, type='CachedTeacher', feature_dims=768)))
)
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(
                type='LoadTeacherFeatures',
                path='{{$RECON_DATA:data}}/ShapeNet55-34/teacher_features',
                expect=dict(
                    teacher=dict(
                        type='TimmImageTeacher',
                        model_name='vit_base_patch16_224.augreg_in21k',
                        weights='tag augreg_in21k',
                        pre_logits=False,
                    ),
                    augmentation=[
                        dict(type='LoadRenderedImage'),
                        dict(type='AugmentImage', size=224),
                    ],
                ),
            ),
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'category')),
        ],
    )
)
