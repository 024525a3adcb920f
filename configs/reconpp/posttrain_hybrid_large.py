# The same with ReCon++ large.
_base_ = './posttrain_hybrid_base.py'
model = dict(
    backbone=dict(
        embed_dims=1024,
        depth=24,
        num_heads=16,
    ),
)
