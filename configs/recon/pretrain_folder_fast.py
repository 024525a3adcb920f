# pretrain_folder for few shapes and little time: half of the blocks and patches, a third of these
# masked and only the others embedded, gradients of the teachers' losses in every block, small
# batches, and a rate that decays in the last quarter (benchmarks/RESULTS.md, "Real shapes").
#   recon-mm pretrain FOLDER --config recon/pretrain_folder_fast --amp
#   recon-mm features recon/pretrain_folder_fast CHECKPOINT --points FOLDER --out features.npz \
#       --cfg-options model.backbone.num_groups=64  # more patches than in training help
_base_ = './pretrain_folder.py'
model = dict(
    backbone=dict(depth=6, num_groups=32, stop_gradient=False, embed_masked_patches=False),
    masking=dict(mask_ratio=0.3),
    neck=dict(depth=2),
)
train_dataloader = dict(batch_size=16)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6 / 5e-4, by_epoch=True, begin=0, end=3),
    dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, begin=22, end=30),
]
train_cfg = dict(max_epochs=30, val_interval=10)
