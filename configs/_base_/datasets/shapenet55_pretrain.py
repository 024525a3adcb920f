# ShapeNet55 with clouds, rendered images and category names: the train and the test list, as the
# authors pretrain. 1024 of the 8192 points are drawn on the device (data_preprocessor).
_base_ = './train_loader.py'
train_dataloader = dict(
    batch_size=128,
    num_workers=8,
    dataset=dict(
        type='ShapeNet55',
        data_root='{{$RECON_DATA:data}}/ShapeNet55-34',
        ann_files=('train.txt', 'test.txt'),
        with_images=True,
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            dict(type='LoadRenderedImage'),
            dict(type='AugmentImage', size=224),
            dict(type='PackPointInputs', input_keys=('points', 'images', 'category')),
        ],
    ),
)
