"""Clouds to patches, one cloud at a time, and the distance between point sets."""

import math

import torch
from torch import Tensor


def augment(points: Tensor, num_points: int) -> Tensor:
    """Random subset, normalization, and a random turn about y: ``(B, N, 3)`` to ``(B, n, 3)``."""
    clouds = []
    for cloud in points:
        cloud = cloud[torch.randperm(len(cloud), device=cloud.device)[:num_points]]
        cloud = cloud - cloud.mean(0)
        cloud = cloud / cloud.square().sum(1).sqrt().max()
        angle = 2 * math.pi * torch.rand(()).item()
        cos, sin = math.cos(angle), math.sin(angle)
        turn = cloud.new_tensor([[cos, 0.0, sin], [0.0, 1.0, 0.0], [-sin, 0.0, cos]])
        clouds.append(cloud @ turn.T)
    return torch.stack(clouds)


def sample(cloud: Tensor, num_samples: int) -> Tensor:
    """Furthest point sampling of ``(N, 3)`` from point 0: indices ``(num_samples,)``."""
    nearest = cloud.new_full((len(cloud),), torch.inf)
    picked = [torch.zeros((), dtype=torch.int64, device=cloud.device)]
    for _ in range(num_samples - 1):
        distance = (cloud - cloud[picked[-1]]).square().sum(-1)
        nearest = torch.minimum(nearest, distance)
        picked.append(nearest.argmax())
    return torch.stack(picked)


def group(points: Tensor, num_groups: int, group_size: int) -> tuple[Tensor, Tensor]:
    """Patches of ``(B, N, 3)``: centers ``(B, G, 3)``, relative points ``(B, G, K, 3)``."""
    centers, neighborhoods = [], []
    for cloud in points:
        center = cloud[sample(cloud, num_groups)]
        distance = (center[:, None] - cloud[None]).square().sum(-1)  # (G, N)
        index = distance.topk(group_size, largest=False).indices
        centers.append(center)
        neighborhoods.append(cloud[index] - center[:, None])
    return torch.stack(centers), torch.stack(neighborhoods)


def random_mask(center: Tensor, mask_ratio: float) -> Tensor:
    """Boolean ``(B, G)``, True where hidden."""
    num_groups = center.shape[1]
    num_masked = int(mask_ratio * num_groups)
    masks = []
    for _ in center:
        mask = torch.zeros(num_groups, dtype=torch.bool)
        mask[torch.randperm(num_groups)[:num_masked]] = True
        masks.append(mask)
    return torch.stack(masks).to(center.device)


def chamfer_l2(prediction: Tensor, target: Tensor) -> Tensor:
    """Both directions' means of squared distances, autograd through all pairs."""
    distance = (prediction[:, :, None] - target[:, None]).square().sum(-1)  # (S, P, T)
    return distance.min(2).values.mean() + distance.min(1).values.mean()
