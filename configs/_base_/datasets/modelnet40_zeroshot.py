# The test split of ModelNet40, for zero-shot classification.
_base_ = './test_loader.py'
test_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='ModelNet',
        data_root='{{$RECON_DATA:data}}/modelnet40_normal_resampled',
        num_classes=40,
        split='test',
        test_mode=True,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
    ),
)
