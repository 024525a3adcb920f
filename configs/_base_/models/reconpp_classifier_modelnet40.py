# ReCon++ base, fine-tuned: a causal model as pretrained on 1024 points, which still generates
# patches.
_base_ = './recon_classifier_modelnet40.py'
model = dict(
    type='GenerativeClassifier',
    backbone=dict(
        type='CausalReConPPTransformer',
        embed_dims=768,
        num_heads=12,
        large_embedding=True,
        global_tokens=dict(image=13, text=3, cls=1),
    ),
    neck=dict(type='CausalPointDecoder', depth=4, drop_path_rate=0.2),
    reconstruction_head=dict(type='GenerationHead'),
)
