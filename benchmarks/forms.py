"""One training step of the package and of the plain form, each split into the same parts."""

from typing import Any

import torch
from mmengine.config import Config
from mmengine.optim import build_optim_wrapper
from torch import Tensor

from recon_mm.models.release import to_release
from recon_mm.models.teachers import CLIPTextTeacher, FrozenTeacher
from recon_mm.registry import MODELS

from .plain import PlainImageTeacher, PlainReCon, PlainTextTeacher
from .plain.points import augment, group, random_mask
from .stopwatch import Stopwatch

LOADING, GROUPING, EMBEDDING, ENCODER, DECODER, LOSSES, TEACHERS, BACKWARD, OPTIMISER = PARTS = (
    'data loading',
    'sampling, grouping, masking',
    'patch embedding',
    'encoder',
    'decoder',
    'losses',
    'teachers',
    'backward',
    'optimiser',
)


class OurForm:
    """The step that ``tools/train.py`` runs.

    Args:
        cfg: Pretraining config.
        classes: The names of the categories.
        device: Where to run.
        amp: Whether the forward pass runs in bfloat16.
    """

    def __init__(self, cfg: Config, classes: tuple[str, ...], device: str, amp: bool) -> None:
        self.model: Any = MODELS.build(cfg.model).to(device).train()
        for teacher in self.model.modules():
            if isinstance(teacher, CLIPTextTeacher):
                teacher.set_classes(classes)
            if isinstance(teacher, FrozenTeacher):
                teacher.prepare()
        optim_cfg = {**cfg.optim_wrapper, **({'type': 'BFloat16OptimWrapper'} if amp else {})}
        self.optim_wrapper = build_optim_wrapper(self.model, optim_cfg)
        self.watch = Stopwatch(device, rest=LOSSES)
        for owner, method, part in (
            (self.model.data_preprocessor, 'forward', GROUPING),
            (self.model.backbone, 'group', GROUPING),
            (self.model.masking, 'forward', GROUPING),
            (self.model.backbone.patch_embed, 'forward', EMBEDDING),
            (self.model.backbone, 'forward_patches', ENCODER),
            (self.model, 'reconstruct', DECODER),
            (self.model.image_teacher, 'forward', TEACHERS),
            (self.model.text_teacher, 'forward', TEACHERS),
            (self.optim_wrapper, 'backward', BACKWARD),
            (self.optim_wrapper, 'step', OPTIMISER),
            (self.optim_wrapper, 'zero_grad', OPTIMISER),
        ):
            self.watch.watch(owner, method, part)

    def step(self, batch: dict) -> None:
        """One step on a batch of the loader."""
        self.model.train_step(batch, self.optim_wrapper)


class PlainForm:
    """The plain form of the same step, in float32, with the weights of ``ours``.

    Args:
        cfg: The config of ``ours``.
        ours: Gives the weights.
        classes: The names of the categories.
        device: Where to run.
    """

    def __init__(self, cfg: Config, ours: OurForm, classes: tuple[str, ...], device: str) -> None:
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
        state = {k: v for k, v in ours.model.state_dict().items() if 'teacher' not in k}
        self.model.load_state_dict(to_release(state)[0])
        self.model.to(device).train()
        self.image_teacher: PlainImageTeacher | None = None
        self.text_teacher: PlainTextTeacher | None = None
        self.teacher_cfgs = cfg.model.image_teacher, cfg.model.text_teacher
        self.classes = classes
        self.device = device
        decayed = [p for p in self.model.parameters() if p.ndim > 1]
        others = [p for p in self.model.parameters() if p.ndim <= 1]
        self.optimizer = torch.optim.AdamW(
            [dict(params=decayed), dict(params=others, weight_decay=0.0)],
            lr=cfg.optim_wrapper.optimizer.lr,
            weight_decay=cfg.optim_wrapper.optimizer.weight_decay,
        )
        self.watch = Stopwatch(device, rest=LOSSES)
        self.watch.watch(self.model.MAE_encoder.encoder, 'forward', EMBEDDING)

    def load_teachers(self) -> None:
        """From now on the teachers run in every step."""
        image, text = self.teacher_cfgs
        self.image_teacher = PlainImageTeacher(image.model_name).to(self.device)
        self.text_teacher = PlainTextTeacher(text.model_name, self.classes).to(self.device)

    def step(self, batch: dict) -> None:
        """One step on a batch of the loader."""
        part = self.watch.part
        with part(GROUPING):
            inputs = {key: value.to(self.device) for key, value in batch['inputs'].items()}
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
        with part(OPTIMISER):
            self.optimizer.step()
            self.optimizer.zero_grad()

    def _targets(self, inputs: dict[str, Tensor]) -> tuple[Tensor, Tensor]:
        with self.watch.part(TEACHERS):
            if self.image_teacher is not None and self.text_teacher is not None:
                return self.image_teacher(inputs['images']), self.text_teacher(inputs['category'])
            batch, model = len(inputs['category']), self.model
            image = torch.zeros(batch, model.img_proj.out_features, device=self.device)
            return image, torch.zeros(batch, model.text_proj.out_features, device=self.device)
