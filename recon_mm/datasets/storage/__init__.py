"""The one store of arrays: parsed sets, packed clouds, teacher features, sentences."""

from .header import FEATURES, HEADER, PACKED, PARSED, SENTENCES, ArraySpec, Header
from .store import ArrayStore, open_store
from .writer import ResumableWriter, open_or_build, resume_store, save_array

__all__ = [
    'FEATURES',
    'HEADER',
    'PACKED',
    'PARSED',
    'SENTENCES',
    'ArraySpec',
    'ArrayStore',
    'Header',
    'ResumableWriter',
    'open_or_build',
    'open_store',
    'resume_store',
    'save_array',
]
