"""Mistakes in a config or in its overrides, found and named before anything is built."""

import inspect
import logging
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import mmengine.registry
from mmengine import runner
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import Registry
from torch.nn.utils import clip_grad_norm_, clip_grad_value_
from torch.utils.data import DataLoader

from recon_mm.utils.shipped import nearest

# What MMEngine's runner and this project read of a config, besides the runner's own arguments.
TOP_LEVEL = {
    *inspect.signature(runner.Runner.__init__).parameters,
    *('activation_checkpointing', 'compile', 'custom_imports', 'efficient_conv_bn_eval'),
    *('find_unused_parameters', 'model_wrapper_cfg', 'runner_type', 'sync_bn', 'tta_model'),
} - {'self', 'cfg'}
# What is built where a dictionary does not say it by ``type``.
_UNTYPED: dict[str, tuple[Any, ...]] = {
    **{f'{split}_dataloader': (DataLoader,) for split in ('train', 'val', 'test')},
    'train_cfg': (runner.EpochBasedTrainLoop, runner.IterBasedTrainLoop),
    'val_cfg': (runner.ValLoop,),
    'test_cfg': (runner.TestLoop,),
    'log_processor': (runner.LogProcessor,),
    'randomness': (runner.Runner.set_randomness,),
    'optim_wrapper': (OptimWrapper,),
}
# What MMEngine and mmcv take out of a dictionary before they build the rest.
_TAKEN_OUT = {
    *('_delete_', '_scope_', 'by_epoch', 'constructor', 'convert_to_iter_based', 'override'),
    *('num_batch_per_epoch', 'paramwise_cfg', 'priority', 'requires_grad', 'type'),
}
_CLIPPING = 'optim_wrapper.clip_grad'  # whose type is 'norm' or 'value'
_NEW = inspect.Parameter.empty
_ROOTS = [value for value in vars(mmengine.registry).values() if isinstance(value, Registry)]


class _Arguments(NamedTuple):
    """What the classes of a name take, and whether it is known that they take nothing else."""

    owner: str
    parameters: dict[str, inspect.Parameter]
    complete: bool


@cache
def _arguments(*built: Any) -> _Arguments:
    """The arguments of classes or functions; what is ``**kwargs`` here goes to the parent."""
    parameters: dict[str, inspect.Parameter] = {}
    complete = True
    for each in built:
        for owner in inspect.getmro(each) if inspect.isclass(each) else (each,):
            if inspect.isclass(owner) and '__init__' not in vars(owner):
                continue
            taken = dict(inspect.signature(vars(owner).get('__init__', owner)).parameters)
            variable = {p.kind: taken.pop(n) for n, p in list(taken.items()) if '*' in str(p)}
            rest = variable.get(inspect.Parameter.VAR_KEYWORD)
            parameters = {**taken, **parameters}
            if rest is None:
                complete &= each.__module__.startswith('recon_mm.')
                break
            complete &= owner.__module__.startswith('recon_mm.') and rest.name == 'kwargs'
    parameters.pop('self', None)
    return _Arguments(built[0].__name__, parameters, complete)


@cache
def _registered(name: str, scope: str) -> tuple[Any, ...]:
    """Everything registered under a name, for whatever it is."""
    found = []
    for root in _ROOTS:
        with suppress(ImportError, AttributeError, ValueError):  # it may look like a module
            found.append(root.get(name if '.' in name else f'{scope}.{name}') or root.get(name))
    return tuple(dict.fromkeys(filter(callable, found)))


def _taken_by(node: Mapping | Config, path: str, scope: str) -> _Arguments | None:
    """What a dictionary of the config may hold; ``None`` where nothing is known of it."""
    kind = node.get('type')
    built: tuple[Any, ...]
    if path == _CLIPPING:
        built = clip_grad_norm_, clip_grad_value_
    elif isinstance(kind, str):
        built = _registered(kind, scope)
    else:
        built = (kind,) if callable(kind) else _UNTYPED.get(path, ())
    return _arguments(*built) if built else None


def _unknown(key: str, what: str, known: Any) -> ValueError:
    return ValueError(f"'{key}' is {what}. {nearest(key.rpartition('.')[2], sorted(known))}")


def override(cfg: Config, options: Mapping[str, Any]) -> None:
    """Changes a config by overrides, with all checks.

    Raises:
        ValueError: As :func:`check_options` and :func:`check_config` do.
    """
    check_options(cfg, options)
    cfg.merge_from_dict(dict(options))
    check_config(cfg)


