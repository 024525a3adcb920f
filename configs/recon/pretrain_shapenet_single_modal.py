# With the single-modal contrast between clouds of different categories.
_base_ = './pretrain_shapenet.py'
model = dict(self_contrast_head=dict(type='SelfContrastHead'))
