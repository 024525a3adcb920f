"""Frozen teachers: images and sentences in, target features out."""

from .base import FrozenTeacher
from .cached_teacher import CachedImageTeacher, CachedTeacher
from .clip_image_teacher import CLIPImageTeacher
from .clip_text_teacher import CLIPTextTeacher
from .sentence_teacher import SentenceTeacher, SentenceTransformerTeacher
from .timm_image_teacher import TimmImageTeacher

__all__ = [
    'CLIPImageTeacher',
    'CLIPTextTeacher',
    'CachedImageTeacher',
    'CachedTeacher',
    'FrozenTeacher',
    'SentenceTeacher',
    'SentenceTransformerTeacher',
    'TimmImageTeacher',
]
