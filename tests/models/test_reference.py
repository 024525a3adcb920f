"""The model against the authors' release: every vector, the total loss, every gradient norm."""

import json

import pytest
import torch
from mmengine.registry import init_default_scope
from torch import Tensor, nn

from recon_mm.models import ReCon
from recon_mm.models.layers import PatchMask
from recon_mm.models.release import from_release
from recon_mm.ops import chamfer_distance
from recon_mm.registry import MODELS
from tests.reference import reference_state_dict, reference_vectors


@MODELS.register_module()
class GivenTarget(nn.Module):
    """Stands for a frozen teacher: its feature is given with the vectors."""

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        return inputs[self.key]


class GivenMasking(nn.Module):
    """The mask that is given with the vectors."""

    def __init__(self, mask: Tensor) -> None:
        super().__init__()
        self.mask = PatchMask.from_scores(-mask.int(), int(mask[0].sum()))

    def forward(self, center: Tensor) -> PatchMask:
        return self.mask


@pytest.fixture
def config(reference_dir):
    return json.loads((reference_dir / 'tiny' / 'config.json').read_text())


@pytest.fixture
def vectors(reference_dir):
    return reference_vectors(reference_dir / 'tiny')


@pytest.fixture
def model(reference_dir, config, vectors) -> ReCon:
    init_default_scope('recon_mm')
    dims, heads = config['embed_dims'], config['num_heads']
    model = MODELS.build(
        dict(
            type='ReCon',
            backbone=dict(
                type='ReConTransformer',
                embed_dims=dims,
                depth=config['depth'],
                num_heads=heads,
                num_groups=config['num_groups'],
                group_size=config['group_size'],
                stop_gradient=True,
            ),
            masking=dict(type='RandomMasking', mask_ratio=config['mask_ratio']),
            neck=dict(
                type='MaskedPointDecoder',
                depth=config['decoder_depth'],
                num_heads=config['decoder_num_heads'],
            ),
            reconstruction_head=dict(type='ReconstructionHead'),
            modalities=dict(
                image=dict(
                    head=dict(type='CrossModalHead', feature_dims=config['img_dim']),
                    teacher=dict(type='GivenTarget', key='img_target'),
                ),
                text=dict(
                    head=dict(type='CrossModalHead', feature_dims=config['text_dim']),
                    teacher=dict(type='GivenTarget', key='text_target'),
                ),
            ),
            self_contrast_head=dict(type='SelfContrastHead'),
        )
    )
    release = reference_state_dict(reference_dir / 'tiny', 'pretrain')
    state_dict, unknown = from_release(release)
    assert unknown == []
    model.load_state_dict(state_dict)
    model.masking = GivenMasking(vectors['mask'])
    return model


def close(actual: Tensor, expected: Tensor) -> None:
    scale = expected.abs().max().item()
    torch.testing.assert_close(actual, expected, rtol=1e-4, atol=1e-4 * scale)


@pytest.fixture
def inputs(vectors) -> dict[str, Tensor]:
    return {name: vectors[name] for name in ('points', 'img_target', 'text_target', 'category')}


def test_patches(model, vectors) -> None:
    patches = model.backbone.group(vectors['points'])
    assert torch.equal(patches.center_index, vectors['center_index'].long())
    assert torch.equal(patches.center, vectors['center'])
    norms = patches.neighborhood.norm(dim=-1).sort(dim=-1).values
    close(norms, vectors['neighborhood_sorted_norm'])


def test_patch_embedding_in_eval_mode(model, vectors) -> None:
    model.eval()
    patches = model.backbone.group(vectors['points'])
    close(model.backbone.patch_embed(patches.neighborhood), vectors['patch_embed_eval'])


def test_tokens_of_visible_patches(model, vectors) -> None:
    model.eval()
    backbone = model.backbone
    patches = backbone.group(vectors['points'])
    features = backbone.forward_patches(patches, model.masking.mask.visible)
    for index, name in enumerate(('cls_token', 'img_token', 'text_token')):
        close(features.global_tokens[:, index], vectors[name])
    close(features.patch_tokens, vectors['visible_tokens'])


