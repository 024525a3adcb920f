# ReCon++ large.
_base_ = './classification_scanobjectnn_obj_bg_base.py'
model = dict(
    backbone=dict(
        embed_dims=1024,
        depth=24,
        num_heads=16,
    ),
)
