# Ablation: no text teacher.
_base_ = './pretrain_shapenet.py'
model = dict(text_head=None, text_teacher=None)
