# Width 192, 3 heads.
_base_ = './pretrain_shapenet.py'
model = dict(backbone=dict(embed_dims=192, num_heads=3))
