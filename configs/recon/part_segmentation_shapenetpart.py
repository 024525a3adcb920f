# Part segmentation of ShapeNetPart from pretrained weights (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_part_segmentor.py',
    '../_base_/datasets/shapenetpart.py',
    '../_base_/schedules/segment_300e.py',
]
