# OpenShape's shapes with colors, features of 13 views and 3 texts; zero-shot on ModelNet40
# meanwhile.
_base_ = ['./train_loader.py', './openshape_zeroshot.py']
train_dataloader = dict(
    batch_size=64,
    num_workers=8,
    dataset=dict(
        type='OpenShape',
        data_root='{{$RECON_DATA:data}}/OpenShape',
        pipeline=[
            dict(type='LoadOpenShape', image_rows=13, text_rows=3),
            dict(type='SamplePoints', num_points=10000, keys=('points',)),
            dict(type='PackPointInputs', input_keys=('points', 'image_features', 'text_features')),
        ],
    ),
)
