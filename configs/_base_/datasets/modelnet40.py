# ModelNet40, train and test split. Points are normalized and selected on the device, by the model's
# data_preprocessor. There is no validation split: what runs during training is the test, for the
# curve; nothing is selected by it.
_base_ = ['./train_loader.py', './val_loader.py']
_modelnet40 = dict(
    type='ModelNet',
    data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
    num_classes=40,
    pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
)
train_dataloader = dict(batch_size=32, dataset=dict(split='train', **_modelnet40))
val_dataloader = dict(batch_size=32, dataset=dict(split='test', test_mode=True, **_modelnet40))
val_evaluator = dict(type='OverallAccuracy')
test_dataloader = val_dataloader
test_evaluator = dict(type='OverallAccuracy', per_class=True)
