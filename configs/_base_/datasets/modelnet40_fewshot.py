# One fold of the community's few-shot pickles; tools/few_shot.py sets way, shot and fold.
_fold = dict(
    type='ModelNetFewShot',
    data_root='{{$RECON_DATA:data}}/ModelNetFewshot',
    way=5,
    shot=10,
    fold=0,
    pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
)
train_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(split='train', **_fold),
)
val_dataloader = dict(
    batch_size=32,
    num_workers=2,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(split='test', test_mode=True, **_fold),
)
val_evaluator = dict(type='OverallAccuracy')
val_cfg = dict()
test_dataloader = val_dataloader
test_evaluator = val_evaluator
test_cfg = dict()
