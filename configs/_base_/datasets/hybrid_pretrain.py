# Hybrid: 1024 points, features of ten depth views and their mean.
_base_ = ['./train_loader.py', './modelnet40_probing.py']
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    dataset=dict(
        type='Hybrid',
        data_root='{{$RECON_DATA:data}}/Hybrid',
        pipeline=[
            dict(type='LoadPoints'),
            dict(type='LoadDepthFeatures', image_rows=10),
            dict(type='SamplePoints', num_points=1024, keys=('points',)),
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'text_features')),
        ],
    ),
)
