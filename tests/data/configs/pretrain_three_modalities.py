# A third modality by config alone: stored features of a teacher of normal images, learned by two
# global tokens of their own.
_base_ = '../../../configs/recon/pretrain_shapenet_cached.py'
model = dict(
    backbone=dict(global_tokens=dict(cls=1, image=1, text=1, normal=2)),
    modalities=dict(
        normal=dict(
            head=dict(type='CrossModalHead', feature_dims=48),
            teacher=dict(type='CachedTeacher', feature_dims=48, input_key='normal_features'),
        ),
    ),
)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(
                type='LoadTeacherFeatures',
                path='image_features',
                expect=dict(teacher=dict(type='TimmImageTeacher')),
            ),
            dict(
                type='LoadTeacherFeatures',
                path='normal_features',
                key='normal_features',
                expect=dict(teacher=dict(type='NormalTeacher')),
            ),
            dict(
                type='PackPointInputs',
                input_keys=('points', 'image_features', 'normal_features', 'category'),
            ),
        ],
    )
)
