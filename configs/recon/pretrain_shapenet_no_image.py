# Ablation: no image teacher, and no images are read.
_base_ = './pretrain_shapenet.py'
model = dict(modalities=dict(image=None))
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points', 'category')),
        ],
    )
)
