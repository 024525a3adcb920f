# Semantic segmentation of S3DIS, tested on Area 5, from pretrained weights (load_from). The paper
# has no recipe for it: this is the one of part segmentation, with fewer epochs of more samples.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_scene_segmentor.py',
    '../_base_/datasets/s3dis_area5.py',
    '../_base_/schedules/segment_300e.py',
]
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=60, by_epoch=True, begin=10, end=60),
]
train_cfg = dict(max_epochs=60)
