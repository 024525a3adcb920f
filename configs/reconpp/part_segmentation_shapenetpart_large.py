# ReCon++ large.
_base_ = './part_segmentation_shapenetpart_base.py'
model = dict(
    backbone=dict(
        embed_dims=1024,
        depth=24,
        num_heads=16,
        out_indices=(7, 15, 23),
    ),
)
