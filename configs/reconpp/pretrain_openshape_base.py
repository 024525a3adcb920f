# ReCon++ base for zero-shot use: 10,000 colored points of OpenShape, both losses at once.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_pretrain.py',
    '../_base_/datasets/openshape_pretrain.py',
    '../_base_/schedules/reconpp_pretrain_300e.py',
]
