# Part segmentation of custom shapes, RECON_DATA (docs/own_data.md), from pretrained weights
# (load_from). The numbers of parts are the data's: training says them where they differ, e.g.
#   --cfg-options model.head.num_classes=5 model.head.parts_per_category="[3,2]"
_base_ = './part_segmentation_shapenetpart.py'
train_dataloader = dict(
    dataset=dict(type='PartFolder', data_root='{{$RECON_DATA:data}}', split='train'),
)
val_dataloader = dict(
    dataset=dict(type='PartFolder', data_root='{{$RECON_DATA:data}}', split='val'),
)
test_dataloader = val_dataloader
