"""Child registries of MMEngine's roots, so that any OpenMMLab library finds these parts.

After ``custom_imports = dict(imports=['recon_mm'])`` another library builds a part by
``type='recon_mm.ReConTransformer'``; within a config whose ``default_scope`` is ``recon_mm`` the
prefix is left out, and everything MMEngine registers itself is found through the parent.
"""

from mmengine import registry as mmengine_registry
from mmengine.registry import Registry


def _child(root: str, *locations: str) -> Registry:
    """A child of one of MMEngine's registries; ``locations`` are imported when first searched.

    An empty one gets a location, too: MMEngine takes a registry without one for an old package.
    """
    parent = getattr(mmengine_registry, root)
    paths = [f'recon_mm.{location}' for location in locations or ('registry',)]
    return Registry(parent.name, parent=parent, scope='recon_mm', locations=paths)


MODELS = _child('MODELS', 'models', 'integrations')
DATASETS = _child('DATASETS', 'datasets')
DATA_SAMPLERS = _child('DATA_SAMPLERS', 'datasets')
TRANSFORMS = _child('TRANSFORMS', 'datasets.transforms')
METRICS = _child('METRICS', 'evaluation')
HOOKS = _child('HOOKS', 'engine', 'integrations', 'visualization')
LOOPS = _child('LOOPS', 'engine')
PARAM_SCHEDULERS = _child('PARAM_SCHEDULERS', 'engine')
OPTIM_WRAPPERS = _child('OPTIM_WRAPPERS', 'engine')
OPTIM_WRAPPER_CONSTRUCTORS = _child('OPTIM_WRAPPER_CONSTRUCTORS', 'engine')
VISUALIZERS = _child('VISUALIZERS', 'visualization')
INFERENCERS = _child('INFERENCERS', 'apis')

# Nothing is registered in these. They exist so that a search for MMEngine's own parts starts
# under this scope too, without a warning.
OPTIMIZERS = _child('OPTIMIZERS')
MODEL_WRAPPERS = _child('MODEL_WRAPPERS')
WEIGHT_INITIALIZERS = _child('WEIGHT_INITIALIZERS')
EVALUATOR = _child('EVALUATOR')
LOG_PROCESSORS = _child('LOG_PROCESSORS')
RUNNERS = _child('RUNNERS')
RUNNER_CONSTRUCTORS = _child('RUNNER_CONSTRUCTORS')
TASK_UTILS = _child('TASK_UTILS')
VISBACKENDS = _child('VISBACKENDS')
