# Linear SVM on the frozen features of ModelNet40: tools/test.py, nothing is trained by gradient.
# No teacher is needed, so weights of any pretraining fit.
_base_ = [
    '../_base_/default_runtime.py',
    '../_base_/models/recon_pretrain.py',
    '../_base_/datasets/modelnet40_probing.py',
]
model = dict(modalities=dict(image=None, text=None))
