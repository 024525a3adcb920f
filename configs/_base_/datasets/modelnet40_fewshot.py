# One fold of the community's few-shot pickles; tools/few_shot.py sets way, shot and fold.
_base_ = ['./train_loader.py', './val_loader.py']
_fold = dict(
    type='ModelNetFewShot',
    data_root='{{$RECON_DATA:data}}/ModelNetFewshot',
    way=5,
    shot=10,
    fold=0,
    pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
)
train_dataloader = dict(batch_size=32, num_workers=2, dataset=dict(split='train', **_fold))
val_dataloader = dict(
    batch_size=32, num_workers=2, dataset=dict(split='test', test_mode=True, **_fold)
)
val_evaluator = dict(type='OverallAccuracy')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
