"""All parts at once, for MMEngine's functions that know packages by this name."""

from mmengine.registry import init_default_scope as set_default_scope

from recon_mm import registry


def register_all_modules(init_default_scope: bool = True) -> None:
    """Imports every part, as ``mmengine.hub.get_model('recon_mm::...')`` asks of a package.

    Args:
        init_default_scope: Whether configs are read with this package's names from here on.
    """
    for part in ('MODELS', 'DATASETS', 'TRANSFORMS', 'METRICS', 'HOOKS', 'INFERENCERS'):
        getattr(registry, part).import_from_location()
    if init_default_scope:
        set_default_scope('recon_mm')
