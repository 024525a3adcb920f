"""Computes features of sentences about every training sample, once.

The sentences are those of a file, else those that the paper makes of the category; or the features
are given, in a table by category. Training reads them with ``LoadTeacherFeatures(key=...)`` and
``CachedTeacher(input_key=...)``: no text network is part of a step (docs/teachers.md).
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from mmengine.config import Config
from mmengine.registry import init_default_scope

from recon_mm.datasets.errors import DataError
from recon_mm.datasets.readers import read_json, reading
from recon_mm.datasets.storage.header import canonical
from recon_mm.models.teachers import SentenceTeacher
from recon_mm.models.teachers.prompts import sentences
from recon_mm.models.teachers.shape_sentences import spoken
from recon_mm.models.teachers.weights import weights_id
from recon_mm.registry import DATASETS, MODELS
from recon_mm.utils.progress import counting_bar

from .feature_store import Target, open_features, teacher_config


def compute_text_features(
    cfg: Config,
    target: Target,
    modality: str = 'text',
    sentences_file: Path | None = None,
    num_sentences: int | None = None,
    batch_size: int = 64,
    device: str = 'cpu',
) -> None:
    """Computes and stores the features that are missing, and prints its progress.

    A sample with fewer sentences than others has them repeated.

    Args:
        cfg: Pretraining config that names the teacher.
        target: Where the features go.
        modality: Modality of the teacher.
        sentences_file: JSON, from the id of each sample to its sentences; by default the 60 that
            the paper makes of a category.
        num_sentences: Sentences per sample (S); by default those of the sample with most.
        batch_size: Sentences at a time.
        device: Where the teacher computes.

    Raises:
        DataError: If the sentences are missing or wrong, or the store holds other features.
        ValueError: If the config names no teacher that encodes sentences.
    """
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    teacher_cfg = teacher_config(cfg, modality)
    teacher: Any = MODELS.build(teacher_cfg) if teacher_cfg else None
    if not isinstance(teacher, SentenceTeacher):
        raise ValueError(
            f'{cfg.filename}: the {modality} teacher is {teacher_cfg}, expected one that encodes '
            'sentences (CLIPTextTeacher, SentenceTransformerTeacher)'
        )
    ids, texts = _texts(cfg, sentences_file, num_sentences)
    made_from = {
        'teacher': teacher.describe(),
        'trained': bool(getattr(teacher, 'pretrained', True)),
        'sentences': _sha256(canonical(texts).encode()),
        'num_views': len(texts[0]),
        'feature_dims': teacher.feature_dims,
    }
    with open_features(target, ids, made_from, device) as writer:
        rows = target.rows(len(ids))
        _encode(writer, texts[rows.start : rows.stop], teacher, batch_size, device)


def sentences_fingerprint(cfg: Config, sentences_file: Path | None = None) -> str:
    """What the header of features of these sentences says of them, without any network."""
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    return _sha256(canonical(_texts(cfg, sentences_file, None)[1]).encode())


def _texts(
    cfg: Config, sentences_file: Path | None, num_sentences: int | None
) -> tuple[list[str], list[list[str]]]:
    """The ids of the training samples, and as many sentences of each."""
    ids, categories = _samples(cfg)
    if sentences_file is None:
        texts = [sentences(category) for category in categories]
    else:
        texts = read_sentences(sentences_file, ids)
    count = num_sentences or max(map(len, texts))
    return ids, [[of_one[i % len(of_one)] for i in range(count)] for of_one in texts]


def _encode(
    writer: Any, texts: list[list[str]], teacher: SentenceTeacher, batch_size: int, device: str
) -> None:
    """Encodes each different sentence once, in order of appearance, in batches cut at fixed places.

    Which sentences are padded together decides the last bits of a feature.
    """
    number: dict[str, int] = {}
    codes = np.array([number.setdefault(text, len(number)) for of_one in texts for text in of_one])
    unique, views = list(number), len(texts[0]) if texts else 1
    items = codes.argsort(kind='stable')  # (N S,), by sentence
    first = np.searchsorted(codes[items], np.arange(len(unique) + 1))
    encode = None
    with counting_bar() as progress:
        task = progress.add_task('sentences', total=len(unique))
        for start in range(0, len(unique), batch_size):
            stop = min(start + batch_size, len(unique))
            batch = items[first[start] : first[stop]]
            if not writer.finished.reshape(-1)[batch].all():
                encode = encode or teacher.sentence_encoder(device)
                features = encode(unique[start:stop]).numpy()
                writer.write(np.divmod(batch, views), features[codes[batch] - start])
            progress.advance(task, stop - start)


def store_table_features(
    cfg: Config, target: Target, file: Path, keys: Sequence[str], scale: float = 1.0
) -> None:
    """Stores given features, one per sample: those of its category in a table.

    Args:
        cfg: Pretraining config.
        target: Where the features go.
        file: An ``.npz`` file.
        keys: Its arrays: names ``(C,)`` and features ``(C, D)``.
        scale: Number by which the features are multiplied.

    Raises:
        DataError: If the table cannot be read, or lacks a category.
    """
    init_default_scope(cfg.get('default_scope', 'recon_mm'))
    ids, categories = _samples(cfg)
    names, features = read_feature_table(file, *keys)
    row_of = {_plain(name): row for row, name in enumerate(names)}
    missing = sorted({name for name in categories if _plain(name) not in row_of})
    if missing:
        raise DataError(
            f"'{file}' ({keys[0]}) lacks {len(missing)} categories of the training set "
            f'({", ".join(missing[:5])}): add a row for each.'
        )
    made_from = {
        'teacher': {
            'type': 'table',
            'model_name': f'{file.name}:{keys[1]}',
            'weights': weights_id(str(file)),
            'scale': scale,
        },
        'trained': True,
        'num_views': 1,
        'feature_dims': features.shape[1],
    }
    with open_features(target, ids, made_from) as writer:
        rows = target.rows(len(ids))
        known = [row_of[_plain(name)] for name in categories[rows.start : rows.stop]]
        index = np.arange(len(known))
        if not writer.finished.all():
            writer.write((index, np.zeros_like(index)), scale * features[known])


def read_sentences(path: Path, sample_ids: Sequence[str]) -> list[list[str]]:
    """The sentences of samples, from a JSON file ``{id: [sentence, ...]}``.

    Raises:
        DataError: If the file is no such JSON, or lacks a sample.
    """
    content = read_json(path, 'the sentences')
    found = content if isinstance(content, dict) else {}
    bad = [each for each in sample_ids if not _are_sentences(found.get(each))]
    if bad:
        raise DataError(
            f"'{path}' has {str(found.get(bad[0]))[:80]!r} for sample '{bad[0]}' ({len(bad)} of "
            f'{len(sample_ids)} are like that), expected {{id: [sentence, ...]}} with every '
            'training sample: give those a category or a caption and prepare the shapes again, or '
            "train without text ('recon-mm pretrain --no-text')"
        )
    return [found[sample_id] for sample_id in sample_ids]


def _are_sentences(value: Any) -> bool:
    texts = value if isinstance(value, list) else []
    return bool(texts) and all(isinstance(text, str) and text.strip() for text in texts)


def read_feature_table(path: Path, names: str, features: str) -> tuple[list[str], np.ndarray]:
    """Names and their features, float32 ``(C, D)``, from two arrays of an ``.npz`` file.

    Raises:
        DataError: If the file has no such arrays, or they do not belong together.
    """
    expected = f"an .npz file with '{names}' (C,) of text and '{features}' (C, D) of finite numbers"
    with reading(path, 'the table of features', expected), np.load(path) as content:
        if lacking := {names, features} - set(content.files):
            raise ValueError(f'it has {content.files}, not {sorted(lacking)}')
        found, values = content[names], content[features]
        shapes = found.ndim == 1 and values.ndim == 2 and len(found) == len(values) > 0
        if found.dtype.kind != 'U' or values.dtype.kind != 'f' or not shapes:
            raise ValueError(f'{found.dtype} {found.shape} and {values.dtype} {values.shape}')
        if not np.isfinite(values).all():
            raise ValueError('a number is not finite')
    return [str(name) for name in found], values.astype(np.float32)


def _samples(cfg: Config) -> tuple[list[str], list[str]]:
    """The ids of the training samples, and the names of their categories."""
    dataset_cfg = {**cfg.train_dataloader.dataset.to_dict(), 'pipeline': []}
    dataset: Any = DATASETS.build(dataset_cfg)
    infos = [dataset.get_data_info(i) for i in range(len(dataset))]
    classes = dataset.metainfo['classes']
    return [i['sample_id'] for i in infos], [str(classes[i['category']]) for i in infos]


def _plain(name: str) -> str:
    return spoken(name).lower()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
