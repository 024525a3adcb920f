# ReCon++ giant, 200 epochs with 256 clouds on 8 GPUs. 2.1 billion parameters: 8.5 GB of weights,
# and with gradients and AdamW's state 34 GB in float32, before activations (docs/reconpp.md).
_base_ = './pretrain_openshape_base.py'
model = dict(
    backbone=dict(
        embed_dims=1408,
        depth=40,
        num_heads=16,
        mlp_ratio=48 / 11,
        vit='vit_giant_patch14_clip_224.laion2b',
    ),
)
train_dataloader = dict(batch_size=32)
optim_wrapper = dict(optimizer=dict(lr=2e-5))
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=200, by_epoch=True, begin=10, end=200),
]
train_cfg = dict(max_epochs=200)
auto_scale_lr = dict(base_batch_size=256)
