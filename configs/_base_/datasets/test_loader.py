# What every test loader has; a data set adds batch size, data set and pipeline.
test_dataloader = dict(
    num_workers=4,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
)
test_cfg = dict()
