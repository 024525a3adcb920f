"""Reads configs, and keeps standard output free of what MMEngine says meanwhile."""

import logging
import sys
from pathlib import Path

from mmengine.config import Config
from mmengine.logging import MMLogger


def read_config(path: str | Path) -> Config:
    """``Config.fromfile``, whose messages go to standard error, each once.

    MMEngine names a replaced environment variable once for each base file and level of
    inheritance, on standard output, where ``print_config`` prints a config.

    Args:
        path: The config.
    """
    said: dict[str, None] = {}

    def keep(record: logging.LogRecord) -> bool:
        said[record.getMessage()] = None
        return False

    logger = MMLogger.get_current_instance()
    logger.addFilter(keep)
    try:
        return Config.fromfile(path)
    finally:
        logger.removeFilter(keep)
        for message in said:
            print(message, file=sys.stderr)
