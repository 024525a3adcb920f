# The same with folds drawn from ModelNet40 itself, for which no pickles are needed.
_base_ = './fewshot_modelnet40.py'
_drawn = dict(
    type='ModelNetFewShotDrawn', data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled'
)
train_dataloader = dict(dataset=_drawn)
val_dataloader = dict(dataset=_drawn)
test_dataloader = val_dataloader
