# The demo with reconstruction and the single-modal contrast alone: what untrained teachers say is
# noise, and learning it costs steps that a short run does not have.
# Used by benchmarks/demo_chain.py.
_base_ = './pretrain_demo.py'
model = dict(image_head=None, image_teacher=None, text_head=None, text_teacher=None)
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='PackPointInputs', input_keys=('points', 'category')),
        ],
    ),
)
custom_hooks = [dict(type='ValidateUntrainedHook')]
