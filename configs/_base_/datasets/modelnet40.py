# ModelNet40, train and test split. Points are normalised and chosen on the device, by the model's
# data_preprocessor. There is no validation split: what runs during training is the test, for the
# curve; nothing is chosen by it.
train_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        type='ModelNet',
        data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
        num_classes=40,
        split='train',
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
    ),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ModelNet',
        data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
        num_classes=40,
        split='test',
        test_mode=True,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
    ),
)
val_evaluator = dict(type='OverallAccuracy')
val_cfg = dict()
test_dataloader = val_dataloader
test_evaluator = dict(type='OverallAccuracy', per_class=True)
test_cfg = dict()
