"""MMEngine's runner, which says on the console what a person reads, and all in the log file."""

import logging
import os
from typing import Any

import torch
from mmengine.logging import MMLogger
from mmengine.runner import Runner

from recon_mm.utils.safe_checkpoint import CheckpointError

from .checked_state import check_schedules, schedules_before
from .loader_workers import ending_workers

# How the messages begin that are longer than a screen.
_LONG = ('\n' + '-' * 60 + '\nSystem environment:', 'Config:\n', 'Hooks will be executed in')
# MMEngine says this of itself: its save_checkpoint makes such a client whatever it is asked.
_OF_ITSELF = ('"FileClient" will be deprecated', '"HardDiskBackend" is the alias')


class QuietRunner(Runner):
    """MMEngine's runner with some changes.

    Environment, config and the order of hooks, hundreds of lines, go to the log file alone, and
    what MMEngine warns of in its own code.

    Loaders are fitted to the machine: no memory is pinned without a GPU that reads it, and there
    are no more workers than CPUs; they end with the run. What a sample draws does not depend on
    its worker.

    A checkpoint that a run cannot continue from is one error that names it, whatever is wrong
    inside.
    """

    console_level = logging.INFO  # of the messages that go to the console

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.logger.info(f'Config, environment and hooks are in {self.logger.log_file}')

    def build_logger(self, *args: Any, **kwargs: Any) -> MMLogger:
        """MMEngine's logger, whose console leaves out what is long."""
        logger = super().build_logger(*args, **kwargs)
        for handler in logger.handlers:
            if not isinstance(handler, logging.FileHandler):
                handler.addFilter(_is_for_people)
                handler.setLevel(max(handler.level, self.console_level))
        return logger

    @staticmethod
    def build_dataloader(dataloader: Any, *args: Any, **kwargs: Any) -> Any:
        """MMEngine's loader for this machine."""
        if isinstance(dataloader, dict):
            dataloader = fit_to_machine(dataloader)
        return Runner.build_dataloader(dataloader, *args, **kwargs)

    def train(self) -> torch.nn.Module:
        """Trains, and ends the loaders' workers; returns the model."""
        with ending_workers(self):
            return super().train()

    def val(self) -> dict[str, float]:
        """Validates, and ends the loader's workers; returns the metrics."""
        with ending_workers(self):
            return super().val()

    def test(self) -> dict[str, float]:
        """Tests, and ends the loader's workers; returns the metrics."""
        with ending_workers(self):
            return super().test()

    def resume(self, filename: str, *args: Any, **kwargs: Any) -> None:
        """Continues from a checkpoint.

        Raises:
            CheckpointError: If its content does not fit this run.
        """
        schedules = schedules_before(self.param_schedulers)
        try:
            super().resume(filename, *args, **kwargs)
            check_schedules(schedules, self.iter)
        except OSError:
            raise
        except Exception as error:  # whatever torch or MMEngine stumbles on
            reason = str(error) if isinstance(error, ValueError) else repr(error)
            raise CheckpointError(f"cannot continue from '{filename}': {reason}") from error


def fit_to_machine(loader: dict[str, Any]) -> dict[str, Any]:
    """A loader's config with pinned memory and workers that this machine has a use for."""
    fitted = dict(loader)
    if fitted.get('pin_memory') and not torch.accelerator.is_available():
        fitted['pin_memory'] = False
    if fitted.get('num_workers'):
        fitted['num_workers'] = min(fitted['num_workers'], len(os.sched_getaffinity(0)))
    return fitted


def _is_for_people(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_LONG + _OF_ITSELF)
