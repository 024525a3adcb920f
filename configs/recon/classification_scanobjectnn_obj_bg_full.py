# ScanObjectNN OBJ_BG, everything trained from pretrained weights (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_classifier_scanobjectnn.py',
    '../_base_/datasets/scanobjectnn_obj_bg.py',
    '../_base_/schedules/finetune_300e.py',
]
