"""What became of the runs of a sweep, all at once, from what a block of runs keeps: some moments of each way (``moments``) and a summary.

A recorded run is judged by the same moments through the same rules, whether noise shakes it (``shaken``) or not, so both always agree. One
thing a sweep does not tell, for it would have to look at every step: whether a run that converged swung to and fro before
(``converged, oscillating`` is ``converged`` here).
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import assess, descend, templates
from gdsim.engine.compose import composed
from gdsim.engine.evaluate import NO_DATA
from gdsim.engine.gather import gather
from gdsim.engine.specialise import specialise
from gdsim.landscapes import Landscape
from gdsim.simulation.outcome import OUTCOMES as OUTCOMES
from gdsim.simulation.path import Path

Floats = NDArray[np.float64]

KINDS = {"global minimum": assess.GLOBAL, "local minimum": assess.LOCAL}


@dataclass(frozen=True, eq=False)
class Ground:
    """What is known about a landscape with these parameters: ``points`` (k, 4) with x, y, loss and kind, and ``facts``."""

    points: Floats
    facts: Floats

    @property
    def least(self) -> float:
        """The least loss known, infinite if none is."""
        return float(self.facts[1])


@lru_cache(maxsize=100_000)
def ground_of(landscape: Landscape) -> Ground:
    known = landscape.points(landscape.values)
    minima = landscape.minima
    rest = tuple(point for point in known if "minimum" not in point.kind)
    rows = [(*point.position, *(0.0,) * (2 - landscape.dim), point.loss, KINDS.get(point.kind, assess.OTHER)) for point in (*minima, *rest)]
    least = next((point.loss for point in minima), np.inf)
    slope = _measures(landscape).typical_slope
    facts = (len(minima), least, float(landscape.bounded_below), slope)
    return Ground(np.array(rows, dtype=np.float64).reshape(len(rows), 4), np.array(facts))


def _measures(landscape: Landscape) -> Path:
    """Lengths of the landscape alone: a path without points."""
    return Path(landscape, np.empty((0, landscape.dim)), np.empty((0, landscape.dim)), np.empty(0))


@lru_cache(maxsize=256)
def frame_of(domain: tuple[tuple[float, float], ...]) -> Floats:
    """Middle and half width of the domain in x, then in y (0 and 1 for a curve), and the unit of length."""
    unit = 1e-3 * float(np.sqrt(sum((high - low) ** 2 for low, high in domain)))
    sides = [number for low, high in domain for number in (0.5 * (low + high), 0.5 * (high - low))]
    return np.array([*sides, *(0.0, 1.0)[: 4 - len(sides)], unit])


@dataclass(frozen=True, eq=False)
class Judged:
    """Codes of verdicts (into OUTCOMES) and minima reached (into ``Landscape.minima``, -1 for none), (n,); ``numbers`` (4, n): gradient
    norm, smallest and largest eigenvalue of the Hessian at the end, and the mean contraction rate.
    """

    verdict: NDArray[np.int8]
    minimum: NDArray[np.int16]
    numbers: Floats


@dataclass(frozen=True, eq=False)
class Ends:
    """How n runs ended: the ``best`` loss seen (infinite where that says nothing), the steps ``taken``, and the engine's ``status``."""

    best: Floats
    taken: NDArray[np.int64]
    status: NDArray[np.int8]


def judge(
    landscape: Landscape,
    grounds: list[Ground],
    ground: NDArray[np.intp],
    parameters: Floats,
    ways: Floats,
    cuts: tuple[int, int, int],
    ends: Ends,
    *,
    compiled: bool = True,
) -> Judged:
    """Verdicts, noise apart, on n runs over ``grounds[ground[i]]`` with ``parameters`` (p, n).

    ``ways`` (m, 2, n) is where they were at their ``moments``, with these ``cuts``. Without ``compiled``, for a single run, nothing
    has to be compiled for it; that changes no bit.
    """
    count = len(ground)
    most = max(1, *(len(one.points) for one in grounds))
    points = np.full((len(grounds), most, 4), np.inf)
    for row, one in zip(points, grounds, strict=True):
        row[: len(one.points)] = one.points
    facts = np.array([one.facts for one in grounds])
    verdict, minimum, numbers = np.empty(count, np.int8), np.empty(count, np.int16), np.empty((4, count))
    frame = frame_of(landscape.domain)
    known = (ground, points, facts, ends.best, ends.taken, ends.status, (descend.CONVERGED, descend.DIVERGED))
    with np.errstate(all="ignore"):
        measured = _measured(landscape, parameters, ways, cuts, frame) if compiled else _measured_one(landscape, ways[:, :, 0], cuts, frame)
        rules = specialise(assess.assess, LANES=descend.LANES) if compiled else _interpreted()
        rules(ways, cuts, measured, *known, frame, landscape.dim, verdict, minimum, numbers)
    return Judged(verdict, minimum, numbers)


def _measured(landscape: Landscape, parameters: Floats, ways: Floats, cuts: tuple[int, int, int], frame: Floats) -> Floats:
    kernel = specialise(
        assess.measure,
        value_and_gradient=landscape.value_and_gradient,
        second_derivatives=landscape.second_derivatives,
        gather_params=gather(len(parameters)),
        values_of=templates.parameters if landscape.data is None else templates.parameters_and_data,
        PARAMS=len(parameters),
        LANES=descend.LANES,
    )
    measured = np.empty((9, ways.shape[2]))
    kernel(ways, cuts, parameters, NO_DATA if landscape.data is None else landscape.data.array, frame, measured)
    return measured


def _measured_one(landscape: Landscape, way: Floats, cuts: tuple[int, int, int], frame: Floats) -> Floats:
    """The same of one run by what is compiled for the landscape anyway."""
    late, quarter, _ = cuts
    (first, last), end = landscape.loss(*way[[0, -1]].T), way[-1]
    slope, full = np.zeros(2), np.zeros((2, 2))
    slope[: landscape.dim] = landscape.gradient(*end)
    full[: landscape.dim, : landscape.dim] = landscape.hessian(*end)
    highest: tuple[float, ...] = (0.0, np.inf)
    far = assess.excursion(end[0], end[1], frame) > assess.FAR  # type: ignore[no-untyped-call]
    if quarter < len(way) and (last > first or far):
        losses = landscape.loss(*way[late:].T)
        highest = tuple(np.fmax.reduce(part, initial=-np.inf) for part in (losses[: quarter - late], losses[quarter - late :]))
    return np.array([[first, last, *slope, full[0, 0], full[0, 1], full[1, 1], *highest]]).T


@cache
def _interpreted() -> Callable[..., Any]:
    """The rules as plain Python: one run is judged before they would be compiled."""
    return composed(assess.assess, LANES=1)
