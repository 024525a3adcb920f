"""What the command-line tools do to a config before MMEngine's runner takes it."""

import torch
from mmengine.config import Config


def prepare_launcher(cfg: Config, launcher: str) -> None:
    """Sets the launcher, and makes several processes work on a machine without a GPU.

    MMEngine's distributed start assumes one CUDA device for each process. Without any, processes
    talk through gloo, and the model wrapper is told of no device.

    Args:
        cfg: The config, changed in place.
        launcher: ``'none'``, ``'pytorch'``, ``'slurm'`` or ``'mpi'``.
    """
    cfg.launcher = launcher
    if launcher == 'none' or torch.cuda.is_available():
        return
    cfg.env_cfg.dist_cfg = {'backend': 'gloo'}
    cfg.model_wrapper_cfg = {
        'type': 'MMDistributedDataParallel',
        'device_ids': None,
        'broadcast_buffers': False,
    }
    if launcher == 'pytorch' and not torch.distributed.is_initialized():
        torch.distributed.init_process_group('gloo')
