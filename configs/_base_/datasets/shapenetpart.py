# ShapeNetPart: trained on train and val, as in the field; 2048 points of each normalized shape.
_base_ = ['./train_loader.py', './val_loader.py']
_root = '{{$RECON_DATA:data}}/shapenetcore_partanno_segmentation_benchmark_v0_normal'
_pack = dict(
    type='PackPointInputs', input_keys=('points', 'category'), data_sample_keys=('gt_part',)
)
train_dataloader = dict(
    batch_size=16,
    dataset=dict(
        type='ShapeNetPart',
        data_root=_root,
        split='trainval',
        pipeline=[dict(type='NormalizePoints'), dict(type='SamplePoints', num_points=2048), _pack],
    ),
)
val_dataloader = dict(
    batch_size=16,
    dataset=dict(
        type='ShapeNetPart',
        data_root=_root,
        split='test',
        test_mode=True,
        pipeline=[
            dict(type='NormalizePoints'),
            dict(type='SamplePoints', num_points=2048, shuffle=False),
            _pack,
        ],
    ),
)
val_evaluator = dict(type='PartSegmentationIoU')
test_dataloader = val_dataloader
test_evaluator = val_evaluator
