# ReCon++ small on Hybrid, with the small patch embedding and fewer patches masked.
_base_ = './pretrain_hybrid_base.py'
model = dict(
    backbone=dict(
        embed_dims=384,
        depth=12,
        num_heads=6,
        layer_scale=True,
        vit='vit_small_patch14_dinov2.lvd142m',
        large_embedding=False,
    ),
    masking=dict(mask_ratio=0.6),
)
optim_wrapper = dict(optimizer=dict(lr=4e-5))
