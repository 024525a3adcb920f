"""Base of the frozen teachers, which the model uses without owning them."""

from abc import ABC, abstractmethod
from collections.abc import Callable

import torch
from torch import Tensor, nn


class _Hidden:
    """Hides a network from ``nn.Module``; deep copies share it."""

    def __init__(self) -> None:
        self.network: nn.Module | None = None
        self.device = torch.device('cpu')

    def __deepcopy__(self, memo: dict) -> '_Hidden':
        return self  # an EMA copy of the model needs no second teacher


class FrozenTeacher(nn.Module, ABC):
    """A fixed network that gives the student its targets.

    Its weights appear in no ``parameters()``, ``state_dict()``, optimizer, EMA copy or
    synchronization between processes, yet follow ``.to(device)``. They stay float32 whatever the
    student's precision, in eval mode, without gradient, outside autocast: targets must not depend
    on how the student is trained. Nothing is loaded before the first use or :meth:`prepare`.

    A subclass says what the network is (:meth:`build_network`) and what it does with the inputs
    (:meth:`encode`).
    """

    def __init__(self) -> None:
        super().__init__()
        self._hidden = _Hidden()

    @property
    @abstractmethod
    def feature_dims(self) -> int:
        """Width D of the features."""

    @abstractmethod
    def describe(self) -> dict:
        """Which teacher this is, as a dictionary that a cache stores and compares."""

    @abstractmethod
    def build_network(self, device: torch.device) -> nn.Module:
        """Builds the network with its weights; ``device`` is where it will be used."""

    @abstractmethod
    def encode(self, network: nn.Module, inputs: dict[str, Tensor]) -> Tensor:
        """Features ``(B, D)`` of a batch; called without gradient and autocast."""

    @property
    def trained(self) -> bool:
        """Whether its weights are trained ones; a teacher without ``pretrained`` has no others."""
        return bool(getattr(self, 'pretrained', True))

    def prepare(self) -> None:
        """Loads the weights now instead of at the first batch; does nothing the second time."""
        if self._hidden.network is not None:
            return
        # Built in inference mode, its tensors could never be used in training.
        with torch.inference_mode(False), torch.no_grad():
            network = self.build_network(self._hidden.device)
        network.requires_grad_(False).eval().float()
        self._hidden.network = network.to(self._hidden.device)

    def forward(self, inputs: dict[str, Tensor]) -> Tensor:
        """Target features of a batch.

        Args:
            inputs: The model's inputs; the subclass decides which key is read.

        Returns:
            ``(B, D)`` float32, without gradient.
        """
        if self._hidden.network is None:
            self.prepare()
        network = self._hidden.network
        assert network is not None
        with torch.no_grad(), torch.autocast(self._hidden.device.type, enabled=False):
            return self.encode(network, inputs)

    def train(self, mode: bool = True) -> 'FrozenTeacher':
        """Stays in eval mode; dropout and batch statistics never touch a target."""
        return super().train(False)

    def _apply(self, fn: Callable, recurse: bool = True) -> 'FrozenTeacher':
        # `fn` is what .to(), .cuda(), .half()... do to one tensor: follow its device, not its type.
        super()._apply(fn, recurse)
        hidden = self._hidden
        hidden.device = fn(torch.zeros(1, device=hidden.device)).device
        if hidden.network is not None:
            hidden.network.to(hidden.device)
        return self


def require_input(inputs: dict[str, Tensor], key: str, reader: str) -> Tensor:
    """Reads one input.

    Raises:
        KeyError: If it is missing; the message says where it comes from.
    """
    if key not in inputs:
        raise KeyError(
            f"{reader} needs inputs['{key}'], the batch has {sorted(inputs)}; add '{key}' to "
            'input_keys of PackPointInputs and load it in the pipeline'
        )
    return inputs[key]
