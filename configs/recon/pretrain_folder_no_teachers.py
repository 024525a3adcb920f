# Masked reconstruction alone, on custom shapes: needs no images, text or teachers, and masks more.
_base_ = './pretrain_folder.py'
model = dict(modalities=dict(image=None, text=None), masking=dict(mask_ratio=0.75))
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points',)),
        ],
    ),
)
custom_hooks = [dict(type='ValidateUntrainedHook')]
