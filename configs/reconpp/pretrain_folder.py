# ReCon++ on custom shapes, small enough for a CPU: random masks, and as many image and text queries
# as there are stored views and drawn sentences of a shape. Data, teachers and schedule are those of
# recon/pretrain_folder_paper; 'recon-mm pretrain FOLDER --config reconpp/pretrain_folder' does all
# of it.
_base_ = '../recon/pretrain_folder_paper.py'
_steps = _base_.train_dataloader.dataset.pipeline
_rows = dict(image=_base_.stored_features.image.views, text=3)
_head = dict(type='MatchingHead', clouds=64)
model = dict(
    data_preprocessor=dict(
        train_transforms=[
            dict(type='BatchRandomSample', num_points=1024),
            dict(type='BatchNormalize'),
            dict(type='BatchRandomScale', scale=(0.8, 1.25), per_axis=False),
            dict(type='BatchRandomShift', shift=0.1),
            dict(type='BatchRandomTilt'),
            dict(type='BatchRandomRotate', axis='y'),
        ],
    ),
    backbone=dict(type='ReConPPTransformer', stop_gradient=False, global_tokens=_rows),
    neck=dict(plus=True),
    reconstruction_head=dict(_delete_=True, type='GenerationHead'),
    modalities=dict(image=dict(head=_head), text=dict(head=_head)),
)
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            _steps[0],
            dict(_steps[1], rows=_rows['image']),
            dict(_steps[2], rows=_rows['text']),
            _steps[3],
        ],
    ),
)
