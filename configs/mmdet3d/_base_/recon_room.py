# The backbone on whole rooms: 1024 seeds, patches of 0.4 m. 32 points of such a patch lie 0.29 m
# from its center, and a patch 3.2 m from the middle of the room (root mean square and mean on a
# ScanNet room): the units bring both to what pretraining saw.
_base_ = './recon_scene.py'
recon_backbone = dict(
    num_groups=1024, group_size=32, group_radius=0.4, patch_unit=2.2, position_unit=5.8
)
