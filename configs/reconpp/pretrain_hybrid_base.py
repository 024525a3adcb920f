# ReCon++ base for transfer on Hybrid: 10 image queries for the depth views, 1 text query.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_pretrain_causal.py',
    '../_base_/datasets/hybrid_pretrain.py',
    '../_base_/schedules/reconpp_pretrain_300e.py',
]
model = dict(backbone=dict(global_tokens=dict(_delete_=True, image=10, text=1)))
