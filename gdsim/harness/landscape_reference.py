"""Gradient descent at the best constant rate on every landscape: what landscape trials are graded by.

    python -m gdsim.harness.landscape_reference

computes it anew, half a minute's work, and writes it where ``landscape_trials`` reads it.
"""

import json
import math
from collections.abc import Iterable

import numpy as np

from gdsim.harness.descents import Ends, runs_of
from gdsim.harness.landscape_goals import goal_of, starts_on
from gdsim.harness.landscape_trials import COMPILED, REFERENCE, expected_times, got_there
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.optimizers import OPTIMIZERS

STARTS = 1024
RATES = 10.0 ** np.linspace(-8.0, 2.0, 41)
SEED = 0


def reference_of(landscape: Landscape, starts: int = STARTS, seed: int = SEED) -> dict[str, float | None]:
    """``share`` of the starts from which a global minimum is reached, expected ``time`` in steps, and the ``rate`` with the least."""
    at, goal = starts_on(landscape, starts, seed, stream=6_000), goal_of(landscape)
    runs: list[Ends] = [
        runs_of(landscape, OPTIMIZERS["sgd"], at, COMPILED.steps, goal.loss, {"learning_rate": float(rate)}) for rate in RATES
    ]
    reached = [got_there(landscape, ends, goal) for ends in runs]
    times = expected_times(runs, reached, COMPILED.steps)
    best = int(np.argmin(times))
    share, time = float(np.mean(reached[best])), float(times[best])
    return {"share": share, "time": time if math.isfinite(time) else None, "rate": float(RATES[best]) if math.isfinite(time) else None}


def write(names: Iterable[str]) -> None:
    found = {name: reference_of(LANDSCAPES[name]) for name in names}
    what = {"starts": STARTS, "steps": COMPILED.steps, "seed": SEED, "landscapes": found}
    REFERENCE.write_text(json.dumps(what, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write(name for name, record in LANDSCAPES.items() if record.family != "your own")
