# ReCon on custom shapes, small enough for a CPU: RECON_DATA is the folder that 'recon-mm
# prepare' wrote, with the features of trained teachers in it. 'recon-mm pretrain FOLDER' does all
# of it; by hand, after preparing:
#   export RECON_DATA=PREPARED
#   tool='python tools/cache_teacher_features.py configs/recon/pretrain_folder.py'
#   $tool --out $RECON_DATA/features/image
#   $tool --modality text --sentences $RECON_DATA/sentences.json --out $RECON_DATA/features/text
#   python tools/train.py configs/recon/pretrain_folder.py --amp
# For a thousand shapes, chosen by what it reaches in how much time (benchmarks/RESULTS.md, "Real
# shapes"): beside the paper's way (pretrain_folder_paper) half of the blocks and, in training, of
# the patches, a third of these masked and only the others embedded, the teachers' gradients in
# every block, small batches, and a rate that decays in the last quarter.
_base_ = './pretrain_folder_paper.py'
model = dict(
    backbone=dict(
        depth=6,
        num_groups=32,
        test_num_groups=64,
        stop_gradient=False,
        embed_masked_patches=False,
    ),
    masking=dict(mask_ratio=0.3),
    neck=dict(depth=2),
)
train_dataloader = dict(batch_size=16)
param_scheduler = [
    dict(type='LinearLR', start_factor=1e-6 / 5e-4, by_epoch=True, begin=0, end=3),
    dict(type='CosineAnnealingLR', eta_min=1e-6, by_epoch=True, begin=22, end=30),
]
train_cfg = dict(max_epochs=30, val_interval=10)
