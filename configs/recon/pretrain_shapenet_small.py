# Width 256, 4 heads.
_base_ = './pretrain_shapenet.py'
model = dict(
    backbone=dict(embed_dims=256, num_heads=4),
    neck=dict(embed_dims=256, num_heads=4),
    reconstruction_head=dict(embed_dims=256),
    image_head=dict(embed_dims=256),
    text_head=dict(embed_dims=256),
)
