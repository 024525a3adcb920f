# The second: contrast alone, from the first one's checkpoint, its query stream fresh:
#   --cfg-options model.stage1_checkpoint=work_dirs/pretrain_hybrid_large_stage1/epoch_300.pth
_base_ = './pretrain_hybrid_large.py'
model = dict(stage='contrast')
