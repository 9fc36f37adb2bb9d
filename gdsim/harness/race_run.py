"""A fair race: every optimizer may try as many settings on every problem, and its best one runs with seeds that it has not seen."""

import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gdsim.harness.race_file import Race, RaceTable, load, race_of
from gdsim.harness.race_result import RaceResult, Tried
from gdsim.harness.race_runs import COUNTING, TUNING, Seen, Stretch, worth
from gdsim.harness.race_tuning import Setting, in_blocks, tpe
from gdsim.harness.target import Target
from gdsim.simulation.complaints import Complaint, ScenarioError
from gdsim.simulation.spread import spread

Progress = Callable[[int, int], bool]
"""``progress(done, total)`` after every pair of an optimizer and a problem; where it says False the race ends without a result."""


class Cancelled(Exception):
    """The race was ended before it was over."""


def race(
    problems: Iterable[str | Mapping[str, Any]] | str | os.PathLike[str] = "default",
    optimizers: Iterable[str | Mapping[str, Any] | Target] = (),
    *,
    progress: Progress | None = None,
    workers: int | None = None,
    **keys: Any,
) -> RaceResult:
    """Runs a race: a file or the name of a shipped one; or ``problems``, names of landscapes or tables as in a file, and ``optimizers``,
    names, tables or targets (``gdsim.target``). ``keys`` are those of the file: steps, trials, seeds, seed, tuner, rates, reach, title.

    The result depends on these alone, and not on ``workers``, the number of threads. Raises ScenarioError for what cannot be raced,
    TargetError for a target that fails, and ``Cancelled`` where ``progress`` says False.
    """
    entries = list(optimizers)
    targets = [one for one in entries if isinstance(one, Target)]
    if isinstance(problems, str | os.PathLike):
        return run_race(load(problems, targets), progress, workers)
    tables = {
        **keys,
        "problems": [{"landscape": one} if isinstance(one, str) else dict(one) for one in problems],
        "optimizers": [{"optimizer": one} if isinstance(one, str) else dict(one) for one in entries if not isinstance(one, Target)],
    }
    return run_race(race_of(tables, targets=targets), progress, workers)


def run_race(race: Race, progress: Progress | None = None, workers: int | None = None) -> RaceResult:
    """See ``race``."""
    if race.keys.tuner == "tpe":
        _need_optuna()
    entries, courses = race.entries, race.courses
    cells = [(e, p) for p in range(len(courses)) for e in range(len(entries))]
    # What runs in a user's own code runs on this thread alone.
    own = [cell for cell in cells if (target := entries[cell[0]].target) is not None and target.record is None]
    ours = [cell for cell in cells if cell not in set(own)]
    found: dict[tuple[int, int], tuple[Setting, list[Tried], list[Seen]]] = {}
    stretches = {(e, p): Stretch(race.keys, courses[p], entries[e], e) for e, p in cells}
    goals = [courses[p].goal if stretches[0, p].goal is None else stretches[0, p].goal for p in range(len(courses))]

    def work(low: int, high: int) -> None:
        for cell in ours[low:high]:
            found[cell] = tuned(race.keys, stretches[cell])

    def go_on() -> None:
        if progress is not None and not progress(len(found), len(cells)):
            raise Cancelled

    go_on()
    for _ in spread(work, len(ours), 1, workers):
        go_on()
    for cell in own:
        found[cell] = tuned(race.keys, stretches[cell])
        go_on()
    for p in range(len(courses)):
        if goals[p] is None:
            goals[p] = _goal_of_the_best([found[e, p][2] for e in range(len(entries))], race.keys.reach)
    times = [[[_time(one, goals[p]) for one in found[e, p][2]] for p in range(len(courses))] for e in range(len(entries))]
    losses = [[[one.loss for one in found[e, p][2]] for p in range(len(courses))] for e in range(len(entries))]
    return RaceResult(
        race,
        np.array(goals, dtype=np.float64),
        np.array(times),
        np.array(losses),
        tuple(tuple(found[e, p][0] for p in range(len(courses))) for e in range(len(entries))),
        tuple(tuple(tuple(found[e, p][1]) for p in range(len(courses))) for e in range(len(entries))),
    )


def tuned(keys: RaceTable, stretch: Stretch) -> tuple[Setting, list[Tried], list[Seen]]:
    """The best setting, all that were tried, and the runs that count."""
    intervals = stretch.entry.intervals
    settings: list[Setting] = []
    runs: list[list[Seen]] = []
    blocks = in_blocks(keys.tuner, intervals, keys.trials, keys.seed, 9_000)
    if blocks is not None:
        for block in blocks:
            settings += block
            runs += stretch.runs(block, TUNING)
    else:
        asking = tpe(intervals, keys.trials, keys.seed)
        setting = next(asking)
        while True:
            settings.append(setting)
            runs += stretch.runs([setting], TUNING)
            try:
                setting = asking.send(worth(runs[-1], stretch.steps))
            except StopIteration:
                break
    best = int(np.argmin([worth(one, stretch.steps) for one in runs]))
    tried = [
        Tried(setting, *(_median(getattr(run, name) for run in some) for name in ("time", "loss")))
        for setting, some in zip(settings, runs, strict=True)
    ]
    return settings[best], tried, stretch.runs([settings[best]], COUNTING)[0]


def _median(values: Iterable[float]) -> float:
    return float(np.median([math.inf if math.isnan(value) else value for value in values]))


def _time(one: Seen, goal: float | None) -> float:
    assert goal is not None
    return one.time if one.curve is None else one.curve.time(goal)


def _goal_of_the_best(rows: Sequence[Sequence[Seen]], reach: float) -> float:
    """Where nobody knows the least loss: a tenth of the way above the best median of what the optimizers reached, or ``reach`` if that is
    more. The way is that from the typical first loss.
    """
    begins = [float(one.curve.least[0]) for row in rows for one in row if one.curve is not None]
    # The upper median, so that at least half of the best one's runs get there.
    best = min(sorted(one.best for one in row)[len(row) // 2] for row in rows)
    return best + max(0.1, reach) * max(0.0, float(np.median(begins)) - best)


def _need_optuna() -> None:
    from importlib.util import find_spec

    if find_spec("optuna") is None:
        text = 'found "tpe", which needs optuna: pip install "gdsim[race]"; allowed without it: grid, random'
        raise ScenarioError("", [Complaint("tuner", text)])
