"""Edits of a run's schedule: which one, with which parameters, and the points that draw it by hand."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.app.changes import SetSchedule
from gdsim.app.edit_run import has_run
from gdsim.app.history import Change, edited
from gdsim.app.state import AppState
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Table = dict[str, Any]

MOST_DRAWN = 10
"""Points that stand for another schedule."""
CLOSE = 0.03
"""How far the line between points may be from the schedule, as a share of the rate."""


def set_schedule(state: AppState, message: SetSchedule) -> Change:
    if not has_run(state, message.run):
        return state, ()
    schedule = dict(message.table) if message.table is not None else None
    run = state.scenario.runs[message.run].changed(schedule=schedule)
    return edited(state, state.scenario.with_run(message.run, run), key=f"runs.{message.run}.schedule", live=message.live)


def table_of(schedule: RunSchedule) -> Table:
    """The schedule as a scenario has it, without what was left out."""
    return schedule.model_dump(exclude_none=True)


def suited(name: str, run: Run, steps: int, recorded: Floats | None = None) -> Table:
    """The table of schedule ``name`` with parameters that show on ``steps`` steps what it is."""

    def part(share: float) -> int:
        return max(1, round(share * steps))

    rate = run.learning_rate
    warm_up, fall = {"name": "warmup", "steps": part(0.1)}, {"name": "cosine"}
    own: dict[str, Table] = {
        "constant": {"total_iters": part(0.25)},
        "linear": {"total_iters": part(0.25)},
        "step": {"step_size": part(0.25), "gamma": 0.5},
        "multi_step": {"milestones": sorted({part(0.5), part(0.75)})},
        "exponential": {"gamma": float(f"{0.01 ** (1 / steps):.9g}")},
        "polynomial": {"total_iters": steps},
        "warmup": {"steps": part(0.1)},
        "warm_restarts": {"t_0": part(0.25)},
        "cyclic": {"base_lr": 0.1 * rate, "max_lr": rate, "step_size_up": part(0.125)},
        "chained": {"parts": [warm_up, fall]},
        "sequential": {"parts": [warm_up, fall], "milestones": [part(0.1)]},
    }
    return points_of(run, steps, recorded) if name == "points" else {"name": name, **own.get(name, {})}


def rates_at(run: Run, steps: int, k: Whole, recorded: Floats | None = None) -> Floats:
    """The learning rate of the steps ``k``, counted from 0, of ``steps`` in all. A schedule that looks at the losses only knows what was
    ``recorded``; before there is anything it is the run's own rate.
    """
    schedule = run.schedule
    if schedule is None:
        return np.full(k.shape, run.learning_rate)
    if schedule.record.pace is not None:
        known = recorded[:-1] if recorded is not None and len(recorded) > 1 else np.array([run.learning_rate])
        return np.asarray(known[np.minimum(k, len(known) - 1)], dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        offset, factor = schedule.record.rows(k, steps, schedule.values)
        return np.asarray(offset + factor * run.learning_rate, dtype=np.float64) + np.zeros(k.shape)


def sampled(steps: int, most: int = 400) -> Whole:
    """Steps to look at: all of them, or ``most`` in even distances."""
    return np.unique(np.linspace(0, steps - 1, min(steps, most)).round().astype(np.int64))


def points_of(run: Run, steps: int, recorded: Floats | None = None) -> Table:
    """A schedule of drawn points that is the run's own, or comes near it."""
    if run.schedule is not None and run.schedule.name == "points":
        return table_of(run.schedule)
    k = sampled(steps)
    rates = rates_at(run, steps, k, recorded)
    scale = "log" if np.all(rates > 0.0) else "linear"
    height = np.log(rates) if scale == "log" else rates / (rates.max() or 1.0)
    chosen = sorted({0, len(k) - 1})
    while len(chosen) < min(MOST_DRAWN, len(k)):
        gap = np.abs(np.interp(k, k[chosen], height[chosen]) - height)
        if gap.max() <= CLOSE:
            break
        chosen = sorted({*chosen, int(gap.argmax())})
    return {"name": "points", "steps": k[chosen].tolist(), "rates": [float(f"{rate:.3g}") for rate in rates[chosen]], "scale": scale}


def with_points(table: Mapping[str, Any], points: list[tuple[int, float]]) -> Table:
    """The schedule of drawn points ``table`` with these points, sorted by their steps."""
    ordered = sorted(points)
    return {**table, "steps": [step for step, _ in ordered], "rates": [rate for _, rate in ordered]}


# Schedules made of others. ``steps`` are those of the scenario.

MOST_PARTS = 6
"""Parts that the window adds; a file may have more."""


def fewest_parts(table: Mapping[str, Any]) -> int:
    """A product may have a single factor; one after the other takes two."""
    return 2 if "milestones" in table else 1


def lengths_of(schedule: RunSchedule, steps: int) -> list[int]:
    """How many steps each part of a combined schedule has."""
    milestones = getattr(schedule, "milestones", None)
    if milestones is None:
        return [steps] * len(schedule.made_of)
    return [max(1, end - begin) for begin, end in pairwise((0, *milestones, steps))]


def with_part(table: Mapping[str, Any], index: int, part: Table) -> Table:
    """The combined schedule ``table`` with another schedule in the place ``index``."""
    parts = list(table["parts"])
    parts[index] = part
    return {**table, "parts": parts}


def with_another(table: Mapping[str, Any], steps: int) -> Table:
    """One part more, a constant rate; where parts follow each other, from half of what is left on."""
    more = {**table, "parts": [*table["parts"], {"name": "constant", "factor": 1.0}]}
    if "milestones" in table:
        last = max((0, *table["milestones"]))
        more["milestones"] = [*table["milestones"], max(last + 1, (last + steps) // 2)]
    return more


def without_part(table: Mapping[str, Any], index: int) -> Table:
    """One part less, and the milestone at which it began (of the first, at which it ended), unless it has as few as can be."""
    if len(table["parts"]) <= fewest_parts(table):
        return dict(table)
    less = {**table, "parts": [part for k, part in enumerate(table["parts"]) if k != index]}
    if "milestones" in table:
        gone = max(index - 1, 0)
        less["milestones"] = [step for k, step in enumerate(table["milestones"]) if k != gone]
    return less
