# AdamW, 300 epochs: linear warm-up from 1e-6 to the learning rate over the first 10, then
# the cosine decay of all 300. The head and the cls token, which was not pretrained, learn ten times
# as fast.
optim_wrapper = dict(
    type='FiniteOptimWrapper',
    constructor='GroupedOptimWrapperConstructor',
    optimizer=dict(type='AdamW', lr=2e-5, weight_decay=0.05, fused=True),
    clip_grad=dict(max_norm=10),
    paramwise_cfg=dict(
        flat_decay_mult=0.0,
        custom_keys={
            'head': dict(lr_mult=10),
            'cls_token': dict(lr_mult=10),
            'cls_pos': dict(lr_mult=10),
            '_token': dict(decay_mult=0.0),
        },
    ),
)
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=300, by_epoch=True, begin=10, end=300),
]
train_cfg = dict(by_epoch=True, max_epochs=300, val_interval=10)
auto_scale_lr = dict(enable=False, base_batch_size=32)
