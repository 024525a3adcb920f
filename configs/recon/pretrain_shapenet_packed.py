# The cached training with all clouds in one memory-mapped array, read a batch at a time: for GPUs
# that would wait for 52,470 small files. After the features (see pretrain_shapenet_cached.py):
#   python tools/dataset_converters/pack_shapenet55.py data/ShapeNet55-34
_base_ = './pretrain_shapenet_cached.py'
train_dataloader = dict(
    collate_fn=dict(type='keep_batch'),
    dataset=dict(
        _delete_=True,
        type='BatchedShapeNet55',
        data_root='{{$RECON_DATA:data}}/ShapeNet55-34',
        ann_files=('train.txt', 'test.txt'),
        packed_file='{{$RECON_DATA:data}}/ShapeNet55-34/shapenet_packed',
        min_points=1024,
        teacher_features=dict(
            path='{{$RECON_DATA:data}}/ShapeNet55-34/teacher_features',
            expect=_base_.train_dataloader.dataset.pipeline[1].expect,
        ),
    ),
)
