"""A schedule drawn by hand: rates at some steps, and a line between them."""

from itertools import pairwise

import numpy as np

from gdsim.parameter import Param
from gdsim.schedules.numbers import power
from gdsim.schedules.schedule import Floats, Schedule, Values, Whole, never, whole


def points(k: Whole, _total: int, values: Values) -> tuple[Floats, float]:
    steps, rates = np.array(values["steps"]), np.array(values["rates"], dtype=np.float64)
    if len(steps) == 1:
        return np.full(k.shape, rates[0]), 0.0
    at = np.clip(k, steps[0], steps[-1])
    left = np.minimum(np.searchsorted(steps, at, side="right"), len(steps) - 1) - 1
    share = (at - steps[left]) / (steps[left + 1] - steps[left])
    begin, end = rates[left], rates[left + 1]
    if values["scale"] == "log":
        drawn = power(begin, 1.0 - share) * power(end, share)
        return np.where(share == 0.0, begin, np.where(share == 1.0, end, drawn)), 0.0
    return begin * (1.0 - share) + end * share, 0.0


def misplaced(values: Values, places: str, heights: str, place: str) -> str | None:
    """Why the points drawn at ``values[places]``, with ``values[heights]``, are none; ``place`` is the word for one of the former."""
    at, drawn = values[places], values[heights]
    if len(at) != len(drawn):
        return f"{places} and {heights} must have the same length (found {len(at)} and {len(drawn)})"
    for before, after in pairwise(at):
        if before >= after:
            return f"each {place} must be larger than the one before (found {before}, then {after})"
    return None


def conflict(values: Values) -> str | None:
    if (found := misplaced(values, "steps", "rates", "step")) is not None:
        return found
    return 'with scale = "log" every rate must be above 0' if values["scale"] == "log" and min(values["rates"]) <= 0.0 else None


POINTS = Schedule(
    name="points",
    title="Drawn points",
    parameters=(
        whole("steps", None, "the steps of the points, counted from 0 and rising", low=0, many=True, needed=True),
        Param("rates", None, "the learning rate at each of them", low=0.0, many=True, needed=True),
        Param("scale", "linear", "whether the points are joined by lines of the rate or of its logarithm", choices=("linear", "log")),
    ),
    rows=points,
    multiplies=never,
    conflict=conflict,
    formula="eta_k on the line from (steps_i, rates_i) to (steps_i+1, rates_i+1); before and after, the first and the last rate",
    latex=r"\eta_k = (1 - t)\, r_i + t\, r_{i+1},\quad t = \frac{k - s_i}{s_{i+1} - s_i}",
    source="piecewise linear interpolation; optax (2020), piecewise_interpolate_schedule",
    notes="The rates are rates, not factors: the run's own learning rate does not count.",
)

SCHEDULES = (POINTS,)
