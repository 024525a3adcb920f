"""Frozen teachers: images and sentences in, target features out."""

from .base import FrozenTeacher
from .cache import TeacherFeatureCache
from .cached_image_teacher import CachedImageTeacher
from .clip_image_teacher import CLIPImageTeacher
from .clip_text_teacher import CLIPTextTeacher
from .timm_image_teacher import TimmImageTeacher

__all__ = [
    'CLIPImageTeacher',
    'CLIPTextTeacher',
    'CachedImageTeacher',
    'FrozenTeacher',
    'TeacherFeatureCache',
    'TimmImageTeacher',
]
