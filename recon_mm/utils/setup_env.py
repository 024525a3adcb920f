"""Registers all parts at once, under the name that MMEngine's functions expect."""

from mmengine.registry import init_default_scope as set_default_scope

from recon_mm import registry


def register_all_modules(init_default_scope: bool = True) -> None:
    """Imports every part, as ``mmengine.hub.get_model('recon_mm::...')`` expects of a package.

    Args:
        init_default_scope: Whether to make ``recon_mm`` the default scope of configs from here on.
    """
    parts = ('MODELS', 'DATASETS', 'TRANSFORMS', 'METRICS', 'HOOKS', 'VISUALIZERS', 'INFERENCERS')
    for part in parts:
        getattr(registry, part).import_from_location()
    if init_default_scope:
        set_default_scope('recon_mm')
