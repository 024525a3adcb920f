# Custom shapes of which nobody has said what they are: patches and the image teacher. What
# 'recon-mm pretrain FOLDER' runs where no shape has a category or a caption.
_base_ = './pretrain_folder.py'
model = dict(modalities=dict(text=None))
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='LoadPoints', min_points=1024),
            _base_.read_image_features,
            dict(type='PackPointInputs', input_keys=('points', 'image_features')),
        ],
    ),
)
