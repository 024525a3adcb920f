# ReCon++ small, from DINOv2's weights, whose layer scale it keeps.
_base_ = './pretrain_openshape_base.py'
model = dict(
    backbone=dict(
        embed_dims=384,
        depth=12,
        num_heads=6,
        layer_scale=True,
        vit='vit_small_patch14_dinov2.lvd142m',
    ),
)
optim_wrapper = dict(optimizer=dict(lr=5e-5))
