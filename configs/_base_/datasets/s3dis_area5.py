# S3DIS in blocks of one meter, Area 5 held out. During training every sample counts separately
# (quick); the test merges the blocks of a room, so that each of its points counts once.
_base_ = ['./train_loader.py', './val_loader.py']
_blocks = dict(
    type='S3DISBlocks',
    data_root='{{$RECON_DATA:data}}/s3dis',
    test_area=5,
    num_points=4096,
    channels=9,
)
_loader = dict(batch_size=16, num_workers=8)
train_dataloader = dict(
    dataset=dict(
        split='train',
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_part',))],
        **_blocks,
    ),
    **_loader,
)
val_dataloader = dict(
    dataset=dict(
        split='test',
        test_mode=True,
        stride=1.0,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_part',))],
        **_blocks,
    ),
    **_loader,
)
val_evaluator = dict(type='SemanticSegmentationIoU')
test_dataloader = dict(
    dataset=dict(
        split='test',
        test_mode=True,
        stride=0.5,
        pipeline=[
            dict(
                type='PackPointInputs',
                data_sample_keys=('gt_part', 'point_index'),
                meta_keys=('sample_id', 'split', 'room_points'),
            ),
        ],
        **_blocks,
    ),
    **_loader,
)
test_evaluator = dict(type='SemanticSegmentationIoU', merge_rooms=True)
