# Zero-shot classification of ModelNet40's test split: tools/test.py. Needs weights of
# pretrain_shapenet_zeroshot.py.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_zeroshot.py',
    '../_base_/datasets/modelnet40_zeroshot.py',
]
test_evaluator = dict(type='ZeroShotAccuracy')
