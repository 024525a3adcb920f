"""A training step never waits for the device: nothing in it needs a number on the host.

Two ways to see it without a GPU. Fake tensors that say they are on one refuse whatever needs their
values (``.item()``, a boolean index, a branch on a tensor) and whatever mixes devices. They cannot
run a backward pass, so on the CPU the operators that would wait are refused by name.
"""

from pathlib import Path
from typing import Any

import pytest
import torch
from mmengine.optim import build_optim_wrapper
from mmengine.registry import init_default_scope
from torch import Tensor, nn
from torch._subclasses.fake_tensor import DataDependentOutputException, FakeTensorMode
from torch._subclasses.fake_tensor import DynamicOutputShapeException as DynamicShape
from torch.utils._python_dispatch import TorchDispatchMode

from recon_mm.ops._distance import nearest_by_matrix
from recon_mm.ops.furthest_point_sample import sample_torch
from recon_mm.registry import MODELS
from recon_mm.structures import PointDataSample
from tests.pretraining import tiny_config

BATCH, POINTS = 6, 128
BACKBONE = dict(
    type='ReConTransformer', embed_dims=24, depth=2, num_heads=2, num_groups=16, group_size=8
)
WAITS = {'_local_scalar_dense', 'nonzero', 'masked_select', 'is_nonzero', 'equal', 'unique'}


