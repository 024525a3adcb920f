# Width 256, 4 heads.
_base_ = './pretrain_shapenet.py'
model = dict(backbone=dict(embed_dims=256, num_heads=4))
