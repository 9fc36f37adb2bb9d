"""What becomes of an exception that nobody caught: it is logged, and the user is told once, not at every frame."""

import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from types import TracebackType

LOG = logging.getLogger("gdsim")
QUIET_SECONDS = 10.0


class Faults:
    """Takes over ``sys.excepthook``, where exceptions of slots and paint events end, until ``release``.

    ``tell(text)`` is called at most once in ``QUIET_SECONDS``; every exception is logged with its traceback. What goes wrong while telling
    is logged as well, and ends there: the event loop lives on.
    """

    def __init__(self, tell: Callable[[str], object], clock: Callable[[], float] = time.monotonic):
        self._tell: Callable[[str], object] | None = tell
        self._clock = clock
        self._told: float | None = None
        self._main = threading.get_ident()
        self._before = sys.excepthook
        sys.excepthook = self._caught

    def release(self) -> None:
        """Gives the hook back. Where another has been put before it meanwhile, it stays in the chain and only passes on."""
        self._tell = None
        if sys.excepthook == self._caught:
            sys.excepthook = self._before

    def _caught(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if self._tell is None or issubclass(kind, KeyboardInterrupt | SystemExit):
            self._before(kind, error, trace)
            return
        LOG.error("an exception reached the event loop", exc_info=(kind, error, trace))
        # The frames hold painters that are still open on their widgets, and nothing could be painted until they end.
        traceback.clear_frames(trace)
        error.__traceback__ = None
        sys.last_traceback = None
        now = self._clock()
        if threading.get_ident() != self._main or (self._told is not None and now - self._told < QUIET_SECONDS):
            return
        self._told = now
        try:
            self._tell(f"Something went wrong inside gdsim: {kind.__name__}: {error}. Your scenario is safe; the log has the details.")
        except Exception:
            LOG.exception("and the user could not be told")
