# Zero-shot classification of Objaverse-LVIS: tools/test.py, with weights
# of pretrain_openshape_large.
_base_ = './pretrain_openshape_large.py'
test_dataloader = dict(dataset=dict(benchmark='lvis'))
