# ReCon++ base on ScanObjectNN OBJ_BG, from weights of a causal pretraining (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_classifier_scanobjectnn.py',
    '../_base_/datasets/scanobjectnn_obj_bg.py',
    '../_base_/schedules/reconpp_finetune_300e.py',
]
