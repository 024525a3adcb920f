"""Times the package's operations on points at the project's sizes, against plain ones.

    python -m benchmarks.ops [--device cuda] [--threads 1] [--seconds 1.0]

Implementations take turns; "times faster" is ours against the plain one. "torch" is what runs where
neither a tree nor mmcv's CUDA ops can; "ours" uses these where it can. "same" is the share of the
plain results (indices, values) that every other implementation reproduces.
"""

import argparse
from collections.abc import Callable, Iterator, Sequence

import mmcv
import torch
from torch import Tensor

from recon_mm.ops import (
    ball_query,
    chamfer_distance,
    furthest_point_sample,
    gather_points,
    greedy_order,
    group_points,
    knn,
    three_interpolate,
)
from recon_mm.ops._distance import nearest_by_matrix
from recon_mm.ops.ball_query import in_ball_by_matrix
from recon_mm.ops.compiled import has_cuda_ops
from recon_mm.ops.furthest_point_sample import sample_torch

from .machine import add_arguments, heading, medians_ms
from .table import Row, print_table

Calls = dict[str, Callable[[], Tensor]]
Clouds = Sequence[tuple[int, int, int]]  # batch, points, samples
CLOUDS: Clouds = [(32, 1024, 64), (8, 8192, 512), (2, 40000, 1024), (1, 100000, 2048)]
TEST_CLOUDS: Clouds = [(2, 128, 8), (1, 256, 16), (1, 512, 16)]
GROUP_SIZE = 32
INTERPOLATED = [(16, 2048, 128, 1152), (1, 100000, 1024, 256)]
GROUPS = [(32 * 38, 32), (64 * 38, 32), (256 * 38, 32)]


def plain_sample(points: Tensor, num_samples: int) -> Tensor:
    """Furthest point sampling, one cloud and one sample at a time."""
    clouds = []
    for cloud in points:
        nearest = cloud.new_full((len(cloud),), torch.inf)
        selected = [torch.zeros((), dtype=torch.int64, device=cloud.device)]
        for _ in range(num_samples - 1):
            nearest = torch.minimum(nearest, (cloud - cloud[selected[-1]]).square().sum(-1))
            selected.append(nearest.argmax())
        clouds.append(torch.stack(selected))
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


