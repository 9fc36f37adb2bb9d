"""How long the trainings of a sweep take, told by the first steps of some: one may be over in a millisecond or in an hour."""

import time

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.vectors import width
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.run_batches import most_steps
from gdsim.simulation.sweep_block import Computer, empty
from gdsim.simulation.sweep_networks import go_together
from gdsim.simulation.sweep_plan import Plan

LONG = 1.0
"""Seconds that trainings which go side by side, and so cannot be given up half way, may take."""
TELLING, ENOUGH = 0.05, 0.4
"""Seconds of work from which the time of all steps is told; those that are enough whatever is done besides."""
FIRST = 1
"""Steps that are tried first; then twice as many, until they tell."""
RARE = 1024
"""Steps from which on what is done besides them, at up to some 300 points of a training that goes alone, is rare."""


def at_once(plan: Plan) -> int:
    """Trainings that are begun and ended together: those of a vector where they go side by side, else one."""
    problem = plan.scenario.problem
    assert isinstance(problem, Learning)
    return width(problem.shape.precision) if go_together(plan) else 1


def go_apart(plan: Plan, pace: float) -> bool:
    """Whether each training had better go by itself, because they do anyway, or because those that go together would take long."""
    together = at_once(plan)
    return together == 1 or together * pace > LONG


def pace_of(plan: Plan) -> float:
    """Seconds that a training of a sweep over networks takes on one thread, told by one of them, or by a vector full. Compiles."""
    total = most_steps(plan.scenario)
    rows = np.unique(np.linspace(0, plan.size - 1, at_once(plan)).astype(np.int64))
    alone, steps, before = len(rows) == 1, 0, 0.0
    _timed(plan, rows, min(FIRST, total))  # compiles
    while True:
        more = min(max(2 * steps, FIRST), total)
        seconds, taken = _timed(plan, rows, more)
        if more == total or taken < more or seconds >= ENOUGH or (seconds >= TELLING and (more >= RARE or not alone)):
            break
        steps, before = more, seconds
    slope = max(seconds - before, 0.0) / (more - steps) if more > steps else 0.0
    slope = min(slope, seconds / more)  # what else the machine does may make the last steps look slow
    return (seconds + slope * (total - more) * (taken == more)) / len(rows)


def _timed(plan: Plan, rows: NDArray[np.int64], steps: int) -> tuple[float, int]:
    """Seconds that so many steps of these runs take, the less of two, and the most that any of them took before it ended."""
    runs = tuple(run.changed(epochs=None) for run in plan.scenario.runs)
    shorter = plan.scenario.changed(steps=steps, runs=runs, sweep=None)
    short = Plan(shorter.model_copy(update={"sweep": plan.scenario.sweep}), "cpu")  # its axes are right already, and may be many values
    computer, columns, least = Computer(short), empty(short, len(rows)), np.inf
    for _ in range(2):
        began = time.perf_counter()
        computer.fill(rows, columns, slice(None))
        least = min(least, time.perf_counter() - began)
        if least > TELLING:
            break
    return least, int(np.max(columns["steps"]))
