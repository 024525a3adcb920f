# Zero-shot classification of Objaverse-LVIS: tools/test.py, with weights
# of pretrain_openshape_base.
_base_ = './pretrain_openshape_base.py'
test_dataloader = dict(dataset=dict(benchmark='lvis'))
