"""The ruler of a training: fewer learning rates than that of a landscape has, as many as are worth the time, from coarse to fine.

Its rates are some of those 512. Where a training takes so long that nobody would wait for many of them unasked, there is none until
somebody asks.
"""

import time
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.ruler import COUNT, Mark, Ruler, words_of_limit
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.sweep_block import Columns, Computer, empty
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.training_pace import LONG, at_once, go_apart, pace_of
from gdsim.simulation.trainings_apart import fill_apart

COARSEST, FINEST = 64, 4
"""Every 64th of the 512 rates is tried first, then those half way between two that are known, until every fourth is."""
FEWEST, ASKED = 16, 32
"""Rates of a ruler at least, and where somebody asked for it."""
LONGEST = 16.0
"""Seconds that a ruler may take."""

NO_MARK = "Theory knows no limit that holds all along the way of a network."


def training_rulers(subject: Scenario, *, asked: bool = False) -> Iterator[Ruler | None]:
    """The ruler of ``subject``, a network with one run, growing as its rates are tried; the last one is whole. None now and then, where
    there is nothing to tell yet. Unless somebody ``asked`` for it, one that is dear is withheld: it says how long it would take.
    """
    plan = Plan(subject, "cpu")
    together, pace = at_once(plan), pace_of(plan)
    yield None
    apart = go_apart(plan, pace)
    if not asked and (together * pace > LONG or FEWEST * pace > LONGEST):
        none = np.empty(0)
        yield Ruler(subject, none, none.astype(np.int8), none.astype(np.int32), True, silent=NO_MARK, withheld=ASKED * pace)
        return
    together = 1 if apart else together
    computer, columns, done = Computer(plan), empty(plan, COUNT), np.zeros(COUNT, np.bool_)
    least, stride, began = ASKED if asked else FEWEST, COARSEST, time.perf_counter()
    while True:
        rows = np.flatnonzero(~done[::stride]) * stride
        for low in range(0, len(rows), together):
            some = rows[low : low + together]
            fresh = empty(plan, len(some))
            if apart:
                for _ in fill_apart(plan, some, fresh, 1):
                    yield None
            else:
                computer.fill(some, fresh, slice(None))
            for name, values in fresh.items():
                columns[name][some] = values
            done[some] = True
            count = int(done.sum())
            if low + together < len(rows):
                yield _ruler(plan, columns, done, count / max(least, COUNT // stride))
        beyond = 2.0 * (time.perf_counter() - began) > LONGEST
        stride //= 2
        if stride < FINEST or (count >= least and beyond):
            yield _ruler(plan, columns, done, 1.0)
            return
        yield _ruler(plan, columns, done, count / max(least, COUNT // stride))


def mark_at_the_end(run: Run, limit: float | None) -> Mark | None:
    """The mark of a run that was trained, whose verdict found this ``limit``: it belongs to the curvature where that run ended alone."""
    if limit is None or run.method.stable_product is None or run.schedule is not None:
        return None
    return Mark(limit, words_of_limit(run, run.method.stable_product(run.settings)), "the weights where this run ended")


def _ruler(plan: Plan, columns: Columns, done: NDArray[np.bool_], share: float) -> Ruler:
    rows = np.flatnonzero(done)
    verdicts, steps = (columns[name][rows] for name in ("verdict", "steps"))
    return Ruler(plan.scenario, plan.axes[0].values[rows], verdicts, steps, share == 1.0, silent=NO_MARK, share=share)
