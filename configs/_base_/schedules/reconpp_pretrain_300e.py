# ReCon++'s pretraining: AdamW, 300 epochs, 512 clouds on 8 GPUs; linear warm-up from 1e-6 over the
# first 10, then the cosine decay of all 300. The start token and the queries are decayed.
optim_wrapper = dict(
    type='FiniteOptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=1e-4, weight_decay=0.05, fused=True),
    paramwise_cfg=dict(flat_decay_mult=0.0, custom_keys={'_token': dict(decay_mult=0.0)}),
)
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=300, by_epoch=True, begin=10, end=300),
]
train_cfg = dict(by_epoch=True, max_epochs=300, val_interval=25)
auto_scale_lr = dict(enable=False, base_batch_size=512)
