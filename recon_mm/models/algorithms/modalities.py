"""Modalities by name: which head of a global token learns from which teacher."""

from collections.abc import Mapping
from typing import Any


def merge_former_arguments(
    modalities: Mapping[str, dict | None] | None, former: Mapping[str, Any]
) -> dict[str, dict]:
    """The modalities of a config, with the arguments of former configs merged in.

    Args:
        modalities: From name to ``dict(head=..., teacher=...)``; ``None`` removes a modality that
            a base config has.
        former: ``image_head=...``, ``image_teacher=...`` and the like of configs of version 0.1,
            which override the same part of ``modalities``.

    Raises:
        TypeError: If a name in ``former`` does not end in ``_head`` or ``_teacher``.
        ValueError: If a modality lacks its head or its teacher, or has anything else.
    """
    merged = {name: dict(parts) for name, parts in (modalities or {}).items() if parts}
    for argument, cfg in former.items():
        name, _, part = argument.rpartition('_')
        if part not in ('head', 'teacher') or not name:
            raise TypeError(f"ReCon got an unexpected argument '{argument}'")
        parts = merged.setdefault(name, {})
        if cfg is None:
            parts.pop(part, None)
        elif cfg.get('_delete_') or part not in parts:
            parts[part] = {key: value for key, value in cfg.items() if key != '_delete_'}
        else:
            parts[part] = {**parts[part], **cfg}
    merged = {name: parts for name, parts in merged.items() if parts}
    for name, parts in merged.items():
        if set(parts) != {'head', 'teacher'} or not all(parts.values()):
            raise ValueError(
                f'modality {name!r} has {sorted(key for key in parts if parts[key])}, expected '
                'head and teacher: give both, or set it to None'
            )
    return merged
