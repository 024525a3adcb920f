"""Times the forms of each op at the sizes the project meets and prints a Markdown table.

    python benchmarks/ops.py [--device cuda] [--threads 1] [--seconds 1.0]

The first form of each size is the plain one; ratios are against it, in this run. "same" is the
share of its results (indices, values) that the form repeats.
"""

import argparse
from collections.abc import Callable, Iterator
from importlib.util import find_spec

import mmcv
import numpy as np
import torch
from torch import Tensor
from torch.utils.benchmark import Timer

from recon_mm.ops import (
    ball_query,
    chamfer_distance,
    furthest_point_sample,
    gather_points,
    group_points,
    knn,
    three_interpolate,
)
from recon_mm.ops._distance import nearest_by_matrix
from recon_mm.ops.ball_query import in_ball_by_matrix
from recon_mm.ops.compiled import has_cuda_ops
from recon_mm.ops.furthest_point_sample import sample_torch

Forms = dict[str, Callable[[], Tensor]]
CLOUDS = [(32, 1024, 64), (8, 8192, 512), (2, 40000, 1024), (1, 100000, 2048)]
GROUP_SIZE = 32
ROUNDS = 5


def plain_sample(points: Tensor, num_samples: int) -> Tensor:
    """Furthest point sampling, one cloud and one sample at a time."""
    clouds = []
    for cloud in points:
        nearest = cloud.new_full((len(cloud),), torch.inf)
        picked = [torch.zeros((), dtype=torch.int64, device=cloud.device)]
        for _ in range(num_samples - 1):
            nearest = torch.minimum(nearest, (cloud - cloud[picked[-1]]).square().sum(-1))
            picked.append(nearest.argmax())
        clouds.append(torch.stack(picked))
    return torch.stack(clouds)


def plain_knn(query: Tensor, points: Tensor, k: int) -> Tensor:
    """Neighbors from one matrix of distances (by differences), sorted indices."""
    distance = torch.cdist(query, points, compute_mode='donot_use_mm_for_euclid_dist')
    return distance.topk(k, largest=False)[1].sort(-1).values


def plain_interpolate(query: Tensor, source: Tensor, features: Tensor) -> Tensor:
    """Interpolation through a (B, N, 3, C) tensor."""
    near, index = torch.cdist(query, source, compute_mode='donot_use_mm_for_euclid_dist').topk(
        3, largest=False
    )
    weight = 1 / (near.square() + 1e-8)
    weight = weight / weight.sum(-1, keepdim=True)
    wide = index.flatten(1)[..., None].expand(-1, -1, features.shape[-1])
    return (features.gather(1, wide).view(*index.shape, -1) * weight[..., None]).sum(2)


def plain_chamfer(prediction: Tensor, target: Tensor) -> Tensor:
    """Chamfer with autograd through all distances."""
    distance = (prediction[:, :, None] - target[:, None]).square().sum(-1)
    return distance.amin(2).mean() + distance.amin(1).mean()


def cdist_chamfer(prediction: Tensor, target: Tensor) -> Tensor:
    """Chamfer with autograd through torch.cdist."""
    distance = torch.cdist(prediction, target, compute_mode='donot_use_mm_for_euclid_dist')
    return distance.amin(2).square().mean() + distance.amin(1).square().mean()


def sampling(device: str) -> Iterator[tuple[str, Forms]]:
    """Furthest point sampling."""
    for batch, num_points, num_samples in CLOUDS:
        points = torch.randn(batch, num_points, 3).to(device)
        forms: Forms = {
            'plain: loop over clouds': lambda p=points, n=num_samples: plain_sample(p, n),
            'torch, whole batch': lambda p=points, n=num_samples: sample_torch(p, n),
            'ours': lambda p=points, n=num_samples: furthest_point_sample(p, n),
        }
        if device == 'cpu' and find_spec('fpsample'):
            import fpsample

            forms['fpsample'] = lambda p=points, n=num_samples: torch.from_numpy(
                np.stack([fpsample.fps_sampling(x, n, start_idx=0) for x in p.numpy()]).astype(int)
            )
        if device == 'cuda' and has_cuda_ops():
            from mmcv import ops

            forms['mmcv'] = lambda p=points, n=num_samples: ops.furthest_point_sample(p, n)
        yield f'sample ({batch}, {num_points}) → {num_samples}', forms


