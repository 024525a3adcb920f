"""Parameter groups of ReCon: few, so that one fused kernel updates many parameters."""

from collections.abc import Iterable

from mmengine.optim import DefaultOptimWrapperConstructor
from torch import nn

from recon_mm.registry import OPTIM_WRAPPER_CONSTRUCTORS
from recon_mm.utils.shipped import nearest

_KEYS = ('custom_keys', 'flat_decay_mult', 'layer_decay_rate')
_CUSTOM_KEYS = ('decay_mult', 'flat_decay_mult', 'lr_mult')


@OPTIM_WRAPPER_CONSTRUCTORS.register_module()
class GroupedOptimWrapperConstructor(DefaultOptimWrapperConstructor):
    """MMEngine's ``paramwise_cfg`` with factors that multiply, and equal parameters merged.

    In MMEngine a parameter that matches a key of ``custom_keys`` escapes every other rule (the
    bias of a head with ``lr_mult`` is decayed), and each parameter becomes its own group
    (hundreds of optimizer launches per step). Here every matching key and ``flat_decay_mult``
    multiply, and parameters with the same learning rate and weight decay share a group.

    Its keys in ``paramwise_cfg``; any other is refused, MMEngine's others, too:

    Attributes:
        flat_decay_mult: Factor on the weight decay of vectors (biases and norms).
        custom_keys: Part of a parameter's name to ``dict(lr_mult=..., decay_mult=...)``; a
            ``flat_decay_mult`` there replaces the common one.
        layer_decay_rate: Factor on the learning rate from each layer of the backbone to the one
            before it; the last layer and everything outside the backbone have the full rate. The
            backbone tells which layer a parameter is in (``get_layer_depth``, as in mmpretrain).
    """

    def _validate_cfg(self) -> None:
        """Checks the names of the keys, which MMEngine passes over.

        Raises:
            ValueError: If one is unknown.
        """
        super()._validate_cfg()
        _check_keys('paramwise_cfg', self.paramwise_cfg, _KEYS)
        for name, options in self.paramwise_cfg.get('custom_keys', {}).items():
            _check_keys(f"paramwise_cfg.custom_keys['{name}']", options, _CUSTOM_KEYS)

    def add_params(self, params: list[dict], module: nn.Module, **kwargs) -> None:
        """Appends the groups of all trainable parameters of ``module`` to ``params``.

        Raises:
            TypeError: If ``layer_decay_rate`` is given and the backbone cannot name its layers.
        """
        custom_keys = self.paramwise_cfg.get('custom_keys', {})
        flat_decay_mult = self.paramwise_cfg.get('flat_decay_mult', 1.0)
        groups: dict[tuple[float, float], list[nn.Parameter]] = {}
        for name, parameter in module.named_parameters():
            if not parameter.requires_grad:
                continue
            matches = [options for key, options in custom_keys.items() if key in name]
            flat = [o['flat_decay_mult'] for o in matches if 'flat_decay_mult' in o]
            lr_mult = self._layer_factor(module, name)
            decay_mult = (flat or [flat_decay_mult])[-1] if parameter.ndim <= 1 else 1.0
            for options in matches:
                lr_mult *= options.get('lr_mult', 1.0)
                decay_mult *= options.get('decay_mult', 1.0)
            groups.setdefault((lr_mult, decay_mult), []).append(parameter)
        # The group of the base learning rate comes first: it is the one that MMEngine logs.
        for lr_mult, decay_mult in sorted(groups, key=lambda key: (key[0] != 1, key)):
            group: dict = {'params': groups[lr_mult, decay_mult], 'lr': self.base_lr * lr_mult}
            if self.base_wd is not None:
                group['weight_decay'] = self.base_wd * decay_mult
            params.append(group)

    def _layer_factor(self, module: nn.Module, name: str) -> float:
        rate = self.paramwise_cfg.get('layer_decay_rate', 1.0)
        prefix = 'backbone.'
        if rate == 1.0 or not name.startswith(prefix):
            return 1.0
        backbone = module.get_submodule('backbone')
        get_layer_depth = getattr(backbone, 'get_layer_depth', None)
        if get_layer_depth is None:
            raise TypeError(
                f'layer_decay_rate={rate} needs a backbone with get_layer_depth, such as '
                f'ReConTransformer; {type(backbone).__name__} has none: leave it out'
            )
        layer, num_layers = get_layer_depth(name, prefix)
        return rate ** (num_layers - 1 - layer)


def _check_keys(where: str, given: Iterable[str], known: tuple[str, ...]) -> None:
    for key in given:
        if key not in known:
            raise ValueError(f"{where} has '{key}', which is unknown. {nearest(key, known)}")
