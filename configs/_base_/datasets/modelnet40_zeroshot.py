# The test split of ModelNet40, for zero-shot classification.
test_dataloader = dict(
    batch_size=64,
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
test_cfg = dict()
