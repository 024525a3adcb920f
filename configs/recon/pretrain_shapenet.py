# The paper's pretraining: ShapeNet55, 300 epochs, base model, image and text teachers.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_pretrain.py',
    '../_base_/datasets/shapenet55_pretrain.py',
    '../_base_/datasets/modelnet40_probing.py',
    '../_base_/schedules/pretrain_300e.py',
]
