# Zero-shot classification of ModelNet40 in OpenShape's files, with its features of class names.
_base_ = './val_loader.py'
val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='OpenShapeZeroShot',
        data_root='{{$RECON_DATA:data}}/OpenShape',
        benchmark='modelnet40',
        test_mode=True,
        pipeline=[
            dict(type='SamplePoints', num_points=10000, keys=('points',), shuffle=False),
            dict(type='PackPointInputs', data_sample_keys=('gt_label',)),
        ],
    ),
)
val_evaluator = dict(type='ZeroShotAccuracy')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
