# As fine-tuning, with the batch and learning rate of part segmentation. What is
# not pretrained, the segmentation head with the upsampling before it (neck), learns ten times as
# fast.
_base_ = './finetune_300e.py'
optim_wrapper = dict(
    optimizer=dict(lr=1e-4),
    paramwise_cfg=dict(
        custom_keys=dict(
            _delete_=True,
            neck=dict(lr_mult=10),
            head=dict(lr_mult=10),
            _token=dict(decay_mult=0.0),
        )
    ),
)
auto_scale_lr = dict(base_batch_size=16)
