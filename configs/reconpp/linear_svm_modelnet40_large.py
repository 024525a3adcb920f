# Linear SVM on the frozen features of ModelNet40: tools/test.py, with weights of a causal
# pretraining.
_base_ = './pretrain_openshape1k_large.py'
