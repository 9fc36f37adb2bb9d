"""Work on a graphics card in short launches, several of them in flight."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from typing import Any

LAUNCH_SECONDS = 0.02
"""What a launch takes, about: short enough to cancel, to show progress, and for a card that also paints the screen."""
FIRST_STEPS = 32
IN_FLIGHT = 3
"""Launches that are waiting or running at once, so that the card never waits for the processor."""


def in_launches(launch: Callable[[int, int, bool], Any], steps: int) -> Iterator[float]:
    """Takes ``steps`` steps, yielding which share of them is done. Closing the generator stops after the launches under way.

    ``launch(after, count, closing)`` queues ``count`` steps behind the first ``after``, the last ones where ``closing``, and returns an
    event that can be waited for.
    """
    waiting: deque[tuple[int, float, Any]] = deque()
    asked, done, length, freed = 0, 0, FIRST_STEPS, time.perf_counter()
    while done < steps or waiting:
        while asked < steps and len(waiting) < IN_FLIGHT:
            count = min(length, steps - asked)
            waiting.append((count, time.perf_counter(), launch(asked, count, asked + count == steps)))
            asked += count
        count, began, event = waiting.popleft()
        event.synchronize()
        now = time.perf_counter()
        took, freed = now - max(began, freed), now
        length = max(1, min(4 * length, int(count * LAUNCH_SECONDS / max(took, 1e-6))))
        done += count
        yield done / steps
