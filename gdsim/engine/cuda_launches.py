"""Work on a graphics card in short launches, several of them in flight."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

LAUNCH_SECONDS = 0.02
"""What a launch takes, about: short enough to cancel, to show progress, and for a card that also paints the screen."""
FIRST_STEPS = 32
IN_FLIGHT = 3
"""Launches that are waiting or running at once, so that the card never waits for the processor."""


def in_launches(launch: Callable[[int, int, bool], Any], steps: int) -> Iterator[float]:
    """Takes ``steps`` steps, yielding which share of them is done. Closing the generator waits for the launches under way.

    ``launch(after, count, closing)`` queues ``count`` steps behind the first ``after``, the last ones where ``closing``, and returns
    what can be waited for.
    """
    waiting: deque[tuple[int, float, Any]] = deque()
    asked, done, length, freed = 0, 0, FIRST_STEPS, time.perf_counter()
    try:
        while done < steps or waiting:
            while asked < steps and len(waiting) < IN_FLIGHT:
                count = min(length, steps - asked)
                waiting.append((count, time.perf_counter(), launch(asked, count, asked + count == steps)))
                asked += count
            count, began, launched = waiting[0]
            launched.synchronize()
            waiting.popleft()
            now = time.perf_counter()
            took, freed = now - max(began, freed), now
            length = max(1, min(4 * length, int(count * LAUNCH_SECONDS / max(took, 1e-6))))
            done += count
            yield done / steps
    finally:  # the rest still reads what was sent for it
        for _, _, launched in waiting:
            with suppress(Exception):  # a card that is lost has been told of
                launched.synchronize()
