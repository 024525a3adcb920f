"""Mistakes in a config or in its overrides, found and named before anything is built."""

import inspect
from collections.abc import Iterator, Mapping
from contextlib import suppress
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

import mmengine.registry
from mmengine.config import Config
from mmengine.optim import OptimWrapper
from mmengine.registry import Registry
from mmengine.runner import (
    EpochBasedTrainLoop,
    IterBasedTrainLoop,
    LogProcessor,
    Runner,
    TestLoop,
    ValLoop,
)
from torch.utils.data import DataLoader

from recon_mm.utils.shipped import nearest

# What MMEngine's runner and this project read of a config, besides the runner's own arguments.
TOP_LEVEL = {
    *inspect.signature(Runner.__init__).parameters,
    *('activation_checkpointing', 'compile', 'custom_imports', 'efficient_conv_bn_eval'),
    *('find_unused_parameters', 'model_wrapper_cfg', 'runner_type', 'sync_bn', 'tta_model'),
} - {'self', 'cfg'}
# What is built where a dictionary does not say it by ``type``.
_UNTYPED: dict[str, tuple[Any, ...]] = {
    **{f'{split}_dataloader': (DataLoader,) for split in ('train', 'val', 'test')},
    **{'train_cfg': (EpochBasedTrainLoop, IterBasedTrainLoop), 'val_cfg': (ValLoop,)},
    **{'test_cfg': (TestLoop,), 'optim_wrapper': (OptimWrapper,)},
    **{'log_processor': (LogProcessor,), 'randomness': (Runner.set_randomness,)},
}
# What MMEngine and mmcv take out of a dictionary before they build the rest.
_TAKEN_OUT = {
    *('_delete_', '_scope_', 'by_epoch', 'constructor', 'convert_to_iter_based', 'override'),
    *('num_batch_per_epoch', 'paramwise_cfg', 'priority', 'requires_grad', 'type'),
}
_VARIABLE = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
_ROOTS = [value for value in vars(mmengine.registry).values() if isinstance(value, Registry)]


class _Arguments(NamedTuple):
    """What the classes of a name take."""

    name: str
    parameters: dict[str, inspect.Parameter]
    takes_any: bool
    is_own: bool


@cache
def _arguments(*built: Any) -> _Arguments:
    """The arguments of classes or functions; what is ``**kwargs`` here goes to the parent."""
    parameters: dict[str, inspect.Parameter] = {}
    takes_any = False
    for each in built:
        owners = inspect.getmro(each) if inspect.isclass(each) else (each,)
        for owner in owners:
            if inspect.isclass(owner) and '__init__' not in vars(owner):
                continue
            taken = inspect.signature(vars(owner).get('__init__', owner)).parameters
            named = {n: p for n, p in taken.items() if n != 'self' and p.kind not in _VARIABLE}
            parameters = {**named, **parameters}
            rest = [n for n, p in taken.items() if p.kind is p.VAR_KEYWORD]
            if rest != ['kwargs'] or not owner.__module__.startswith('recon_mm.'):
                takes_any |= bool(rest)
                break
    own = all(each.__module__.startswith('recon_mm.') for each in built)
    return _Arguments(built[0].__name__, parameters, takes_any, own)


@cache
def _registered(name: str, scope: str) -> tuple[Any, ...]:
    """Everything registered under a name, for whatever it is."""
    found = []
    for root in _ROOTS:
        with suppress(Exception):  # a name may look like a module that cannot be imported
            found.append(root.get(name if '.' in name else f'{scope}.{name}') or root.get(name))
    return tuple(dict.fromkeys(filter(None, found)))


def _all_names() -> list[str]:
    registries = [registry for root in _ROOTS for registry in (root, *root.children.values())]
    return sorted({name for registry in registries for name in registry.module_dict})


def _taken_by(node: Mapping | Config, path: str, scope: str) -> _Arguments | None:
    """What a dictionary of the config may hold; ``None`` where nothing is known of it."""
    kind = node.get('type')
    built = _registered(kind, scope) if isinstance(kind, str) else (kind,) if kind else ()
    built = tuple(filter(callable, built or (_UNTYPED.get(path, ()) if kind is None else ())))
    return _arguments(*built) if built else None


def check_config(cfg: Config) -> None:
    """Looks for names that nothing reads: at the top, and in what is built from a registry.

    Names of one's own are allowed at the top, if they do not look like a slip of a known one.

    Raises:
        ValueError: Names the key and the nearest known ones.
    """
    for key in cfg:
        near = get_close_matches(key, TOP_LEVEL, n=1, cutoff=0.8)
        if key not in TOP_LEVEL and near:
            raise _unknown(key, 'nothing that a run reads', near)
    scope = cfg.get('default_scope', 'recon_mm')
    for path, node in _dictionaries({key: cfg[key] for key in cfg if key in TOP_LEVEL}):
        kind = node.get('type')
        if isinstance(kind, str) and scope == 'recon_mm' and not _registered(kind, scope):
            raise ValueError(
                f"'{path}.type' is '{kind}', which no registry has. {nearest(kind, _all_names())} "
                'A module that registers it belongs into custom_imports'
            )
        if (taken := _taken_by(node, path, scope)) is None:
            continue
        for name in node.keys() - _TAKEN_OUT - taken.parameters.keys():
            near = get_close_matches(name, taken.parameters, n=1, cutoff=0.75)
            if near or (taken.is_own and not taken.takes_any):
                raise _unknown(f'{path}.{name}', f'no argument of {taken.name}', taken.parameters)


def _dictionaries(value: Any, path: str = '') -> Iterator[tuple[str, Mapping]]:
    """Every dictionary in a config below its top, with the key that leads to it."""
    if isinstance(value, Mapping):
        if path:
            yield path, value
        value = value.items()
    elif isinstance(value, (list, tuple)):
        value = enumerate(value)
    else:
        return
    for key, item in value:
        yield from _dictionaries(item, f'{path}.{key}'.lstrip('.'))


def _unknown(key: str, what: str, known: Any) -> ValueError:
    return ValueError(f"'{key}' is {what}. {nearest(key.rpartition('.')[2], sorted(known))}")


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
            if node is None:
                break
        else:
            path = '.'.join(parents)
            before = _step_into(node, last, path, scope, is_new=True)
            taken = _taken_by(node, path, scope) if isinstance(node, Mapping) else None
            _check_value(key, value, before, taken.parameters.get(last) if taken else None)


def _step_into(node: Any, part: str, path: str, scope: str, is_new: bool) -> Any:
    """What a key leads to in a part of the config; ``None`` where a new one may be set.

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
    near = get_close_matches(part, node, n=1, cutoff=0.8)
    if path and not _taken_by(node, path, scope) and (near or not is_new):
        raise _unknown(f'{path}.{part}', f'not in {path}', node)
    return None


def _check_value(
    key: str, value: Any, before: Any, parameter: inspect.Parameter | None = None
) -> None:
    """Refuses a word for a number or a truth value, and one value for a dictionary."""
    if before is None and parameter is not None:
        before = parameter.default
    takes_text = parameter is not None and 'str' in str(parameter.annotation)
    if isinstance(value, str) and isinstance(before, (bool, int, float)) and not takes_text:
        wanted = 'True or False' if isinstance(before, bool) else 'a number'
        raise ValueError(f"'{key}' is {value!r}, expected {wanted} (as {before})")
    if isinstance(value, (str, int, float)) and isinstance(before, Mapping):
        raise ValueError(f"'{key}' has keys ({', '.join(before)}): set one of them, as {key}.KEY=")
