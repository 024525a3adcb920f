"""One training step of the package and of the plain form, each split into the same parts."""

import resource
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, ClassVar

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import Tensor
from torch.utils.data import DataLoader

from recon_mm.models.release import to_release
from recon_mm.models.teachers import CLIPTextTeacher, FrozenTeacher
from recon_mm.registry import MODELS

from .plain import PlainImageTeacher, PlainReCon, PlainTextTeacher
from .plain.points import augment, group, random_mask
from .shapenet_files import CATEGORIES
from .stopwatch import Stopwatch

LOADING, GROUPING, EMBEDDING, ENCODER, DECODER, LOSSES, TEACHERS, BACKWARD, OPTIMIZER = PARTS = (
    'data loading',
    'sampling, grouping, masking',
    'patch embedding',
    'encoder',
    'decoder',
    'losses',
    'teachers',
    'backward',
    'optimizer',
)


class Form(ABC):
    """A training step, and the loader that feeds it.

    Args:
        loader: Its first batch is the one that every step takes.
        device: Where to run.
    """

    clock: ClassVar[Callable[[], float]] = time.perf_counter

    def __init__(self, loader: DataLoader, device: str) -> None:
        self.batch = next(iter(loader))
        self.stream = _endless(loader)
        self.device = device
        clock = type(self).clock  # pyright: ignore[reportAttributeAccessIssue]
        self.watch = Stopwatch(device, LOSSES, clock)

    @abstractmethod
    def step(self) -> None:
        """One step on the batch."""

    def measure(self) -> dict[str, float]:
        """Seconds of each part of a step."""
        return self.watch.measure(self.step)

    def measure_loading(self) -> dict[str, float]:
        """Seconds that the loader takes for a batch."""
        clock = type(self).clock  # pyright: ignore[reportAttributeAccessIssue]
        return Stopwatch('cpu', LOADING, clock).measure(lambda: next(self.stream))

    def peak_memory(self) -> float:
        """The most memory held so far, in GB: of the GPU, or of this process."""
        if self.watch.on_gpu:
            return torch.cuda.max_memory_allocated() / 1e9
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6  # Linux counts kB


def _endless(loader: DataLoader) -> Iterator[dict]:
    while True:
        yield from loader


class OurForm(Form):
    """The step that ``tools/train.py`` runs.

    Args:
        cfg: Pretraining config.
        loader: Its loader.
        device: Where to run.
        amp: Whether the forward pass runs in bfloat16.
        weights: A file to which its weights are written, for the plain form.
        compile_mode: A mode of ``torch.compile`` for the loss, which then is one part.
    """

    def __init__(
        self,
        cfg: Config,
        loader: DataLoader,
        device: str,
        amp: bool,
        weights: Path,
        compile_mode: str | None = None,
    ) -> None:
        super().__init__(loader, device)
        self.model: Any = MODELS.build(cfg.model).to(device).train()
        for teacher in self.model.modules():
            if isinstance(teacher, CLIPTextTeacher):
                teacher.set_classes(tuple(CATEGORIES.values()))
            if isinstance(teacher, FrozenTeacher):
                teacher.prepare()
        torch.save(to_release(self.model.state_dict())[0], weights)
        optim_cfg = {**cfg.optim_wrapper, **({'type': 'BFloat16OptimWrapper'} if amp else {})}
        self.optim_wrapper = build_optim_wrapper(self.model, optim_cfg)
        inside_loss = (
            (self.model.backbone, 'group', GROUPING),
            (self.model.masking, 'forward', GROUPING),
            (self.model.backbone.patch_embed, 'forward', EMBEDDING),
            (self.model.backbone, 'forward_patches', ENCODER),
            (self.model, 'reconstruct', DECODER),
            (self.model.image_teacher, 'forward', TEACHERS),
            (self.model.text_teacher, 'forward', TEACHERS),
        )
        around_loss = (
            (self.model.data_preprocessor, 'forward', GROUPING),
            (self.optim_wrapper, 'backward', BACKWARD),
            (self.optim_wrapper, 'step', OPTIMIZER),
            (self.optim_wrapper, 'zero_grad', OPTIMIZER),
        )
        if compile_mode is not None:  # as CompileHook does
            options: Any = dict(fullgraph=True, dynamic=False, mode=compile_mode)
            self.model.loss = torch.compile(self.model.loss, **options)
            inside_loss = ()
        for owner, method, part in (*inside_loss, *around_loss):
            self.watch.watch(owner, method, part)

    def step(self) -> None:
        """What MMEngine's loop does with a batch."""
        self.model.train_step(self.batch, self.optim_wrapper)


