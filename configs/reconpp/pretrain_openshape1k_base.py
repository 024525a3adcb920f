# ReCon++ base for transfer: 1024 points of OpenShape, causal.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_pretrain_causal.py',
    '../_base_/datasets/openshape1k_pretrain.py',
    '../_base_/schedules/reconpp_pretrain_300e.py',
]
