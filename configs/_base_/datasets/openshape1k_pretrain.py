# OpenShape's shapes, 1024 points without colors; a linear SVM on ModelNet40 meanwhile.
_base_ = ['./train_loader.py', './modelnet40_probing.py']
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    dataset=dict(
        type='OpenShape',
        data_root='{{$RECON_DATA:data}}/OpenShape',
        pipeline=[
            dict(type='LoadOpenShape', image_rows=13, text_rows=3, colors=False),
            dict(type='SamplePoints', num_points=1024, keys=('points',)),
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'text_features')),
        ],
    ),
)