class NoWaiting(TorchDispatchMode):
    """Refuses the operators that copy a value of the device to the host."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None) -> Any:
        name = func.overloadpacket.__name__
        indices = args[1] if name in ('index', 'index_put', 'index_put_') else ()
        boolean = any(i is not None and i.dtype == torch.bool for i in indices)
        if name.rstrip('0123456789') in WAITS or boolean:
            raise AssertionError(f'{name} waits for the device')
        return func(*args, **kwargs or {})


def pretraining(masking: str) -> Any:
    cfg = tiny_config(Path('none'), BATCH, 1).model
    cfg.masking.type = masking
    cfg.backbone.drop_path_rate = cfg.neck.drop_path_rate = 0.1
    cfg.data_preprocessor.train_transforms = [
        dict(type='BatchFurthestPointSample', num_points=100, pool=110),
        dict(type='BatchNormalize'),
        dict(type='BatchRandomRotate'),
        dict(type='BatchRandomScale'),
        dict(type='BatchRandomShift'),
    ]
    cfg.modalities.image.teacher = dict(type='CachedTeacher', feature_dims=16)
    cfg.modalities.text.teacher = dict(type='SentenceTeacher')
    return cfg


@MODELS.register_module()
class SentenceTeacher(nn.Module):
    """The table of CLIPTextTeacher without a CLIP."""

    def __init__(self) -> None:
        super().__init__()
        from recon_mm.models.teachers.clip_text_teacher import SentenceTable

        self.network = SentenceTable(torch.zeros(3, 60, 16))

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return self.network(inputs['category'])


def plus(causal: bool) -> dict:
    """ReCon++, whose one transfer to the CPU (the matching) is within an operator."""
    modality = dict(
        head=dict(type='MatchingHead', feature_dims=16, clouds=4),
        teacher=dict(type='CachedTeacher', feature_dims=16),
    )
    info_nce = modality | dict(head=dict(type='InfoNCEHead', feature_dims=16))
    name = 'CausalReConPPTransformer' if causal else 'ReConPPTransformer'
    decoder = (
        dict(type='CausalPointDecoder') if causal else dict(type='MaskedPointDecoder', plus=True)
    )
    return dict(
        type='ReCon',
        backbone=BACKBONE | dict(type=name, drop_path_rate=0.1, layer_scale=causal),
        masking=dict(type='CausalMasking' if causal else 'RandomMasking'),
        neck=dict(depth=1, **decoder),
        reconstruction_head=dict(type='GenerationHead'),
        modalities=dict(image=modality, text=info_nce),
        data_preprocessor=dict(
            type='PointDataPreprocessor', train_transforms=[dict(type='BatchRandomTilt')]
        ),
    )


CONFIGS = {
    'ReCon++, random masks': plus(causal=False),
    'ReCon++, causal': plus(causal=True),
    'generative classifier': dict(
        type='GenerativeClassifier',
        backbone=BACKBONE
        | dict(type='CausalReConPPTransformer', global_tokens=dict(image=3, text=2, cls=1)),
        head=dict(type='PointClsHead', num_classes=3),
        neck=dict(type='CausalPointDecoder', depth=1),
        reconstruction_head=dict(type='GenerationHead'),
    ),
    'random masking': pretraining('RandomMasking'),
    'block masking': pretraining('BlockMasking'),
    'classifier': dict(
        type='PointClassifier',
        backbone=BACKBONE,
        head=dict(type='PointClsHead', embed_dims=24, num_classes=3),
    ),
    'parts': dict(
        type='PartSegmentor',
        backbone=dict(BACKBONE, out_indices=(0, 1)),
        neck=dict(type='FeaturePropagation', embed_dims=24, num_levels=2, out_dims=32),
        head=dict(
            type='PartSegHead',
            embed_dims=24,
            num_levels=2,
            point_dims=32,
            num_classes=6,
            parts_per_category=(2, 3, 1),
        ),
    ),
}


def batch() -> dict[str, Any]:
    samples = []
    for _ in range(BATCH):
        sample = PointDataSample()
        sample.gt_label = torch.zeros(1, dtype=torch.int64)
        sample.gt_part = torch.zeros(POINTS, dtype=torch.int64)
        samples.append(sample)
    inputs = dict(
        points=torch.rand(BATCH, POINTS, 3),
        category=torch.zeros(BATCH, dtype=torch.int64),
        image_features=torch.rand(BATCH, 16),
    )
    return dict(inputs=inputs, data_samples=samples)


def build(name: str) -> Any:
    init_default_scope('recon_mm')
    return MODELS.build(CONFIGS[name]).train()


def move(model: nn.Module, device: str) -> None:
    """Puts fake parameters in the place of real ones, which fake tensors do not mix with."""
    for module in model.modules():
        for store in (module._parameters, module._buffers):
            for name, value in store.items():
                if value is not None:
                    fake = torch.empty(value.shape, dtype=value.dtype, device=device)
                    store[name] = nn.Parameter(fake) if store is module._parameters else fake
    model.data_preprocessor._device = torch.device(device)  # pyright: ignore


needs_fake_gpu = pytest.mark.skipif(
    torch.__version__ < (2, 11),
    reason='before 2.11 torch asks the driver even for a fake tensor on a GPU',
)


@needs_fake_gpu
@pytest.mark.parametrize('name', CONFIGS)
def test_forward_on_a_gpu_that_is_not_there(name: str) -> None:
    model = build(name)
    with FakeTensorMode():
        move(model, 'cuda')
        data = model.data_preprocessor(batch(), True)
        losses = model(**data, mode='loss')
        total, _ = model.parse_losses(losses)
        assert total.device.type == 'cuda'
        with pytest.raises(DataDependentOutputException):
            total.item()  # so it would have been seen
        with pytest.raises(DynamicShape):
            data['inputs']['points'][data['inputs']['points'] > 0]


@pytest.mark.parametrize('optimizer', ['OptimWrapper', 'BFloat16OptimWrapper'])
@pytest.mark.parametrize('name', CONFIGS)
def test_whole_step(name: str, optimizer: str) -> None:
    model = build(name)
    adamw = dict(type='AdamW', lr=1e-3, fused=True)
    wrapper = build_optim_wrapper(model, dict(type=optimizer, optimizer=adamw))
    before = [parameter.detach().clone() for parameter in model.parameters()]
    data = batch()
    with NoWaiting():
        model.train_step(data, wrapper)
    moved = [not a.equal(b) for a, b in zip(before, model.parameters())]
    assert sum(moved) > 0.9 * len(moved)


def test_what_the_mode_refuses() -> None:
    values = torch.rand(5)
    with NoWaiting():
        for wait in (
            lambda: values.sum().item(),
            lambda: values[values > 0.5],
            lambda: bool(values.any()),
            lambda: values.nonzero(),
        ):
            with pytest.raises(AssertionError, match='waits'):
                wait()


@needs_fake_gpu
def test_implementations_of_the_operators_for_a_gpu() -> None:
    with FakeTensorMode():
        points = torch.rand(2, 50, 3, device='cuda')
        assert sample_torch(points, 8).shape == (2, 8)
        assert nearest_by_matrix(points[:, :8], points, 4).shape == (2, 8, 4)
