"""Processes: how a run finds its others, on a machine without a GPU, too."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import torch
import torch.distributed as dist
from mmengine.config import Config

_STARTED_BY = {
    'pytorch': 'RANK',
    'slurm': 'SLURM_PROCID',
    'mpi': 'OMPI_COMM_WORLD_LOCAL_RANK',
}


def set_launcher(cfg: Config, launcher: str) -> None:
    """Makes several processes work on a machine without a GPU, too.

    MMEngine's distributed start assumes one CUDA device for each process. Without any, processes
    talk through gloo, and the model wrapper is told of no device.

    Raises:
        ValueError: If nothing has started the processes that the launcher stands for.
    """
    variable = _STARTED_BY.get(launcher)
    if variable is not None and variable not in os.environ:
        raise ValueError(
            f'--launcher {launcher}: the variable {variable} is not set, which the program that '
            'starts the processes sets: use tools/dist_train.sh, tools/slurm_train.sh or torchrun'
        )
    cfg.launcher = launcher
    if launcher == 'none' or torch.cuda.is_available():
        return
    cfg.env_cfg = {**cfg.get('env_cfg', {}), 'dist_cfg': {'backend': 'gloo'}}
    cfg.model_wrapper_cfg = {
        'type': 'MMDistributedDataParallel',
        'device_ids': None,
        'broadcast_buffers': False,
    }
    if launcher == 'pytorch' and not dist.is_initialized():
        dist.init_process_group('gloo')


@contextmanager
def process_group() -> Iterator[None]:
    """Leaves the process group in order: without it an exit can abort in a thread of gloo."""
    try:
        yield
    finally:
        if dist.is_available() and dist.is_initialized():
            dist.destroy_process_group()
