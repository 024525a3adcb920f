# Custom shapes: RECON_DATA is the folder itself, prepared by 'recon-mm prepare' (points,
# views, splits) or as it is. 1024 of the points are drawn on the device (data_preprocessor).
# Validation: a linear SVM fitted on the train split and scored on the val split. Without categories
# it gives no metric, and --no-validate leaves it out.
_base_ = ['./train_loader.py', './val_loader.py']
train_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='ShapeFolder',
        data_root='{{$RECON_DATA:data}}',
        split='train',
        with_images=True,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='LoadRenderedImage'),
            dict(type='AugmentImage', size=224),
            dict(type='PackPointInputs', input_keys=('points', 'images', 'category')),
        ],
    ),
)
val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='ShapeFolder',
        data_root='{{$RECON_DATA:data}}',
        split='trainval',
        test_mode=True,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points',), data_sample_keys=('gt_label',)),
        ],
    ),
)
val_evaluator = dict(type='LinearSVM', test_split='val')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
