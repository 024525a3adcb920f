"""Single-modal contrast, one sample at a time."""

import torch
import torch.nn.functional as F
from torch import Tensor


def self_contrast(embedding: Tensor, category: Tensor, temperature: float = 0.1) -> Tensor:
    """Cross entropy of each sample's mean positive similarity against its negatives.

    Args:
        embedding: ``(B, D)``.
        category: int64 ``(B,)``.
        temperature: Divides the similarities.
    """
    embedding = F.normalize(embedding, dim=1)
    similarity = embedding @ embedding.T
    losses = []
    for row, own in zip(similarity, category):
        positive = row[category == own].mean().reshape(1)
        logits = torch.cat([positive, row[category != own]]) / temperature
        first = torch.zeros(1, dtype=torch.int64, device=row.device)
        losses.append(F.cross_entropy(logits[None], first))
    return torch.stack(losses).mean()
