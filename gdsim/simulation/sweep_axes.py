"""``[sweep]`` of a scenario: its axes, each a number that takes many values. What they may be called, ``sweep_targets`` knows."""

import math
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import Field
from pydantic_core import InitErrorDetails

from gdsim.engine.precision import PrecisionName
from gdsim.schedules.numbers import power
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, Number, item

MOST_AXES = 4
MOST_COUNT = 10_000_000
MOST_VALUES = 10_000
MOST_POINTS = 10**13
"""Points that a sweep may have. What of it a computer can do is another question (``sweep_estimate``)."""

AN_AXIS = '{ over = "learning_rate", low = 1e-4, high = 1.0, count = 400, scale = "log" } or { over = "momentum", values = [0.0, 0.9] }'
Floats = NDArray[np.float64]


class Axis(Model):
    """A number of the scenario and the values that it takes: ``count`` of them from ``low`` to ``high``, or those listed."""

    over: Annotated[Annotated[str, Field(strict=True, max_length=120)], Allowed("the name of a number, such as 'learning_rate'")] = Field(
        description="the number that is varied: a parameter of the optimizer, start.x, problem.parameters.a, seed, runs.0.momentum"
    )
    low: Annotated[Number | None, Allowed("a finite number")] = Field(default=None, description="the first value")
    high: Annotated[Number | None, Allowed("a finite number")] = Field(default=None, description="the last value")
    count: Annotated[
        Annotated[int, Field(strict=True, ge=1, le=MOST_COUNT)] | None, Allowed(f"a whole number from 1 to {MOST_COUNT:,}")
    ] = Field(default=None, description="how many values there are, evenly from low to high")
    scale: Annotated[Literal["linear", "log"], Allowed("'linear' or 'log'")] = Field(
        default="linear", description="whether differences or ratios of neighbours are equal"
    )
    values: Annotated[
        Annotated[tuple[Number | Annotated[bool, Field(strict=True)], ...], Field(min_length=1, max_length=MOST_VALUES)] | None,
        Allowed(f"an array of 1 to {MOST_VALUES:,} numbers"),
    ] = Field(default=None, description="the values themselves, in place of low, high and count")

    @property
    def size(self) -> int:
        return len(self.values) if self.values is not None else self.count or 0

    def numbers(self, whole: bool = False) -> Floats:
        """All values, (size,), read-only; those between low and high rounded where only whole numbers are allowed. Switches are 0 and 1."""
        if self.values is not None:
            found = np.array(self.values, dtype=np.float64)
        else:
            found = _between(float(self.low or 0.0), float(self.high or 0.0), self.count or 1, self.scale == "log")
            found = np.rint(found) if whole else found
        found.flags.writeable = False
        return found

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        given = {name: item(data, name) for name in ("low", "high", "count", "values")}
        ends = [name for name in ("low", "high", "count") if given[name] is not None]
        if given["values"] is not None:
            extra = [*ends, *(["scale"] if item(data, "scale") == "log" else [])]
            return [complaints.line((name,), "found values as well; allowed: low, high and count, or values") for name in extra]
        missing = [name for name in ("low", "high", "count") if given[name] is None]
        if missing:
            return [complaints.line((missing[0],), f"this key is missing; needed: {AN_AXIS}")] if "values" not in bad else []
        return [] if bad & {"low", "high", "count", "scale"} else _wrong_ends(given, item(data, "scale") == "log")


def _wrong_ends(given: dict[str, Any], log: bool) -> list[InitErrorDetails]:
    low, high, count = given["low"], given["high"], given["count"]
    if log and not low > 0.0:
        return [complaints.line(("low",), f"{complaints.out_of_place(low, 'a number > 0')}, where the scale is 'log'", low)]
    if count > 1 and not low < high:
        return [complaints.line(("high",), f"{complaints.out_of_place(high, 'a number > low')}", high)]
    if not math.isfinite(high - low):
        return [complaints.line(("high",), "found ends too far apart; allowed: high - low within float64", high)]
    return []


def _between(low: float, high: float, count: int, log: bool) -> Floats:
    """Evenly from low to high, both of them exact; with the same bits on every machine."""
    share = np.arange(count) / max(1, count - 1)
    found = power(low, 1.0 - share) * power(high, share) if log else low + (high - low) * share
    found[0] = low
    if count > 1:
        found[-1] = high
    return found


def _array_of_axes(words: str) -> Any:
    return Annotated[tuple[Axis, ...], Field(min_length=1, max_length=MOST_AXES), Allowed(words)]


class Sweep(Model):
    """The axes of a sweep. Every combination of their values is a run (or as many as the scenario has); the last axis varies fastest.

    ``precision`` and ``fast`` say how the runs are computed, which changes results: so they belong to the scenario.
    """

    axes: _array_of_axes(f"an array of 1 to {MOST_AXES} axes, each such as {AN_AXIS}") = Field(  # type: ignore[valid-type]
        description="what is varied, and over which values"
    )
    precision: Annotated[PrecisionName, Allowed("'float64' or 'float32'")] = Field(
        default="float64", description="that of all arithmetic of runs on landscapes; a run that is played or recorded alone is in float64"
    )
    fast: Annotated[Annotated[bool, Field(strict=True)], Allowed("true or false")] = Field(
        default=False, description="let a graphics card fuse products into sums, after which its results are its own"
    )

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(axis.size for axis in self.axes)

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        axes = item(data, "axes")
        if "axes" in bad or not isinstance(axes, list | tuple):
            return []
        found = []
        names = [item(axis, "over") for axis in axes]
        for index, name in enumerate(names):
            if name in names[:index]:
                found.append(
                    complaints.line(("axes", index, "over"), f"found {complaints.shown(name)} twice; allowed: one axis over it", name)
                )
        sizes = [item(axis, "count") or len(item(axis, "values") or ()) for axis in axes]
        points = math.prod(sizes)
        if points > MOST_POINTS:
            found.append(complaints.line(("axes",), f"found {points:,} points; allowed: at most {MOST_POINTS:,}", None))
        return found


A_SWEEP = f"a table [sweep] with axes = [...], each such as {AN_AXIS}"
