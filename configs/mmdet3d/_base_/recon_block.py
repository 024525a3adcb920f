# The backbone on blocks that a segmentor cuts out of a room. The joined tokens of three of its
# blocks are interpolated at every point by the PointNet++ head.
_base_ = './recon_scene.py'
recon_backbone = dict(group_size=32, patch_unit=0.8, position_unit=2.0, out_indices=(3, 7, 11))
recon_decode_head = dict(fp_channels=((3 * 384, 512, 256, 128),))
