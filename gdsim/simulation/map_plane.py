"""A map of runs that can be looked at anywhere and as closely as one likes: known runs stay known, whatever is looked at.

All runs lie on lattices of places. A place is the value of a number, or the logarithm of it to base 10; the lattice of a ``level`` has the
places k 2^level for whole numbers k. So every other place of a lattice belongs to the next coarser one, and a run that was computed once is
never computed again: not when the picture gets finer, nor after it was moved away and back.
"""

import itertools
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gdsim.schedules.numbers import power
from gdsim.simulation.map_cost import PATIENCE, SOON, Cost
from gdsim.simulation.run import start_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.spread import available_threads
from gdsim.simulation.sweep import fill
from gdsim.simulation.sweep_axes import Axis, Sweep
from gdsim.simulation.sweep_block import Computer, empty
from gdsim.simulation.sweep_map import BORDER_POINTS, Border, SweepMap, borders_of, map_of
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_result import SweepResult, result_of
from gdsim.simulation.sweep_targets import Target, put, targets
from gdsim.simulation.training_pace import go_apart, pace_of
from gdsim.simulation.trainings_apart import fill_apart

Floats = NDArray[np.float64]
Span = tuple[float, float]
"""The first and the last place of an axis that are looked at."""
Window = tuple[Span, Span]
"""What is looked at: the span of x and that of y."""

TILE = 32
MOST_TILES = 1200
"""Tiles that are remembered, each 100 kB: two full screens and what was round them."""
COARSEST = 4
"""Doublings of the finest lattice at which a picture begins, unless trainings are too dear for that."""
KEPT_AFTER, PIECE = 2.0, 16
"""Seconds after which trainings that were computed are remembered, whatever becomes of the picture; how many a thread takes at least."""
NARROWEST = 3
"""Places along an axis with which a picture of trainings begins, at least."""
FEW = 9
"""Points of a border while the picture sharpens: each is a scenario of its own, and takes as long as a thousand runs."""
ENOUGH = 0.7
"""Share of a lattice that is known already, from which on it is completed before anything coarser is."""


@dataclass(frozen=True)
class Way:
    """An axis of the plane: the name of a number (``sweep_targets``), and whether its places are decades."""

    over: str
    log: bool

    def place(self, value: float) -> float:
        return math.log10(value) if self.log else float(value)

    def value(self, place: float) -> float:
        return float(power(10.0, np.array([place]))[0]) if self.log else float(place)

    def values(self, level: int, first: int, count: int, target: Target) -> Floats:
        """The values at the places first to first + count - 1 of a lattice, moved to the nearest that the number admits."""
        places = np.ldexp(np.arange(first, first + count, dtype=np.float64), level)
        found = np.asarray(power(10.0, places)) if self.log else places
        param = target.param
        low = np.nextafter(param.low, np.inf) if param.low_open else param.low
        high = np.nextafter(param.high, -np.inf) if param.high_open else param.high
        return np.asarray(np.clip(np.rint(found) if param.whole else found, low, high))


@dataclass(frozen=True)
class Plane:
    """The runs of a map: those of ``subject`` (one run, no sweep) with other numbers at ``x`` and ``y``."""

    subject: Scenario
    x: Way
    y: Way

    @cached_property
    def known(self) -> tuple[Target, Target]:
        found = targets(self.subject)
        return found[self.x.over], found[self.y.over]

    def finest(self, window: Window, most: tuple[int, int]) -> tuple[int, int]:
        """The levels of the finest lattices with at most so many places in the window."""
        levels = []
        for span, count, target, way in zip(window, most, self.known, (self.x, self.y), strict=True):
            level = math.ceil(math.log2((span[1] - span[0]) / max(1, count)) - 1e-9)
            levels.append(max(level, 0) if target.param.whole and not way.log else level)
        return levels[0], levels[1]

    def plan(self, levels: tuple[int, int], firsts: tuple[int, int], counts: tuple[int, int]) -> Plan:
        axes = []
        for way, level, first, count, target in zip((self.x, self.y), levels, firsts, counts, self.known, strict=True):
            values = tuple(way.values(level, first, count, target).tolist())
            # Not validated: neighbours may be nearer to each other than a file says.
            axes.append(Axis.model_construct(over=way.over, values=values, scale="log" if way.log else "linear"))
        return Plan(self.subject.model_copy(update={"sweep": Sweep.model_construct(axes=tuple(axes))}), "cpu")


