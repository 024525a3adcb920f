"""Fine-tuning and part segmentation, line by line."""

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .recon import PlainEncoder
from .transformer import PlainReConBlock


def fine_tuned(encoder: PlainEncoder) -> PlainEncoder:
    """The encoder whose global tokens send their gradient to the patches."""
    for module in encoder.modules():
        if isinstance(module, PlainReConBlock):
            module.stop_gradient = False
    return encoder


class PlainClassifier(nn.Module):
    """Encoder, the three global tokens and the maximum over patches, three layers.

    Args:
        embed_dims: Token width C.
        depth: Blocks.
        num_heads: Attention heads.
        num_classes: Classes.
        drop_path_rate: Largest rate, reached linearly at the last block.
    """

    def __init__(
        self, embed_dims: int, depth: int, num_heads: int, num_classes: int, drop_path_rate: float
    ) -> None:
        super().__init__()
        self.MAE_encoder = fine_tuned(PlainEncoder(embed_dims, depth, num_heads, drop_path_rate))
        self.cls_head_finetune = nn.Sequential(
            *(nn.Linear(4 * embed_dims, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.5)),
            *(nn.Linear(256, 256), nn.BatchNorm1d(256), nn.ReLU(), nn.Dropout(0.5)),
            nn.Linear(256, num_classes),
        )

    def forward(self, neighborhood: Tensor, center: Tensor) -> Tensor:
        """Logits ``(B, classes)``."""
        tokens = self.MAE_encoder(neighborhood, center, torch.zeros(center.shape[:2]).bool())
        feature = torch.cat([tokens[:, :3].flatten(1), tokens[:, 3:].max(1).values], dim=1)
        return self.cls_head_finetune(feature)


def interpolate(points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
    """Tokens ``(B, G, D)`` at the points ``(B, N, 3)``, from the three nearest centers."""
    clouds = []
    for cloud, middle, token in zip(points, center, tokens):
        distance = (cloud[:, None] - middle[None]).square().sum(-1)  # (N, G)
        near, index = distance.topk(3, largest=False)
        weight = 1 / (near + 1e-8)
        weight = weight / weight.sum(1, keepdim=True)  # (N, 3)
        clouds.append((token[index] * weight[..., None]).sum(1))
    return torch.stack(clouds)


class PlainPropagation(nn.Module):
    """Interpolated tokens joined to each point's coordinates, two layers on top."""

    def __init__(self, token_dims: int, hidden_dims: int) -> None:
        super().__init__()
        self.mlp_convs = nn.ModuleList(
            [nn.Conv1d(3 + token_dims, hidden_dims, 1), nn.Conv1d(hidden_dims, 1024, 1)]
        )
        self.mlp_bns = nn.ModuleList([nn.BatchNorm1d(hidden_dims), nn.BatchNorm1d(1024)])

    def forward(self, points: Tensor, center: Tensor, tokens: Tensor) -> Tensor:
        """``(B, 1024, N)``."""
        upsampled = interpolate(points, center, tokens)
        features = torch.cat([points, upsampled], dim=2).transpose(1, 2)
        for conv, norm in zip(self.mlp_convs, self.mlp_bns):
            features = F.relu(norm(conv(features)))
        return features


class PlainPartSegmentor(nn.Module):
    """Encoder, upsampling of three blocks' tokens, and layers on every point.

    Args:
        embed_dims: Token width C.
        depth: Blocks.
        num_heads: Attention heads.
        levels: The blocks whose tokens are joined, counted from 0.
        num_categories: Categories of shapes.
        num_parts: Parts of all categories.
        drop_path_rate: Largest rate, reached linearly at the last block.
    """

    def __init__(
        self,
        embed_dims: int,
        depth: int,
        num_heads: int,
        levels: tuple[int, int, int],
        num_categories: int,
        num_parts: int,
        drop_path_rate: float,
    ) -> None:
        super().__init__()
        self.levels = levels
        self.MAE_encoder = fine_tuned(PlainEncoder(embed_dims, depth, num_heads, drop_path_rate))
        self.propagation_0 = PlainPropagation(3 * embed_dims, 4 * embed_dims)
        self.label_conv = nn.Sequential(
            nn.Conv1d(num_categories, 64, 1, bias=False), nn.BatchNorm1d(64), nn.LeakyReLU(0.2)
        )
        self.convs1 = nn.Conv1d(1024 + 7 * embed_dims + 64, 512, 1)
        self.convs2, self.convs3 = nn.Conv1d(512, 256, 1), nn.Conv1d(256, num_parts, 1)
        self.bns1, self.bns2 = nn.BatchNorm1d(512), nn.BatchNorm1d(256)
        self.dp1 = nn.Dropout(0.5)
        self.num_categories = num_categories

    def forward(
        self, points: Tensor, neighborhood: Tensor, center: Tensor, category: Tensor
    ) -> Tensor:
        """Logits ``(B, N, parts)``."""
        encoder, batch = self.MAE_encoder, len(points)
        found = []
        hooks = [
            encoder.blocks.blocks[level].register_forward_hook(lambda *args: found.append(args[2]))
            for level in self.levels
        ]
        encoder(neighborhood, center, torch.zeros(center.shape[:2]).bool())
        for hook in hooks:
            hook.remove()
        tokens = torch.cat([encoder.norm(level)[:, 3:] for level in found], dim=2)  # (B, G, 3C)
        one_hot = F.one_hot(category, self.num_categories).to(tokens.dtype)
        label = self.label_conv(one_hot.reshape(batch, -1, 1))  # (B, 64, 1)
        global_token = found[-1][:, :3].max(1).values
        cloud = torch.cat([tokens.max(1).values, tokens.mean(1), global_token, label[..., 0]], 1)
        features = self.propagation_0(points, center, tokens)  # (B, 1024, N)
        repeated = cloud[..., None].expand(-1, -1, points.shape[1])
        x = torch.cat([features, repeated], dim=1)
        x = self.dp1(F.relu(self.bns1(self.convs1(x))))
        x = F.relu(self.bns2(self.convs2(x)))
        return self.convs3(x).transpose(1, 2)
