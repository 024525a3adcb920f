# Width 192, 3 heads.
_base_ = './pretrain_shapenet.py'
model = dict(
    backbone=dict(embed_dims=192, num_heads=3),
    neck=dict(embed_dims=192, num_heads=3),
    reconstruction_head=dict(embed_dims=192),
    image_head=dict(embed_dims=192),
    text_head=dict(embed_dims=192),
)
