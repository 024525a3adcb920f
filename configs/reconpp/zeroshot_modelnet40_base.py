# Zero-shot classification of ModelNet40: tools/test.py, with weights of pretrain_openshape_base.
_base_ = './pretrain_openshape_base.py'
