"""The plan of a sweep: which runs there are, in which order, and what each of them is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.clip import clipping
from gdsim.engine.device import Wanted
from gdsim.engine.precision import PRECISIONS, Precision
from gdsim.simulation import sweep_targets
from gdsim.simulation.complaints import Complaint, ScenarioError
from gdsim.simulation.run import paced, rule_of, start_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_axes import Sweep
from gdsim.simulation.sweep_targets import Target

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Numbered = Rows | range
"""Runs by number: any, or some that follow each other."""

SHARD = 1 << 17
"""Runs of a shard: what is written at once, and what is lost where a computer stops."""


@dataclass(frozen=True, eq=False)
class PlannedAxis:
    """An axis with its values, (size,), and the number of the scenario that it is over."""

    name: str
    values: Floats
    target: Target
    scale: str


@dataclass(frozen=True, eq=False)
class Plan:
    """All runs of a scenario's sweep, numbered: run by run of the scenario, and for each the points of its axes in row-major order.

    ``shard`` is how many of them are computed and written together, ``device`` where. Neither changes a bit of any run, unless the sweep
    is ``fast``: runs on a card have bits of their own then.
    """

    scenario: Scenario
    device: Wanted = "auto"
    shard: int = SHARD
    axes: tuple[PlannedAxis, ...] = field(init=False)

    def __post_init__(self) -> None:
        known = sweep_targets.targets(self.scenario)
        axes = []
        for axis in self.sweep.axes:
            target = known[axis.over]
            axes.append(PlannedAxis(axis.over, axis.numbers(target.param.whole), target, axis.scale))
        object.__setattr__(self, "axes", tuple(axes))
        if self.precision.single:
            _ = self.bindings  # complains of what has no single precision

    @property
    def precision(self) -> Precision:
        return PRECISIONS[self.sweep.precision]

    @cached_property
    def bindings(self) -> list[dict[str, Any]]:
        """What kernels of landscapes are made of, for each run of the scenario. Raises ScenarioError."""
        scenario, found = self.scenario, []
        for index, run in enumerate(scenario.runs):
            hyper, on = run.method.pack(run.settings)
            clip, limits = clipping(run.clip_value, run.clip_norm)
            rule = paced(rule_of(scenario.landscape, run.method, hyper, on, clip, limits), run.schedule)
            try:
                found.append(self.precision.bound(rule.bindings()))
            except ValueError as error:
                text = f"found {self.sweep.precision!r}, and in runs.{index} {error}; allowed: 'float64' here"
                raise ScenarioError("", [Complaint("sweep.precision", text)]) from None
        return found

    @property
    def sweep(self) -> Sweep:
        """The scenario's table. Raises ScenarioError where there is none."""
        if self.scenario.sweep is None:
            raise ScenarioError("", [Complaint("sweep", "this table is missing; needed: [sweep] with axes = [...]")])
        return self.scenario.sweep

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Values of every axis."""
        return tuple(len(axis.values) for axis in self.axes)

    @cached_property
    def points(self) -> int:
        return prod(self.shape)

    @cached_property
    def size(self) -> int:
        """Runs altogether."""
        return self.points * len(self.scenario.runs)

    def shards(self) -> Iterator[tuple[int, int]]:
        """The ranges of runs that belong together."""
        for low in range(0, self.size, self.shard):
            yield low, min(low + self.shard, self.size)

    def places(self, rows: Numbered) -> tuple[Rows, list[Rows]]:
        """For runs by number: which run of the scenario each is, and its place on every axis."""
        if isinstance(rows, range):
            return self._in_a_row(rows.start, rows.stop)
        run = rows // self.points  # faster than divmod, of which there is no vectorised one
        rest, places = rows - run * self.points, []
        for size in reversed(self.shape):
            rows, rest = rest, rest // size
            places.append(rows - rest * size)
        return run, places[::-1]

    def _in_a_row(self, low: int, high: int) -> tuple[Rows, list[Rows]]:
        """``places`` of runs that follow each other: without divisions, which would take as long as twenty steps of a run."""
        run, places, stride = _sawtooth(low, high, self.points, len(self.scenario.runs)), [], 1
        for size in reversed(self.shape):
            places.append(_sawtooth(low, high, stride, size))
            stride *= size
        return run, places[::-1]

    def scenario_at(self, row: int) -> Scenario:
        """The scenario of one run alone, which is computed in float64 whatever the sweep's precision. Raises IndexError."""
        if not 0 <= row < self.size:
            raise IndexError(f"there is no run {row} in a sweep of {self.size:,}")
        run, places = self.places(np.array([row]))
        chosen = [(axis.target, float(axis.values[place[0]])) for axis, place in zip(self.axes, places, strict=True)]
        whole = sweep_targets.put(self.scenario.changed(sweep=None), chosen)
        index = int(run[0])
        return sweep_targets.alone(whole, index, () if whole.is_network else start_of(whole, index))


def told_apart(columns: Sequence[Rows], sizes: Sequence[int]) -> tuple[list[tuple[int, ...]], NDArray[np.intp]]:
    """The different rows of ``columns``, whose numbers are below ``sizes``, and which of them each row is."""
    several, which = np.unique(np.ravel_multi_index(list(columns), list(sizes)), return_inverse=True)
    return list(zip(*(numbers.tolist() for numbers in np.unravel_index(several, list(sizes))), strict=True)), which


def _sawtooth(low: int, high: int, stride: int, size: int) -> Rows:
    """``(n // stride) % size`` for n from ``low`` to ``high`` - 1."""
    first, last = low // stride, (high - 1) // stride
    begin, count = first % size, last - first + 1
    if count == 1:
        return np.full(high - low, begin)
    if count > size:
        values = np.tile(np.arange(size), 1 + (begin + count) // size)[begin : begin + count]
    else:
        values = np.arange(begin, begin + count)
        values[size - begin :] -= size
    if stride == 1:
        return values
    times = np.full(count, stride)
    times[0] -= low - first * stride
    times[-1] -= (last + 1) * stride - high
    return np.repeat(values, times)
