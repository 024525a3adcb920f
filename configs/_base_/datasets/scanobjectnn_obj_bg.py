# ScanObjectNN, OBJ_BG: objects with the background of their box. Clouds are used as they are, not
# normalized. The set has no validation split: what runs during training is the test, for the
# curve; nothing is selected by it.
_base_ = ['./train_loader.py', './val_loader.py']
_scanobjectnn = dict(
    type='ScanObjectNN',
    data_root='{{$RECON_DATA:data}}/ScanObjectNN',
    variant='obj_bg',
    pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
)
train_dataloader = dict(batch_size=32, dataset=dict(split='train', **_scanobjectnn))
val_dataloader = dict(batch_size=32, dataset=dict(split='test', test_mode=True, **_scanobjectnn))
val_evaluator = dict(type='OverallAccuracy')
test_dataloader = val_dataloader
test_evaluator = dict(type='OverallAccuracy', per_class=True)
