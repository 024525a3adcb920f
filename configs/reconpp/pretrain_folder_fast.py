# ReCon++ on custom shapes in little time, as recon/pretrain_folder_fast: half of the blocks and
# patches, three quarters of these masked and only the others embedded, small batches.
#   recon-mm pretrain FOLDER --config reconpp/pretrain_folder_fast --amp
_base_ = './pretrain_folder.py'
model = dict(
    backbone=dict(depth=6, num_groups=32, embed_masked_patches=False),
    masking=dict(mask_ratio=0.75),
    neck=dict(depth=2),
)
train_dataloader = dict(batch_size=16)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6 / 5e-4, by_epoch=True, begin=0, end=3),
    dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, begin=22, end=30),
]
train_cfg = dict(max_epochs=30, val_interval=10)