def plane_of(scenario: Scenario, run: int, x: Way, y: Way, inside: tuple[float, float]) -> Plane:
    """The plane of run ``run`` over two of its numbers, equal for scenarios that differ in these alone; ``inside`` are any values of them.

    Raises KeyError for a number that the run does not have, pydantic.ValidationError where the numbers do not go together.
    """
    start = scenario.runs[run].start if scenario.is_network else start_of(scenario, run)
    own = scenario.runs[run].model_copy(update={"label": "", "start": start})
    alone = scenario.model_copy(update={"title": "", "start": None, "runs": (own,), "sweep": None})
    known = targets(alone)
    return Plane(put(alone, zip((known[x.over], known[y.over]), inside, strict=True)), x, y)


@dataclass(frozen=True, eq=False)
class Picture:
    """What is known of a window: ``result`` over the places of a lattice, as ``chart``. ``levels`` and ``firsts`` (x, y) say which places;
    ``share`` of the finest picture is there, 1 with the last.
    """

    plane: Plane
    levels: tuple[int, int]
    firsts: tuple[int, int]
    result: SweepResult
    chart: SweepMap
    share: float

    @property
    def extent(self) -> Window:
        """Where the first pixel begins and the last one ends: half a pixel beyond their places."""
        (nx, ny), ends = self.result.shape, []
        for level, first, count in zip(self.levels, self.firsts, (nx, ny), strict=True):
            ends.append((math.ldexp(first - 0.5, level), math.ldexp(first + count - 0.5, level)))
        return ends[0], ends[1]

    def at(self, x: float, y: float) -> tuple[int, int] | None:
        """The run (a place in the result's shape) whose pixel has these places; None beyond the picture."""
        found = [round(math.ldexp(place, -level)) - first for place, level, first in zip((x, y), self.levels, self.firsts, strict=True)]
        inside = all(0 <= index < size for index, size in zip(found, self.result.shape, strict=True))
        return (found[0], found[1]) if inside else None


@dataclass(frozen=True)
class Progress:
    """``share`` of the finest picture is there, and the rest takes ``left`` seconds, about (None: nobody knows yet)."""

    share: float
    left: float | None = None


@dataclass(frozen=True)
class Withheld:
    """The end of what is computed unasked: a picture that is twice as fine, or the first of all, would take so many seconds, about."""

    seconds: float


