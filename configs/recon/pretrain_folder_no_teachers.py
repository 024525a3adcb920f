# Masked reconstruction alone, on custom shapes: needs no images, text or teachers.
_base_ = './pretrain_folder.py'
model = dict(modalities=dict(image=None, text=None))
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points',)),
        ],
    ),
)
custom_hooks = [dict(type='ValidateUntrainedHook')]
