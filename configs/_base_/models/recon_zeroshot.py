# ReCon for zero-shot use: both teachers are CLIP ViT-B/32, whose image and text features share a
# space.
_base_ = './recon_pretrain.py'
model = dict(
    modalities=dict(
        image=dict(
            head=dict(feature_dims=512),
            teacher=dict(
                _delete_=True,
                type='CLIPImageTeacher',
                model_name='ViT-B-32-quickgelu',
                pretrained='openai',
            ),
        ),
    ),
)
