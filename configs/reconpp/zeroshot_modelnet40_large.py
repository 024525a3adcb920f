# Zero-shot classification of ModelNet40: tools/test.py, with weights of pretrain_openshape_large.
_base_ = './pretrain_openshape_large.py'
