# ReCon++ on custom shapes in less time: half of the patches, only the visible ones embedded, and
# twice as many steps of half the batch.
#   recon-mm pretrain FOLDER --config reconpp/pretrain_folder_fast --amp
_base_ = './pretrain_folder.py'
model = dict(backbone=dict(num_groups=32, embed_masked_patches=False))
train_dataloader = dict(batch_size=32)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6 / 5e-4, by_epoch=True, begin=0, end=7),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=60, by_epoch=True, begin=6, end=60),
]
train_cfg = dict(max_epochs=60, val_interval=15)