@dataclass(eq=False)
class Atlas:
    """All that was computed of a plane. ``look`` belongs to one thread at a time."""

    plane: Plane
    tiles: dict[tuple[int, int, int, int], Floats] = field(default_factory=dict)
    seconds: float | None = None
    """That a run takes, where it is a training; ``apart`` if each goes by itself."""
    apart: bool = False

    def look(
        self, window: Window, most: tuple[int, int], colour: str = "auto", threads: int | None = None, patience: float = PATIENCE
    ) -> Iterator[Picture | Progress | Withheld]:
        """The window from coarse to fine, with at most so many places in x and y; between pictures how much of the finest is there.

        What is known from before is shown first, and only what is not is computed. Trainings end, ``Withheld``, where a finer picture of
        them would take longer than ``patience`` seconds. Raises ValueError for a colour that there is not.
        """
        finest = self.plane.finest(window, most)
        if self.plane.subject.is_network and self.seconds is None:
            yield Progress(0.0)
            plan = _Grid.of(self.plane, finest, window).plan
            pace = pace_of(plan)
            self.seconds, self.apart = pace / (threads or available_threads()), go_apart(plan, pace)
        stage, cost = self._begin(window, finest, patience)
        borders: tuple[Border, ...] | None = None
        coarser: _Grid | None = None
        while stage >= (aim := cost.aim(stage)):
            grid = self._grid(window, finest, stage)
            if coarser is not None:
                grid.inherit(coarser)
            total, before = math.prod(_Grid.of(self.plane, _doubled(finest, aim), window).counts), int(np.sum(grid.known))
            at_a_time = None if cost.seconds is None else int(KEPT_AFTER / cost.seconds)
            try:
                for known in grid.complete(threads, at_a_time, apart=self.apart):
                    cost.count(known - before)
                    before = known
                    yield Progress(known / total, cost.left(aim))
            finally:  # what was computed until it was given up
                self._remember(grid)
            self.seconds = cost.seconds
            result = result_of(grid.plan, grid.columns())
            if borders is None or not stage:
                borders = borders_of(result, FEW if stage else BORDER_POINTS)
            chart = map_of(result, colour, borders)
            last = stage == 0 or cost.aim(stage - 1) == stage
            yield Picture(self.plane, grid.levels, grid.firsts, result, chart, 1.0 if last else math.prod(grid.counts) / total)
            coarser, stage = grid, stage - 1
            if last:
                break
        if stage >= 0:
            yield Withheld(cost.price(stage))

    def _begin(self, window: Window, finest: tuple[int, int], patience: float) -> tuple[int, Cost]:
        """The stage of the finest lattice that is known for the most part, or else one that is soon there; and what there is to compute."""
        sizes, known = [], []
        soon: int | None = None
        for stage in itertools.count():
            grid = self._grid(window, finest, stage)
            sizes.append(grid.known.size)
            known.append(int(np.sum(grid.known)))
            if known[-1] >= ENOUGH * sizes[-1] or soon is not None:
                break
            few = max(grid.counts) < 2 * NARROWEST
            if stage == COARSEST if self.seconds is None else few or self.seconds * (sizes[-1] - known[-1]) <= SOON:
                soon = stage  # unless a coarser one is known
        begin = stage if soon is None or known[-1] >= ENOUGH * sizes[-1] else soon
        # What is known of the lattice that it begins with is known of all finer ones.
        wanted = [size - max(there, known[begin]) for size, there in zip(sizes, known, strict=True)][: begin + 1]
        return begin, Cost(tuple(wanted), self.seconds, patience)

    def _grid(self, window: Window, finest: tuple[int, int], stage: int) -> "_Grid":
        """The lattice of a stage, with what is known of it."""
        grid = _Grid.of(self.plane, _doubled(finest, stage), window)
        self._recall(grid)
        return grid

    def _recall(self, grid: "_Grid") -> None:
        for key, here, there in grid.tiles():
            tile = self.tiles.pop(key, None)
            if tile is not None:
                self.tiles[key] = tile  # the last used is the last to be forgotten
                grid.numbers[:, *here] = tile[:, *there]

    def _remember(self, grid: "_Grid") -> None:
        for key, here, there in grid.tiles():
            tile = self.tiles.setdefault(key, np.zeros((len(grid.numbers), TILE, TILE)))
            tile[:, *there] = grid.numbers[:, *here]
        while len(self.tiles) > MOST_TILES:
            del self.tiles[next(iter(self.tiles))]


