"""What ``init_weights()`` did, in one line."""

from typing import Any

from mmengine.logging import print_log
from mmengine.model import BaseModule


class InitSummary(BaseModule):
    """A module whose ``init_weights()`` logs one line, not three for each parameter."""

    def _dump_init_info(self) -> None:
        """Counts the parameters that ``init_weights()`` changed.

        Layers initialize themselves when they are built, so mostly there are none.
        """
        known: dict[Any, dict[str, Any]] = self._params_init_info
        texts = [known[parameter]['init_info'] for parameter in self.parameters()]
        changed = sum(not text.startswith('The value is the same') for text in texts)
        print_log(
            f'{type(self).__name__}: init_weights() changed {changed} of {len(texts)} parameters',
            'current',
        )
