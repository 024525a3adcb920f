# Zero-shot classification of ModelNet10's test split.
_base_ = './zeroshot_modelnet40.py'
test_dataloader = dict(dataset=dict(num_classes=10))
