# As fine-tuning of ReCon, with the parameter groups of ReCon++'s authors: the classification head
# and the cls token learn ten times as fast and are decayed, biases and norms too; what still
# generates patches (reconstruction_head) learns at the base rate.
_base_ = './finetune_300e.py'
optim_wrapper = dict(
    paramwise_cfg=dict(
        custom_keys={
            '_delete_': True,
            'head.layers': dict(lr_mult=10, flat_decay_mult=1.0),
            'cls_token': dict(lr_mult=10),
        }
    ),
)
