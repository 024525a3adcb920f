# ScanObjectNN, OBJ_BG: objects with the background of their box. Clouds are used as they are, not
# normalised. The set has no validation split: what runs during training is the test, for the
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
        type='ScanObjectNN',
        data_root='{{$RECON_DATA:data}}/ScanObjectNN',
        variant='obj_bg',
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
        type='ScanObjectNN',
        data_root='{{$RECON_DATA:data}}/ScanObjectNN',
        variant='obj_bg',
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