def sampling(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """Furthest point sampling."""
    for batch, num_points, num_samples in clouds:
        points = torch.randn(batch, num_points, 3).to(device)
        calls: Calls = {
            'plain': lambda p=points, n=num_samples: plain_sample(p, n),
            'torch': lambda p=points, n=num_samples: sample_torch(p, n),
            'ours': lambda p=points, n=num_samples: furthest_point_sample(p, n),
        }
        if device == 'cuda' and has_cuda_ops():
            from mmcv import ops

            calls['mmcv'] = lambda p=points, n=num_samples: ops.furthest_point_sample(p, n)
        yield f'sample ({batch}, {num_points}) → {num_samples}', calls


def neighbors(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """The 32 neighbors of the centers."""
    for batch, num_points, num_groups in clouds:
        points = torch.randn(batch, num_points, 3).to(device)
        query = gather_points(points, furthest_point_sample(points, num_groups))
        args = (query, points, GROUP_SIZE)
        calls: Calls = {
            'plain': lambda a=args: plain_knn(*a),
            'torch': lambda a=args: nearest_by_matrix(*a).sort(-1).values,
            'ours': lambda a=args: knn(*a).sort(-1).values,
        }
        if device == 'cuda' and has_cuda_ops():
            from mmcv import ops

            calls['mmcv'] = lambda q=query, p=points: (
                ops.knn(GROUP_SIZE, p, q).transpose(1, 2).sort(-1).values
            )
        yield f'kNN {num_groups} of {num_points} x {batch}, k={GROUP_SIZE}', calls


def plain_ball(query: Tensor, points: Tensor, radius: float, num_samples: int) -> Tensor:
    """The first points in a ball, by sorting the indices of those inside."""
    distance = torch.cdist(query, points, compute_mode='donot_use_mm_for_euclid_dist')
    outside = points.shape[1]
    index = torch.arange(outside, device=points.device).expand(distance.shape)
    index = index.where(distance < radius, outside).sort(-1).values[..., :num_samples]
    return index.where(index < outside, index[..., :1])


def balls(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """The first 32 points within a radius of the centers (scenes)."""
    for batch, num_points, num_groups in clouds[2:]:
        points = torch.rand(batch, num_points, 3).to(device)
        query = gather_points(points, furthest_point_sample(points, num_groups))
        args = (query, points, 0.05, GROUP_SIZE)
        calls: Calls = {
            'plain': lambda a=args: plain_ball(*a),
            'torch': lambda q=query, p=points: in_ball_by_matrix(q, p, 0.0, 0.05, GROUP_SIZE),
            'ours': lambda a=args: ball_query(*a),
        }
        yield f'ball query {num_groups} of {num_points} x {batch}, k={GROUP_SIZE}', calls


def grouping(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """Sampling and grouping together."""

    def plain(points: Tensor, num_groups: int) -> Tensor:
        center = gather_points(points, plain_sample(points, num_groups))
        return plain_knn(center, points, GROUP_SIZE)

    for batch, num_points, num_groups in clouds[:2]:
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


def plain_order(center: Tensor) -> Tensor:
    """The walk from center to nearest center, one cloud after the other."""
    clouds = []
    for cloud in center:
        visited = torch.zeros(len(cloud), dtype=torch.bool, device=cloud.device)
        order = [torch.zeros((), dtype=torch.int64, device=cloud.device)]
        for _ in range(len(cloud) - 1):
            visited[order[-1]] = True
            distance = (cloud - cloud[order[-1]]).square().sum(-1)
            order.append(distance.masked_fill(visited, torch.inf).argmin())
        clouds.append(torch.stack(order))
    return torch.stack(clouds)


def ordering(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """ReCon++'s greedy order of the centers."""
    for batch, _, num_groups in clouds[:2]:
        center = torch.randn(batch, num_groups, 3).to(device)
        yield (
            f'greedy order ({batch}, {num_groups})',
            {
                'plain': lambda c=center: plain_order(c),
                'ours': lambda c=center: greedy_order(c),
            },
        )


def interpolation(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """Interpolation, forward and backward."""
    for batch, num_points, num_groups, channels in (
        INTERPOLATED if clouds is CLOUDS else [(2, 64, 8, 4)]
    ):
        query = torch.randn(batch, num_points, 3).to(device)
        source = query[:, :num_groups].clone()
        features = torch.randn(batch, num_groups, channels).to(device).requires_grad_()

        def step(implementation: Callable[..., Tensor], q=query, s=source, f=features) -> Tensor:
            out = implementation(q, s, f)
            return torch.autograd.grad(out.square().sum(), f)[0]

        calls: Calls = {
            'plain': lambda step=step: step(plain_interpolate),
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

            calls['mmcv'] = lambda step=step: step(compiled)
        yield f'interpolate ({batch}, {num_points}) of {num_groups}, C={channels}, f+b', calls


def chamfer(device: str, clouds: Clouds) -> Iterator[tuple[str, Calls]]:
    """Chamfer of the masked groups, forward and backward."""
    for groups, size in GROUPS if clouds is CLOUDS else [(4, 8)]:
        prediction = torch.randn(groups, size, 3).to(device).requires_grad_()
        target = torch.randn(groups, size, 3).to(device)

        def step(implementation: Callable[..., Tensor], p=prediction, t=target) -> Tensor:
            return torch.autograd.grad(implementation(p, t), p)[0]

        yield (
            f'Chamfer {groups} x {size}, f+b',
            {
                'plain': lambda step=step: step(plain_chamfer),
                'ours': lambda step=step: step(chamfer_distance),
            },
        )


def same(result: Tensor, reference: Tensor) -> float:
    """The share of equal entries (indices), or of entries equal to 1e-4 of the largest."""
    if result.is_floating_point():
        close = (result - reference).abs() <= 1e-4 * reference.abs().max()
        return close.float().mean().item()
    return (result == reference).float().mean().item()


OPERATIONS = (sampling, neighbors, balls, grouping, ordering, interpolation, chamfer)


def rows(device: str, threads: int, seconds: float, clouds: Clouds = CLOUDS) -> Iterator[Row]:
    """A row for each operation and size.

    Args:
        device: Where to run.
        threads: Threads per call.
        seconds: Approximate time spent on each implementation.
        clouds: The sizes.
    """
    torch.manual_seed(0)
    torch.set_num_threads(threads)
    for operation in OPERATIONS:
        for size, calls in operation(device, clouds):
            results = [call() for call in calls.values()]
            times = medians_ms(list(calls.values()), threads, seconds)
            by_name = dict(zip(calls, times))
            yield {
                'operation': size,
                **{f'{name}, ms': elapsed for name, elapsed in by_name.items()},
                'times faster': by_name['plain'] / by_name['ours'],
                'same': f'{min(same(result, results[0]) for result in results):.4f}',
            }


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or '').splitlines()[0])
    add_arguments(parser)
    parser.add_argument('--seconds', type=float, default=1.0, help='spent on each implementation')
    args = parser.parse_args()
    built = 'with' if has_cuda_ops() else 'without'
    print(f'{heading(args)}; mmcv {mmcv.__version__} {built} CUDA ops\n')
    print_table(rows(args.device, args.threads, args.seconds))


if __name__ == '__main__':
    main()
