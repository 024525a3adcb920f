# The test split of ScanObjectNN, for zero-shot classification; `variant` may be changed.
_base_ = './test_loader.py'
test_dataloader = dict(
    batch_size=64,
    dataset=dict(
        type='ScanObjectNN',
        data_root='{{$RECON_DATA:data}}/ScanObjectNN',
        variant='obj_only',
        split='test',
        test_mode=True,
        pipeline=[dict(type='PackPointInputs', data_sample_keys=('gt_label',))],
    ),
)
