# Validation during training, with the same loader as the test.
_base_ = './test_loader.py'
val_dataloader = {{_base_.test_dataloader}}
val_cfg = dict()
