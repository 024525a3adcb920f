# ReCon++ base on ScanObjectNN PB_T50_RS, from weights of a causal pretraining (load_from).
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_classifier_scanobjectnn.py',
    '../_base_/datasets/scanobjectnn_pb_t50_rs.py',
    '../_base_/schedules/reconpp_finetune_300e.py',
]
tta_model = dict(
    vote_transforms=[
        dict(type='BatchRandomSample', num_points=2048),
        dict(type='BatchRandomRotate', axis='y'),
    ],
)
