"""The plain form of the pretraining step computes what the package computes."""

import pytest
import torch
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from benchmarks.plain import PlainReCon
from benchmarks.plain.points import augment, group, random_mask
from recon_mm.models import ReCon
from recon_mm.models.layers import PatchMask
from recon_mm.models.release import to_release
from recon_mm.registry import MODELS

DIMS, HEADS, DEPTH, GROUPS, SIZE, BATCH = 48, 3, 3, 16, 8, 6
MASKED = 9


@MODELS.register_module()
class StoredTarget(nn.Module):
    """Stands for a frozen teacher: its feature comes with the inputs."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return inputs[self.key]


class StoredMask(nn.Module):
    """A mask that is known beforehand, True where hidden."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.mask = PatchMask.from_scores(-mask.int(), MASKED)

    def forward(self, center: Tensor) -> PatchMask:
        return self.mask


@pytest.fixture
def ours() -> ReCon:
    init_default_scope('recon_mm')
    size = dict(embed_dims=DIMS, num_heads=HEADS)
    patches = dict(num_groups=GROUPS, group_size=SIZE)
    head = dict(type='CrossModalHead', embed_dims=DIMS)
    model = MODELS.build(
        dict(
            type='ReCon',
            backbone=dict(
                type='ReConTransformer', depth=DEPTH, stop_gradient=True, **size, **patches
            ),
            masking=dict(type='RandomMasking'),
            neck=dict(type='MaskedPointDecoder', depth=2, **size),
            reconstruction_head=dict(type='ReconstructionHead', embed_dims=DIMS, group_size=SIZE),
            image_head=dict(feature_dims=20, **head),
            image_teacher=dict(type='StoredTarget', key='image'),
            text_head=dict(feature_dims=12, **head),
            text_teacher=dict(type='StoredTarget', key='text'),
            self_contrast_head=dict(type='SelfContrastHead', embed_dims=DIMS),
        )
    )
    with torch.no_grad():
        for parameter in model.parameters():  # as initialized, all clouds look much the same
            parameter.add_(0.1 * torch.randn_like(parameter))
    return model.double()


@pytest.fixture
def plain(ours) -> PlainReCon:
    sizes = dict(decoder_depth=2, group_size=SIZE, drop_path_rate=0.0)
    features = dict(image_dims=20, text_dims=12, with_self_contrast=True)
    model = PlainReCon(DIMS, DEPTH, HEADS, **sizes, **features).double()
    state, unknown = to_release(ours.state_dict())
    assert unknown == []
    model.load_state_dict(state)
    return model


@pytest.fixture
def inputs() -> dict[str, Tensor]:
    return dict(
        points=torch.randn(BATCH, 128, 3),
        category=torch.tensor([0, 1, 2, 0, 1, 1]),
        image=torch.randn(BATCH, 20).double(),
        text=torch.randn(BATCH, 12).double(),
    )


def plain_losses(plain: PlainReCon, inputs: dict[str, Tensor], mask: Tensor) -> dict[str, Tensor]:
    center, neighborhood = (t.double() for t in group(inputs['points'], GROUPS, SIZE))
    tokens = plain.MAE_encoder(neighborhood, center, mask)
    decoded = plain.decode(tokens[:, 3:], center, mask)
    reconstruction = plain.reconstruction_loss(decoded, neighborhood, mask)
    targets = (inputs[key] for key in ('image', 'text', 'category'))
    return dict(
        loss_reconstruction=reconstruction, **plain.contrast_losses(tokens[:, :3], *targets)
    )


def test_same_losses_and_gradients(ours, plain, inputs) -> None:
    mask = random_mask(torch.zeros(BATCH, GROUPS, 3), 0.6)
    assert (mask.sum(1) == MASKED).all()
    ours.masking = StoredMask(mask)
    find_groups = ours.backbone.group
    ours.backbone.group = lambda points: type(patches := find_groups(points))(
        *(t.double() if t.is_floating_point() else t for t in patches)
    )
    actual = ours.train()(inputs, mode='loss')
    expected = plain_losses(plain.train(), inputs, mask)
    assert set(actual) == set(expected)
    for name, loss in expected.items():
        assert actual[name].item() == pytest.approx(loss.item(), rel=1e-5), name

    sum(actual.values()).backward()
    sum(expected.values()).backward()
    gradients, _ = to_release({name: p.grad for name, p in ours.named_parameters()})
    assert set(gradients) == {name for name, _ in plain.named_parameters()}
    for name, parameter in plain.named_parameters():
        assert parameter.grad is not None, name
        error = (gradients[name] - parameter.grad).norm()
        # A bias before batch normalization has no gradient but rounding.
        assert error <= 1e-5 * parameter.grad.norm() + 1e-6, name
    for (name, ours_buffer), (_, buffer) in zip(ours.named_buffers(), plain.named_buffers()):
        torch.testing.assert_close(ours_buffer, buffer, rtol=1e-6, atol=1e-6, msg=name)


def test_augmented_clouds_are_subsets_of_unit_radius() -> None:
    points = torch.randn(3, 50, 3) + 5
    clouds = augment(points, 20)
    assert clouds.shape == (3, 20, 3)
    torch.testing.assert_close(clouds.norm(dim=2).amax(1), torch.ones(3))
    torch.testing.assert_close(clouds.mean(1), torch.zeros(3, 3), atol=1e-6, rtol=0)
