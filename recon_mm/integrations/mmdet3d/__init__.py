"""The backbone for mmdetection3d's point detectors and segmentors.

``custom_imports = dict(imports=['recon_mm'])`` in a config of mmdet3d is enough for
``type='recon_mm.ReConSceneBackbone'``, or ``ReConPPSceneBackbone``. Importing this changes nothing
in mmcv or mmdet3d.
"""

from .channel_embed import ChannelEmbed
from .cpu_point_ops import point_ops_on_cpu
from .cpu_point_ops_hook import CPUPointOpsHook
from .scene_backbone import ReConPPSceneBackbone, ReConSceneBackbone

__all__ = [
    'CPUPointOpsHook',
    'ChannelEmbed',
    'ReConPPSceneBackbone',
    'ReConSceneBackbone',
    'point_ops_on_cpu',
]