def test_reconstruction(model, vectors) -> None:
    model.eval()
    patches = model.backbone.group(vectors['points'])
    mask = model.masking.mask
    features = model.backbone.forward_patches(patches, mask.visible)
    decoded, target = model.reconstruct(features, patches, mask)
    close(decoded, vectors['decoded_tokens'])
    predicted = model.reconstruction_head(decoded).flatten(0, 1)
    close(predicted, vectors['predicted_points'])
    target = target.flatten(0, 1)
    close(chamfer_distance(predicted, target, 'l2'), vectors['loss_chamfer_l2'])
    close(chamfer_distance(predicted, target, 'l1'), vectors['loss_chamfer_l1'])


def test_contrast_with_teachers(model, vectors, inputs) -> None:
    model.eval()
    patches = model.backbone.group(vectors['points'])
    tokens = model.backbone.forward_patches(patches, model.masking.mask.visible).global_tokens
    close(model.heads['image'](tokens[:, 1]), vectors['img_pred'])
    close(model.heads['text'](tokens[:, 2]), vectors['text_pred'])
    losses = model(inputs, mode='loss')
    close(losses['loss_image'], vectors['loss_img'])
    close(losses['loss_text'], vectors['loss_text'])


def grad_norms(model: ReCon, loss: Tensor) -> dict[str, float]:
    model.zero_grad()
    loss.backward()
    return {
        name: 0.0 if parameter.grad is None else parameter.grad.norm().item()
        for name, parameter in model.named_parameters()
    }


def expected_norms(path) -> dict[str, float]:
    stored = json.loads(path.read_text())['grad_norm']
    converted, unknown = from_release({k: torch.tensor(v) for k, v in stored.items()})
    assert unknown == []
    return {name: value.item() for name, value in converted.items()}


def in_precision(model: ReCon, inputs: dict[str, Tensor], dtype: torch.dtype) -> dict[str, Tensor]:
    """Puts the model into training mode in a precision; the inputs in the same."""
    model.to(dtype).train()
    group = model.backbone.group
    model.backbone.group = lambda points: type(patches := group(points))(
        *(t.to(dtype) if t.is_floating_point() else t for t in patches)
    )
    return {k: v.to(dtype) if v.is_floating_point() else v for k, v in inputs.items()}


@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-4), (torch.float32, 5e-4)])
def test_training_loss_and_gradients(
    model, vectors, inputs, reference_dir, dtype, tolerance
) -> None:
    """In float32 a maximum over a group may select the other of two nearly equal points."""
    inputs = in_precision(model, inputs, dtype)
    total = sum(model(inputs, mode='loss').values())
    close(total.float(), vectors['train_loss_total'])

    expected = expected_norms(reference_dir / 'tiny' / 'pretrain_train_grad_norms.json')
    actual = grad_norms(model, total)
    assert set(actual) == set(expected)
    for name, value in expected.items():
        # A bias before batch normalization has no gradient but rounding.
        assert actual[name] == pytest.approx(value, rel=tolerance, abs=tolerance / 10), name


@pytest.mark.parametrize(('dtype', 'tolerance'), [(torch.float64, 1e-4), (torch.float32, 5e-4)])
def test_contrast_sends_no_gradient_to_the_patches(
    model, inputs, reference_dir, dtype, tolerance
) -> None:
    """Image and text loss alone: nothing reaches the patch stream, the rest gets the release's."""
    inputs = in_precision(model, inputs, dtype)
    losses = model(inputs, mode='loss')
    actual = grad_norms(model, losses['loss_image'] + losses['loss_text'])
    expected = expected_norms(reference_dir / 'tiny' / 'crossmodal_only_grad_norms.json')
    assert {name for name in actual if actual[name] > 0} == {
        name for name in expected if expected[name] > 0
    }
    for name, value in expected.items():
        assert actual[name] == pytest.approx(value, rel=tolerance, abs=tolerance / 10), name
    stream = [name for name in actual if '.blocks.' in name and '.global_' not in name]
    assert stream
    assert all(actual[name] == 0 for name in stream)
