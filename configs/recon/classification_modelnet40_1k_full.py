# ModelNet40 with 1024 points, everything trained from pretrained weights (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_classifier_modelnet40.py',
    '../_base_/datasets/modelnet40.py',
    '../_base_/schedules/finetune_300e.py',
]
optim_wrapper = dict(optimizer=dict(lr=1e-5))