class PlainForm(Form):
    """The plain form of the same step, in float32.

    Args:
        cfg: A config with live teachers; :meth:`load_teachers` puts them into the step.
        loader: Its loader.
        device: Where to run.
        weights: The file that :class:`OurForm` wrote.
    """

    def __init__(self, cfg: Config, loader: DataLoader, device: str, weights: Path) -> None:
        super().__init__(loader, device)
        backbone = cfg.model.backbone
        self.num_points = cfg.model.data_preprocessor.train_transforms[0].num_points
        self.num_groups, self.group_size = backbone.num_groups, backbone.group_size
        self.mask_ratio = cfg.model.masking.mask_ratio
        self.model = PlainReCon(
            backbone.embed_dims,
            backbone.depth,
            backbone.num_heads,
            cfg.model.neck.depth,
            backbone.group_size,
            backbone.drop_path_rate,
            cfg.model.image_head.feature_dims,
            cfg.model.text_head.feature_dims,
        )
        self.model.load_state_dict(torch.load(weights, weights_only=True))
        self.model.to(device).train()
        self.image_teacher: PlainImageTeacher | None = None
        self.text_teacher: PlainTextTeacher | None = None
        self.teacher_cfgs = cfg.model.image_teacher, cfg.model.text_teacher
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [dict(params=decayed), dict(params=others, weight_decay=0.0)],
            lr=cfg.optim_wrapper.optimizer.lr,
            weight_decay=cfg.optim_wrapper.optimizer.weight_decay,
        )
        self.watch.watch(self.model.MAE_encoder.encoder, 'forward', EMBEDDING)

    def load_teachers(self) -> None:
        """From now on the teachers run in every step."""
        image, text = self.teacher_cfgs
        self.image_teacher = PlainImageTeacher(image.model_name).to(self.device)
        classes = tuple(CATEGORIES.values())
        self.text_teacher = PlainTextTeacher(text.model_name, classes).to(self.device)

    def step(self) -> None:
        """The step as one reads it."""
        part = self.watch.part
        with part(GROUPING):
            inputs = {key: value.to(self.device) for key, value in self.batch['inputs'].items()}
            points = augment(inputs['points'], self.num_points)
            center, neighborhood = group(points, self.num_groups, self.group_size)
            mask = random_mask(center, self.mask_ratio)
        image, text = self._targets(inputs)
        with part(ENCODER):
            tokens = self.model.MAE_encoder(neighborhood, center, mask)
        with part(DECODER):
            decoded = self.model.decode(tokens[:, 3:], center, mask)
        loss = self.model.reconstruction_loss(decoded, neighborhood, mask)
        contrast = self.model.contrast_losses(tokens[:, :3], image, text, inputs['category'])
        loss = loss + sum(contrast.values())
        with part(BACKWARD):
            loss.backward()
        with part(OPTIMIZER):
            self.optimizer.step()
            self.optimizer.zero_grad()

    def _targets(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        with self.watch.part(TEACHERS):
            if self.image_teacher is not None and self.text_teacher is not None:
                return self.image_teacher(inputs['images']), self.text_teacher(inputs['category'])
            batch, model = len(inputs['category']), self.model
            image = torch.zeros(batch, model.img_proj.out_features, device=self.device)
            return image, torch.zeros(batch, model.text_proj.out_features, device=self.device)
