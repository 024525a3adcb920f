# S3DIS in blocks of one metre, Area 5 held out. During training every sample counts by itself
# (quick); the test merges the blocks of a room, so that each of its points counts once.
_blocks = dict(
    type='S3DISBlocks',
    data_root='{{$RECON_DATA:data}}/s3dis',
    test_area=5,
    num_points=4096,
    channels=9,
)
train_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    pin_memory=True,
    drop_last=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=True),
    dataset=dict(
        split='train',
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_part',))],
        **_blocks,
    ),
)
val_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
    dataset=dict(
        split='test',
        test_mode=True,
        stride=1.0,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_part',))],
        **_blocks,
    ),
)
val_evaluator = dict(type='SemanticSegmentationIoU')
val_cfg = dict()
test_dataloader = dict(
    batch_size=16,
    num_workers=8,
    persistent_workers=True,
    collate_fn=dict(type='default_collate'),
    sampler=dict(type='DefaultSampler', shuffle=False),
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
)
test_evaluator = dict(type='SemanticSegmentationIoU', merge_rooms=True)
test_cfg = dict()
