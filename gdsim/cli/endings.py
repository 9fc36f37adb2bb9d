"""Ctrl-C and SIGTERM: both end the command line in order, so that nothing half-written is left behind."""

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

INTERRUPTED = 130
"""What a shell says of a program that Ctrl-C ended."""
SIGNALS = (signal.SIGINT, signal.SIGTERM)


def prepare() -> None:
    """Lets SIGTERM end the process as an exception does, by way of everything that cleans up."""
    if signal.getsignal(signal.SIGTERM) is signal.SIG_DFL:
        signal.signal(signal.SIGTERM, _end)


def _end(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


def give_to_the_window() -> None:
    """Lets SIGTERM end the process at once: a window that waits for its user runs no Python."""
    if signal.getsignal(signal.SIGTERM) is _end:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@contextmanager
def held() -> Iterator[None]:
    """Ctrl-C and SIGTERM wait until the body is done. What they broke off could not be begun again: Qt's binding aborts the process."""
    came: list[int] = []
    before = {each: signal.signal(each, lambda number, _frame: came.append(number)) for each in SIGNALS}
    try:
        yield
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)
    for number in came:
        signal.raise_signal(number)
