"""The one store of arrays: parsed sets, packed clouds, teacher features, sentences."""

from .header import FEATURES, HEADER, PACKED, PARSED, SENTENCES, ArraySpec, Header  # noqa: F401
from .shards import Shard, join_shards  # noqa: F401
from .store import ArrayStore, open_store  # noqa: F401
from .writer import ResumableWriter, open_or_build, resume_store, save_array  # noqa: F401
