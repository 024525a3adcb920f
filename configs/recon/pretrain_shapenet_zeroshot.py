# For zero-shot use: both teachers are CLIP ViT-B/32, whose image and text features share a space.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_zeroshot.py',
    '../_base_/datasets/shapenet55_pretrain.py',
    '../_base_/datasets/modelnet40_probing.py',
    '../_base_/schedules/pretrain_300e.py',
]
val_evaluator = [dict(type='LinearSVM'), dict(type='ZeroShotAccuracy')]
test_evaluator = val_evaluator
