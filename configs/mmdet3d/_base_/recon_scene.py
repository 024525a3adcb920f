# Shared by every config here; each adapts the numbers of patches and meters to its scenes.
custom_imports = dict(imports=['recon_mm'])

recon_backbone = dict(
    _delete_=True,  # in place of the backbone of mmdet3d's config
    type='recon_mm.ReConSceneBackbone',
    embed_dims=384,
    depth=12,
    num_heads=6,
    drop_path_rate=0.1,
)

# mmdet3d's own schedules are for PointNet++: a transformer wants a tenth of their learning rate,
# less toward its input, and no decay of biases and norms.
recon_optim_wrapper = dict(
    constructor='recon_mm.GroupedOptimWrapperConstructor',
    paramwise_cfg=dict(
        flat_decay_mult=0.0,
        layer_decay_rate=0.9,
        custom_keys={'backbone.': dict(lr_mult=0.1)},
    ),
)
