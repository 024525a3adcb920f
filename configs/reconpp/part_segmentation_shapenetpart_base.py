# Part segmentation of ShapeNetPart by ReCon's segmentor with ReCon++ base, from weights of
# pretrain_openshape_base (load_from). They have seen colors; a shape without gets the gray that
# half of their clouds had.
_base_ = '../recon/part_segmentation_shapenetpart.py'
_gray = dict(type='BatchDropColor', probability=1.0, value=0.4)
model = dict(
    data_preprocessor=dict(
        train_transforms=[*_base_.model.data_preprocessor.train_transforms, _gray],
        test_transforms=[_gray],
    ),
    backbone=dict(
        type='ReConPPTransformer',
        embed_dims=768,
        num_heads=12,
        channels=6,
    ),
    neck=dict(point_dims=6),
)
