# ReCon++ base on ModelNet40 with 1024 points, from weights of a causal pretraining (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_classifier_modelnet40.py',
    '../_base_/datasets/modelnet40.py',
    '../_base_/schedules/reconpp_finetune_300e.py',
]
optim_wrapper = dict(optimizer=dict(lr=1e-5))
