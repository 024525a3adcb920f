# The labeled part of Hybrid, 87 classes. What runs during training is the test, for the curve.
_base_ = ['./train_loader.py', './val_loader.py']
_labeled = dict(type='HybridLabeled', data_root='{{$RECON_DATA:data}}/Hybrid')
_steps = [
    dict(type='LoadPoints'),
    dict(type='SamplePoints', num_points=1024, keys=('points',)),
    dict(type='PackPointInputs', data_sample_keys=('gt_label',)),
]
train_dataloader = dict(batch_size=128, dataset=dict(split='train', pipeline=_steps, **_labeled))
val_dataloader = dict(
    batch_size=128,
    dataset=dict(
        split='test',
        test_mode=True,
        pipeline=[
            dict(type='LoadPoints'),
            dict(type='SamplePoints', num_points=1024, keys=('points',), shuffle=False),
            dict(type='PackPointInputs', data_sample_keys=('gt_label',)),
        ],
        **_labeled,
    ),
)
val_evaluator = dict(type='OverallAccuracy')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
