"""Times the two forms of each layer that has a plain and a faster one, forward and backward.

    python -m benchmarks.layers [--device cuda]

Sizes of the base model: pretraining for PatchEmbed, attention and cross attention, part
segmentation for the others. A device belongs in a layer's ``FAST_ON`` where the last column is
well above 1 in the precisions that are used there; the column before says whether it is listed.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor

from recon_mm.models.layers import CrossAttention, JoinedLinear, MaxLinear, PatchEmbed, TwoForms
from recon_mm.models.layers.attention import SoftmaxAttention
from recon_mm.models.necks import FeaturePropagation
from recon_mm.utils.precision import computes_bfloat16

from .machine import add_arguments, heading, medians_ms
from .table import Row, print_table

Case = tuple[str, TwoForms, list[Tensor], list[Tensor]]  # name, layer, inputs, indices


def cases(batch: int, tokens: int, dims: int, points: int) -> Iterator[Case]:
    """Layers with inputs that take a gradient, and with indices.

    Args:
        batch: Clouds.
        tokens: Patches per cloud.
        dims: Token width C, 6 heads.
        points: Points per cloud, where each has a feature.
    """
    seen = 2 * tokens // 5  # what a mask of 0.6 leaves
    wanted = torch.arange(seen).expand(batch, -1)
    patches = torch.randn(batch, tokens, 32, 3)
    yield f'PatchEmbed, {seen} of {tokens} wanted', PatchEmbed(dims), [patches], [wanted]
    yield f'PatchEmbed, all of {tokens}', PatchEmbed(dims), [patches], []
    hidden = torch.randn(batch, seen, 32, 512)
    yield f'MaxLinear, {seen} groups', MaxLinear(512, dims), [hidden], []
    for count in (seen, 2 * tokens):
        inputs = [torch.randn(batch, 3, dims), torch.randn(batch, count, dims)]
        yield f'CrossAttention, 3 to {count} tokens', CrossAttention(dims, 6), inputs, []
        heads = [torch.randn(batch, 6, count, dims // 6) for _ in range(3)]
        yield f'SoftmaxAttention, {count} tokens', SoftmaxAttention(), heads, []
    wide = 7 * dims + 64
    joined = [torch.randn(batch // 2, points, 1024), torch.randn(batch // 2, wide)]
    yield f'JoinedLinear, {points} rows', JoinedLinear(1024, wide, 512), joined, []
    cloud, center = torch.rand(batch // 2, points, 3), torch.rand(batch // 2, 2 * tokens, 3)
    levels = torch.randn(batch // 2, 2 * tokens, 3 * dims)
    yield (
        f'FeaturePropagation, {points} points',
        FeaturePropagation(dims),
        [levels],
        [cloud, center],
    )


def step(
    layer: TwoForms, plain: bool, inputs: list[Tensor], others: list[Tensor], bfloat16: bool
) -> Callable[[], None]:
    """Forward and backward of one form."""
    device = inputs[0].device.type
    ordered = [*others, *inputs] if isinstance(layer, FeaturePropagation) else [*inputs, *others]

    def call() -> None:
        layer.plain, layer.FAST_ON = plain, (device,)  # pyright: ignore
        with torch.autocast(device, torch.bfloat16, enabled=bfloat16):
            output = layer(*ordered)
        leaves = [*inputs, *layer.parameters()]
        torch.autograd.grad(output, leaves, torch.ones_like(output))

    return call


def rows(
    device: str, threads: int, seconds: float, sizes: Sequence[int] = (32, 64, 384, 2048)
) -> Iterator[Row]:
    """A row for each layer, and precision that the device has.

    Args:
        device: What the layers run on.
        threads: Of torch.
        seconds: Spent on each form.
        sizes: The arguments of :func:`cases`.
    """
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    lacking = not computes_bfloat16(torch.device(device))
    precisions = ('float32',) if lacking else ('float32', 'bfloat16')
    for name, layer, inputs, others in cases(*sizes):
        named = device.split(':')[0] in type(layer).FAST_ON
        layer = layer.to(device)
        inputs = [tensor.to(device).requires_grad_() for tensor in inputs]
        others = [tensor.to(device) for tensor in others]
        for precision in precisions:
            # Softmax attention gets what the layer before gives.
            given = inputs
            if isinstance(layer, SoftmaxAttention) and precision == 'bfloat16':
                given = [tensor.detach().bfloat16().requires_grad_() for tensor in inputs]
            calls = [step(layer, p, given, others, precision == 'bfloat16') for p in (True, False)]
            plain, fast = medians_ms(calls, threads, seconds)
            yield {
                'layer': name,
                'precision': precision,
                'plain, ms': plain,
                'faster form, ms': fast,
                'in FAST_ON': 'yes' if named else 'no',
                'times faster': plain / fast,
            }


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    add_arguments(parser)
    parser.add_argument('--seconds', type=float, default=1.0, help='spent on each form')
    args = parser.parse_args()
    print(f'{heading(args)}\n')
    print_table(rows(args.device, args.threads, args.seconds))


if __name__ == '__main__':
    main()