def check_config(cfg: Config) -> None:
    """Looks for names that nothing reads: at the top, and in what is built from a registry.

    Custom names are allowed at the top, unless they come near a known one.

    Raises:
        ValueError: Names the key and the nearest known ones.
    """
    for key in cfg:
        near = get_close_matches(key, TOP_LEVEL, n=1, cutoff=0.8) or [key]
        is_compound = f'_{near[0]}_' in f'_{key}_' or key.startswith('eval_')  # of whole words
        if key not in TOP_LEVEL and not is_compound:
            raise _unknown(key, 'nothing that a run reads', TOP_LEVEL)
    level = cfg.get('log_level', 'INFO')
    if isinstance(level, str) and not isinstance(logging.getLevelName(level), int):
        raise ValueError(f"'log_level' is '{level}', expected DEBUG, INFO, WARNING or ERROR")
    scope = cfg.get('default_scope', 'recon_mm')
    for path, node in _dictionaries({key: cfg[key] for key in cfg if key in TOP_LEVEL}):
        kind = node.get('type')
        checked = scope == 'recon_mm' and path != _CLIPPING
        if checked and isinstance(kind, str) and not _registered(kind, scope):
            registries = [each for root in _ROOTS for each in (root, *root.children.values())]
            known = {name for each in registries for name in each.module_dict}
            raise ValueError(
                f"'{path}.type' is '{kind}', which no registry has. {nearest(kind, sorted(known))} "
                'List the module that registers it in custom_imports'
            )
        if (taken := _taken_by(node, path, scope)) is not None:
            for name in node.keys() - _TAKEN_OUT - taken.parameters.keys():
                if taken.complete or get_close_matches(name, taken.parameters, cutoff=0.75):
                    what = f'no argument of {taken.owner}'
                    raise _unknown(f'{path}.{name}', what, taken.parameters)


def _dictionaries(value: Any, path: str = '') -> Iterator[tuple[str, Mapping]]:
    """Every dictionary in a config below its top, with the key that leads to it.

    What stored features are made from (``expect``) describes data and builds nothing.
    """
    if isinstance(value, Mapping) and path:
        yield path, value
    if isinstance(value, (Mapping, list, tuple)):
        for key, item in value.items() if isinstance(value, Mapping) else enumerate(value):
            if key == 'expect':
                continue
            yield from _dictionaries(item, f'{path}.{key}'.lstrip('.'))


def check_options(cfg: Config, options: Mapping[str, Any]) -> None:
    """Checks overrides before they are merged; :func:`check_config` sees the result.

    Args:
        cfg: The config as its file has it.
        options: From dotted keys to values, as ``--cfg-options`` gives them.

    Raises:
        ValueError: If a key leads nowhere, or a word stands where the config has a number.
    """
    scope = cfg.get('default_scope', 'recon_mm')
    for key, value in options.items():
        node: Any = cfg
        *parents, last = key.split('.')
        for depth, part in enumerate(parents):
            path = '.'.join(parents[:depth])
            node = _step_into(node, part, path, scope, f'{path}.{part}.type'.lstrip('.') in options)
            if node is _NEW:
                break
        else:
            path = '.'.join(parents)
            before = _step_into(node, last, path, scope, is_new=True)
            taken = _taken_by(node, path, scope) if isinstance(node, Mapping) else None
            _check_value(key, value, before, taken.parameters.get(last) if taken else None)


def _step_into(node: Any, part: str, path: str, scope: str, is_new: bool) -> Any:
    """What a key leads to in a part of the config; ``_NEW`` where a new one may be set.

    Args:
        node: The part of the config.
        part: The key in it.
        path: The keys that lead to ``node``.
        scope: The config's default scope.
        is_new: Whether a dictionary that tells nothing of its keys may get another one.
    """
    if isinstance(node, list):
        if part.isdigit() and int(part) < len(node):
            return node[int(part)]
        raise ValueError(f"'{path}.{part}': {path} is a list of {len(node)}, counted from 0")
    if not isinstance(node, (Mapping, Config)):
        raise ValueError(f"'{path}.{part}': {path} is {node!r}, which has no keys")
    if part in node:
        return node[part]
    if not path and part not in TOP_LEVEL:
        raise _unknown(part, 'nothing that a run reads', TOP_LEVEL)
    slip = not is_new or bool(get_close_matches(part, node, cutoff=0.8))
    if path and slip and not _taken_by(node, path, scope):
        raise _unknown(f'{path}.{part}', f'not in {path}', node)
    return _NEW


def _check_value(key: str, value: Any, before: Any, parameter: inspect.Parameter | None) -> None:
    """Refuses a word for a number or a truth value, and one value for a dictionary."""
    if before is _NEW and parameter is not None:
        before = parameter.default
    takes_text = parameter is not None and 'str' in str(parameter.annotation)
    if isinstance(value, str) and isinstance(before, (bool, int, float)) and not takes_text:
        wanted = 'True or False' if isinstance(before, bool) else 'a number'
        raise ValueError(f"'{key}' is {value!r}, expected {wanted} (as {before})")
    if isinstance(value, (str, int, float)) and isinstance(before, Mapping):
        raise ValueError(f"'{key}' has keys ({', '.join(before)}): set one of them, as {key}.KEY=")
