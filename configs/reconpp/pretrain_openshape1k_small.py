# ReCon++ small for transfer, with the small patch embedding.
_base_ = './pretrain_openshape1k_base.py'
model = dict(
    backbone=dict(
        embed_dims=384,
        depth=12,
        num_heads=6,
        layer_scale=True,
        vit='vit_small_patch14_dinov2.lvd142m',
        large_embedding=False,
    ),
)
optim_wrapper = dict(optimizer=dict(lr=5e-5))
