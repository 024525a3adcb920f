# Zero-shot classification of ScanObjectNN: tools/test.py, with weights of pretrain_openshape_large.
_base_ = './pretrain_openshape_large.py'
model = dict(zeroshot_weights=dict(text=0.3))
test_dataloader = dict(
    dataset=dict(
        benchmark='scanobjectnn',
        pipeline=[
            dict(type='SamplePoints', num_points=2048, keys=('points',), shuffle=False),
            dict(type='PackPointInputs', data_sample_keys=('gt_label',)),
        ],
    ),
)