def neighbors(device: str) -> Iterator[tuple[str, Forms]]:
    """The 32 neighbors of the centers."""
    for batch, num_points, num_groups in CLOUDS:
        points = torch.randn(batch, num_points, 3).to(device)
        query = gather_points(points, furthest_point_sample(points, num_groups))
        args = (query, points, GROUP_SIZE)
        forms: Forms = {
            'plain: cdist + topk': lambda a=args: plain_knn(*a),
            'torch, in blocks': lambda a=args: nearest_by_matrix(*a).sort(-1).values,
            'ours': lambda a=args: knn(*a).sort(-1).values,
        }
        if device == 'cuda' and has_cuda_ops():
            from mmcv import ops

            forms['mmcv'] = lambda q=query, p=points: (
                ops.knn(GROUP_SIZE, p, q).transpose(1, 2).sort(-1).values
            )
        yield f'kNN {num_groups} of {num_points} x {batch}, k={GROUP_SIZE}', forms


def plain_ball(query: Tensor, points: Tensor, radius: float, num_samples: int) -> Tensor:
    """The first points in a ball, by sorting the indices of those inside."""
    distance = torch.cdist(query, points, compute_mode='donot_use_mm_for_euclid_dist')
    outside = points.shape[1]
    index = torch.arange(outside, device=points.device).expand(distance.shape)
    index = index.where(distance < radius, outside).sort(-1).values[..., :num_samples]
    return index.where(index < outside, index[..., :1])


def balls(device: str) -> Iterator[tuple[str, Forms]]:
    """The first 32 points within a radius of the centers (scenes)."""
    for batch, num_points, num_groups in CLOUDS[2:]:
        points = torch.rand(batch, num_points, 3).to(device)
        query = gather_points(points, furthest_point_sample(points, num_groups))
        args = (query, points, 0.05, GROUP_SIZE)
        forms: Forms = {
            'plain: cdist + sort': lambda a=args: plain_ball(*a),
            'torch, in blocks': lambda q=query, p=points: in_ball_by_matrix(
                q, p, 0.0, 0.05, GROUP_SIZE
            ),
            'ours': lambda a=args: ball_query(*a),
        }
        yield f'ball query {num_groups} of {num_points} x {batch}, k={GROUP_SIZE}', forms


def grouping(device: str) -> Iterator[tuple[str, Forms]]:
    """Sampling and grouping together."""

    def plain(points: Tensor, num_groups: int) -> Tensor:
        center = gather_points(points, plain_sample(points, num_groups))
        return plain_knn(center, points, GROUP_SIZE)

    for batch, num_points, num_groups in CLOUDS[:2]:
        points = torch.randn(batch, num_points, 3).to(device)
        yield (
            f'group ({batch}, {num_points}) → {num_groups} x {GROUP_SIZE}',
            {
                'plain': lambda p=points, n=num_groups: plain(p, n),
                'ours': lambda p=points, n=num_groups: (
                    group_points(p, n, GROUP_SIZE).group_index.sort(-1).values
                ),
            },
        )


