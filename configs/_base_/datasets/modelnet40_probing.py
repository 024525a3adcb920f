# ModelNet40 as the labeled set that probes the features during and after pretraining: a linear
# SVM is fitted on the train split and scored on the test split.
_base_ = './val_loader.py'
_modelnet40 = dict(
    type='ModelNet',
    data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
    num_classes=40,
    test_mode=True,
    pipeline=[
        dict(type='PackPointInputs', input_keys=('points',), data_sample_keys=('gt_label',)),
    ],
)
val_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='ConcatDataset',
        datasets=[dict(split='train', **_modelnet40), dict(split='test', **_modelnet40)],
    ),
)
val_evaluator = dict(type='LinearSVM')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
