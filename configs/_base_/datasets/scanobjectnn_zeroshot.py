# The test split of ScanObjectNN, for zero-shot classification; `variant` may be changed.
test_dataloader = dict(
    batch_size=64,
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        type='ScanObjectNN',
        data_root='{{$RECON_DATA:data}}/ScanObjectNN',
        variant='obj_only',
        split='test',
        test_mode=True,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
    ),
)
test_cfg = dict()