def interpolation(device: str) -> Iterator[tuple[str, Forms]]:
    """Interpolation, forward and backward."""
    for batch, num_points, num_groups, channels in [(16, 2048, 128, 1152), (1, 100000, 1024, 256)]:
        query = torch.randn(batch, num_points, 3).to(device)
        source = query[:, :num_groups].clone()
        features = torch.randn(batch, num_groups, channels).to(device).requires_grad_()

        def step(form: Callable[..., Tensor], q=query, s=source, f=features) -> Tensor:
            out = form(q, s, f)
            return torch.autograd.grad(out.square().sum(), f)[0]

        forms: Forms = {
            'plain: gather, weigh, sum': lambda step=step: step(plain_interpolate),
            'ours': lambda step=step: step(three_interpolate),
        }
        if device == 'cuda' and has_cuda_ops():
            from mmcv import ops

            def compiled(q: Tensor, s: Tensor, f: Tensor) -> Tensor:
                near, index = ops.three_nn(q, s)
                weight = 1 / (near.square() + 1e-8)
                weight = weight / weight.sum(-1, keepdim=True)
                wide = f.transpose(1, 2).contiguous()
                return ops.three_interpolate(wide, index, weight).transpose(1, 2)

            forms['mmcv'] = lambda step=step: step(compiled)
        yield f'interpolate ({batch}, {num_points}) of {num_groups}, C={channels}, f+b', forms


def chamfer(device: str) -> Iterator[tuple[str, Forms]]:
    """Chamfer of the masked groups, forward and backward."""
    for groups, size in [(32 * 38, 32), (64 * 38, 32), (256 * 38, 32)]:
        prediction = torch.randn(groups, size, 3).to(device).requires_grad_()
        target = torch.randn(groups, size, 3).to(device)

        def step(form: Callable[..., Tensor], p=prediction, t=target) -> Tensor:
            return torch.autograd.grad(form(p, t), p)[0]

        yield (
            f'Chamfer {groups} x {size}, f+b',
            {
                'plain: all distances': lambda step=step: step(plain_chamfer),
                'cdist': lambda step=step: step(cdist_chamfer),
                'ours': lambda step=step: step(chamfer_distance),
            },
        )


def same(result: Tensor, reference: Tensor) -> float:
    """The share of equal entries (indices), or of entries equal to 1e-4 of the largest."""
    if result.is_floating_point():
        close = (result - reference).abs() <= 1e-4 * reference.abs().max()
        return close.float().mean().item()
    return (result == reference).float().mean().item()


def medians_ms(forms: Forms, threads: int, seconds: float) -> list[float]:
    """Median milliseconds of a call of each form, the forms taking turns.

    Turns keep the ratios fair on a machine whose load changes.
    """
    timers = [Timer('form()', globals={'form': f}, num_threads=threads) for f in forms.values()]
    first = [timer.timeit(1).mean for timer in timers]
    counts = [max(1, int(seconds / ROUNDS / once)) for once in first]
    turns = [[t.timeit(n).mean for t, n in zip(timers, counts)] for _ in range(ROUNDS)]
    return (np.median(turns, axis=0) * 1e3).tolist()


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument('--device', default='cuda' if torch.cuda.is_available() else 'cpu')
    parser.add_argument('--threads', type=int, default=torch.get_num_threads())
    parser.add_argument('--seconds', type=float, default=1.0, help='time spent on each form')
    args = parser.parse_args()
    torch.manual_seed(0)
    torch.set_num_threads(args.threads)
    name = torch.cuda.get_device_name() if args.device == 'cuda' else 'CPU'
    built = 'with' if has_cuda_ops() else 'without'
    print(
        f'{name}, {args.threads} threads, torch {torch.__version__}, numpy {np.__version__}, '
        f'mmcv {mmcv.__version__} {built} CUDA ops\n\n'
        '| operation | form | ms | times faster | same |\n|---|---|---:|---:|---:|'
    )
    for operation in (sampling, neighbors, balls, grouping, interpolation, chamfer):
        for size, forms in operation(args.device):
            results = [form() for form in forms.values()]
            times = medians_ms(forms, args.threads, args.seconds)
            for form_name, result, elapsed in zip(forms, results, times):
                print(
                    f'| {size} | {form_name} | {elapsed:.1f} | {times[0] / elapsed:.1f} '
                    f'| {same(result, results[0]):.4f} |',
                    flush=True,
                )


if __name__ == '__main__':
    main()
