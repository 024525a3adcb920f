# Supervised training after pretraining on Hybrid (load_from): 87 classes, 100 epochs. The numbers
# of queries are those of that pretraining; fine-tune from it with the same.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/reconpp_classifier_modelnet40.py',
    '../_base_/datasets/hybrid_labeled.py',
    '../_base_/schedules/reconpp_finetune_300e.py',
]
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchNormalize'),
            dict(type='BatchRandomRotate', axis='y'),
        ],
        test_transforms=[dict(type='BatchNormalize')],
    ),
    backbone=dict(global_tokens=dict(_delete_=True, image=10, text=1, cls=1)),
    head=dict(num_classes=87),
)
optim_wrapper = dict(optimizer=dict(lr=1e-4))
param_scheduler = [
    dict(type='WarmUpLR', start_lr=1e-6, by_epoch=True, begin=0, end=10),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=100, by_epoch=True, begin=10, end=100),
]
train_cfg = dict(max_epochs=100)
auto_scale_lr = dict(base_batch_size=128)