@dataclass(eq=False)
class _Grid:
    """A window's part of a lattice: ``numbers`` (1 + columns, nx, ny), whose first row is 1 where the others are known."""

    plan: Plan
    levels: tuple[int, int]
    firsts: tuple[int, int]
    counts: tuple[int, int]
    names: tuple[str, ...]
    numbers: Floats

    @classmethod
    def of(cls, plane: Plane, levels: tuple[int, int], window: Window) -> "_Grid":
        firsts, counts = [], []
        for (low, high), level in zip(window, levels, strict=True):
            first, last = math.floor(math.ldexp(low, -level) + 0.5), math.ceil(math.ldexp(high, -level) - 0.5)
            firsts.append(first)
            counts.append(max(last - first, 1) + 1)
        at, size = (firsts[0], firsts[1]), (counts[0], counts[1])
        plan = plane.plan(levels, at, size)
        names = tuple(empty(plan, 0))
        return cls(plan, levels, at, size, names, np.zeros((1 + len(names), *size)))

    @property
    def known(self) -> NDArray[np.bool_]:
        return np.asarray(self.numbers[0] > 0.0)

    def tiles(self) -> Iterator[tuple[tuple[int, int, int, int], tuple[slice, slice], tuple[slice, slice]]]:
        """The tiles that it lies on, with its part of each, and the tile's part of that."""
        (i, j), (nx, ny) = self.firsts, self.counts
        for a, here_x, there_x in _cut(i, nx):
            for b, here_y, there_y in _cut(j, ny):
                yield (*self.levels, a, b), (here_x, here_y), (there_x, there_y)

    def inherit(self, coarser: "_Grid") -> None:
        """Takes what the next coarser lattice knows: its places are every other one of these."""
        mine, theirs = [], []
        for first, count, before, size in zip(self.firsts, self.counts, coarser.firsts, coarser.counts, strict=True):
            even = np.arange(first + first % 2, first + count, 2)
            even = even[(even // 2 >= before) & (even // 2 < before + size)]
            mine.append(even - first)
            theirs.append(even // 2 - before)
        self.numbers[:, mine[0][:, np.newaxis], mine[1]] = coarser.numbers[:, theirs[0][:, np.newaxis], theirs[1]]

    def complete(self, threads: int | None, at_a_time: int | None, *, apart: bool) -> Iterator[int]:
        """Computes what is not known, yielding how many runs are; so many ``at_a_time`` (None: all) are known together."""
        missing = np.flatnonzero(~self.known.ravel())
        fewest = (threads or available_threads()) * (1 if apart else PIECE)
        most = max(fewest, len(missing) if at_a_time is None else at_a_time)
        for low in range(0, len(missing), most):
            yield from self._compute(missing[low : low + most], threads, apart=apart)

    def _compute(self, rows: NDArray[np.int64], threads: int | None, *, apart: bool) -> Iterator[int]:
        fresh, before = empty(self.plan, len(rows)), int(np.sum(self.known))
        if apart:
            filled = fill_apart(self.plan, rows, fresh, threads)
        else:
            # So few runs on a landscape are done before threads are begun.
            few = len(rows) <= TILE**2 and not self.plan.scenario.is_network
            filled = fill(Computer(self.plan), rows, fresh, 1 if few else threads)
        for done in filled:
            yield before + done
        flat = self.numbers.reshape(len(self.numbers), -1)
        flat[0, rows] = 1.0
        for row, name in enumerate(self.names, start=1):
            flat[row, rows] = fresh[name]

    def columns(self) -> dict[str, NDArray[np.generic]]:
        kinds = empty(self.plan, 0)
        return {name: self.numbers[row].ravel().astype(kinds[name].dtype) for row, name in enumerate(self.names, start=1)}


def _doubled(levels: tuple[int, int], stage: int) -> tuple[int, int]:
    return levels[0] + stage, levels[1] + stage


def _cut(first: int, count: int) -> Iterator[tuple[int, slice, slice]]:
    """The tiles along one axis: number, part of the grid, part of the tile."""
    for number in range(first // TILE, (first + count - 1) // TILE + 1):
        low, high = max(first, number * TILE), min(first + count, (number + 1) * TILE)
        yield number, slice(low - first, high - first), slice(low - number * TILE, high - number * TILE)
