# Zero-shot classification of ScanObjectNN's test split (obj_only; `variant` may be changed).
# All 2048 points, as is, in patches of 64, as in the release. The release also tunes the weight of
# the text projection, and the patches, to each variant by its test accuracy; we do not.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_zeroshot.py',
    '../_base_/datasets/scanobjectnn_zeroshot.py',
]
model = dict(data_preprocessor=dict(test_transforms=[]), backbone=dict(group_size=64))
test_evaluator = dict(type='ZeroShotAccuracy')
