# A pretraining that ends in a few minutes on two CPU cores, on the demo data:
#   python tools/dataset_converters/make_demo_data.py --out data/demo
#   RECON_DATA=data/demo python tools/train.py configs/recon/pretrain_demo.py
# Teachers without weights, for which nothing needs to be downloaded, are fixed random functions
# of the image and the sentence: enough to see every part work, not to judge the method.
_base_ = './pretrain_shapenet_tiny.py'
model = dict(
    backbone=dict(depth=4, embed_masked_patches=False),
    neck=dict(depth=2),
    image_head=dict(feature_dims=192),
    image_teacher=dict(model_name='vit_tiny_patch16_224', pretrained=None),
    text_teacher=dict(pretrained=None),
)
train_dataloader = dict(batch_size=32, num_workers=2)
val_dataloader = dict(num_workers=0, persistent_workers=False)
test_dataloader = val_dataloader
optim_wrapper = dict(optimizer=dict(lr=1e-3))
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-3, by_epoch=True, begin=0, end=3),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=25, by_epoch=True, begin=2, end=25),
]
train_cfg = dict(max_epochs=25, val_interval=25)
default_hooks = dict(logger=dict(interval=12), checkpoint=dict(interval=5))
custom_hooks = [dict(type='PrepareTeachersHook'), dict(type='ValidateUntrainedHook')]
log_processor = dict(window_size=12)
