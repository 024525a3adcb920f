"""Every layer with two forms: the faster one computes what the plain one does."""

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

import recon_mm.models  # noqa: F401 - defines all of them
from recon_mm.models.backbones import ReConTransformer
from recon_mm.models.layers import (
    CrossAttention,
    JoinedLinear,
    MaxLinear,
    PatchEmbed,
    TwoForms,
    use_plain_forms,
)
from recon_mm.models.layers.attention import SoftmaxAttention
from recon_mm.models.necks import FeaturePropagation

CASES: dict[type[TwoForms], tuple[Callable[[], nn.Module], Callable[[], list[Tensor]]]] = {
    PatchEmbed: (lambda: PatchEmbed(24), lambda: [torch.rand(2, 4, 8, 3)]),
    CrossAttention: (
        lambda: CrossAttention(12, 3),
        lambda: [torch.randn(2, 3, 12), torch.randn(2, 5, 12)],
    ),
    SoftmaxAttention: (SoftmaxAttention, lambda: [torch.randn(2, 3, 5, 4) for _ in range(3)]),
    MaxLinear: (lambda: MaxLinear(6, 5), lambda: [torch.randn(2, 4, 8, 6)]),
    JoinedLinear: (
        lambda: JoinedLinear(6, 4, 5),
        lambda: [torch.randn(2, 7, 6), torch.randn(2, 4)],
    ),
    FeaturePropagation: (
        lambda: FeaturePropagation(embed_dims=8, num_levels=2, point_dims=6, out_dims=10),
        lambda: [torch.rand(2, 20, 6), torch.rand(2, 5, 3), torch.randn(2, 5, 16)],
    ),
}


def subclasses(cls: type) -> set[type]:
    return {sub for direct in cls.__subclasses__() for sub in {direct, *subclasses(direct)}}


def test_every_layer_with_two_forms_is_compared() -> None:
    ours = {cls for cls in subclasses(TwoForms) if cls.__module__.startswith('recon_mm.')}
    assert ours == set(CASES)


def both(layer_type: type[TwoForms], training: bool = True) -> tuple[nn.Module, nn.Module]:
    """A layer with running statistics of its own, and its copy that runs the plain form."""
    return with_plain_copy(randomized(CASES[layer_type][0]().train(training)))


def randomized(layer: nn.Module) -> nn.Module:
    for norm in layer.modules():
        if isinstance(norm, nn.BatchNorm1d):
            nn.init.normal_(norm.running_mean)
            nn.init.uniform_(norm.running_var, 0.5, 2)
            nn.init.normal_(norm.weight)
    return layer


def with_plain_copy(fast: nn.Module) -> tuple[nn.Module, nn.Module]:
    plain = copy.deepcopy(fast)
    use_plain_forms(plain)
    return fast, plain


def run(layer: nn.Module, inputs: list[Tensor]) -> tuple[Tensor, list[Tensor]]:
    inputs = [tensor.clone().requires_grad_() for tensor in inputs]
    output = layer(*inputs)
    leaves = [leaf for leaf in [*inputs, *layer.parameters()] if leaf.requires_grad]
    output.square().sum().backward()
    return output, [leaf.grad for leaf in leaves if leaf.grad is not None]


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('layer_type', CASES)
def test_same_output_and_gradients(layer_type: type[TwoForms], training: bool) -> None:
    compare(*both(layer_type, training), CASES[layer_type][1]())


@pytest.mark.parametrize('training', [True, False])
@pytest.mark.parametrize('large', [True, False])
def test_patch_embedding_of_colored_points(large: bool, training: bool) -> None:
    # In float64: of so many maxima one may be a near tie that rounding decides.
    fast = randomized(PatchEmbed(24, channels=6, large=large)).train(training).double()
    compare(*with_plain_copy(fast), [torch.rand(2, 4, 8, 6).double()])


def test_cross_attention_with_biases() -> None:
    fast = CrossAttention(12, 3, qkv_bias=True)
    compare(*with_plain_copy(fast), [torch.randn(2, 16, 12), torch.randn(2, 5, 12)])


def compare(fast: nn.Module, plain: nn.Module, inputs: list[Tensor]) -> None:
    (output, gradients), (expected, wanted) = run(fast, inputs), run(plain, inputs)
    torch.testing.assert_close(output, expected, rtol=1e-4, atol=1e-5)
    assert len(gradients) == len(wanted)
    # A bias before batch normalization has no gradient but rounding.
    scale = max(gradient.abs().max().item() for gradient in wanted)
    for gradient, one in zip(gradients, wanted):
        torch.testing.assert_close(gradient, one, rtol=1e-3, atol=1e-5 * scale)
    for name, buffer in fast.named_buffers():
        torch.testing.assert_close(buffer, plain.get_buffer(name), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize('layer_type', CASES)
def test_same_output_under_bfloat16(layer_type: type[TwoForms]) -> None:
    fast, plain = both(layer_type)
    inputs = CASES[layer_type][1]()
    with torch.no_grad(), torch.autocast('cpu', dtype=torch.bfloat16):
        output, expected = fast(*inputs), plain(*inputs)
    scale = expected.float().abs().max().item()
    torch.testing.assert_close(output.float(), expected.float(), rtol=0.05, atol=0.05 * scale)


@pytest.mark.parametrize('layer_type', CASES)
def test_the_device_selects_the_form(layer_type: type[TwoForms]) -> None:
    fast, plain = both(layer_type)
    on_cpu = torch.zeros(1)
    assert 'cpu' in layer_type.FAST_ON
    assert fast.form_for(on_cpu) == fast.forward_fast
    assert plain.form_for(on_cpu) == plain.forward_plain
    assert fast.form_for(torch.zeros(1, device='meta')) == fast.forward_plain


def test_a_whole_model_in_its_plain_forms() -> None:
    model = ReConTransformer(24, depth=2, num_heads=2, num_groups=8, group_size=8).eval()
    points = torch.rand(2, 60, 3)
    expected = model(points)
    use_plain_forms(model)
    assert all(m.plain for m in model.modules() if isinstance(m, TwoForms))
    torch.testing.assert_close(model(points).patch_tokens, expected.patch_tokens)
    torch.testing.assert_close(model(points).global_tokens, expected.global_tokens)
