# ModelNet40 as the labelled set that probes the features during and after pretraining: a linear
# SVM is fitted on the train split and scored on the test split.
_pipeline = [
    dict(type='PackPointInputs', input_keys=('points',), data_sample_keys=('gt_label',)),
]
_modelnet40 = dict(
    type='ModelNet',
    data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
    num_classes=40,
    test_mode=True,
    pipeline=_pipeline,
)
val_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ConcatDataset',
        datasets=[dict(split='train', **_modelnet40), dict(split='test', **_modelnet40)],
    ),
)
val_evaluator = dict(type='LinearSVM')
val_cfg = dict()
test_dataloader = val_dataloader
test_evaluator = val_evaluator
test_cfg = dict()
