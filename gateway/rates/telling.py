"""Lines for the log about callers who ask too much: one a minute for each, however often he does."""

import logging
from collections import OrderedDict
from collections.abc import Callable

from gateway.rates.window import MINUTE

__all__ = ["Telling"]

MOST_CALLERS = 1000
"""That are remembered."""

log = logging.getLogger("gateway.rates")


class Telling:
    """Remembers of whom it has told. `clock` gives seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._told: OrderedDict[str, float] = OrderedDict()

    def tell(self, caller: str, message: str, *, is_refused: bool) -> None:
        """Log what was too much; `is_refused`: that it was refused, else that it would have been."""
        now, last = self._clock(), self._told.get(caller)
        if last is not None and now < last + MINUTE:
            return
        self._told[caller] = now
        self._told.move_to_end(caller)
        if len(self._told) > MOST_CALLERS:
            self._told.popitem(last=False)
        log.warning("caller %r %s: %s", caller, "was refused" if is_refused else "would be refused", message)
