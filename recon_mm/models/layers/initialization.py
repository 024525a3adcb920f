"""Initial values of linear layers, as the release sets them."""

from torch import nn


def init_linear_truncated(module: nn.Module, std: float = 0.02) -> None:
    """Every linear layer inside: weight truncated normal, bias zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.trunc_normal_(layer.weight, std=std)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_linear_xavier(module: nn.Module) -> None:
    """Every linear layer inside: weight Xavier uniform, bias zero."""
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def init_linear_projection(module: nn.Module) -> None:
    """Every linear layer inside: weight normal (mean 0.02, std 0.01), bias zero.

    The unusual mean is the release's, for the projections of the global tokens.
    """
    for layer in module.modules():
        if isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, mean=0.02, std=0.01)
            nn.init.zeros_(layer.bias)
