# ReCon++ large for transfer.
_base_ = './pretrain_openshape1k_base.py'
model = dict(
    backbone=dict(
        embed_dims=1024,
        depth=24,
        num_heads=16,
        vit='eva_large_patch14_336.in22k_ft_in22k_in1k',
    ),
)
optim_wrapper = dict(optimizer=dict(lr=5e-5))
