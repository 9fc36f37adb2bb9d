"""Ensembles: the same scenario with many seeds. What of a run is chance, and what is not.

Member m of an ensemble is the scenario with the seed s + m: its noise, its batches and its random starts. So the first one is the run that
the scenario itself describes.
"""

import json
import math
import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import normals
from gdsim.landscapes import Landscape
from gdsim.simulation.many import PIECE_STEPS, Many
from gdsim.simulation.noise_floor import is_noisy
from gdsim.simulation.run import SHARED_STREAM, start_of
from gdsim.simulation.run_batches import batches_of, looks_at_all, steps_of
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.scenario_file import scenario_of
from gdsim.simulation.spread import cut, spread_steps
from gdsim.simulation.start import NormalStart

Floats = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)
MOST_LOOKS = 256
"""Steps at which the losses of all members are looked at."""
LEAST_SEEDS, MOST_SEEDS = 2, 100_000
LEAST_PIECE, MOST_PIECE = 128, 1024
"""Members that are taken down the hill together: fewer where the way is long, so that whoever asked can give it up soon."""
PIECE_WORK = 16 * PIECE_STEPS
"""Looks at single points in a piece, if there can be so few: a tenth of a second."""
CLOSE = 0.01
"""A member has converged if its loss above the least ends below this share of what it began with (or the tolerance was met)."""
LEVEL, FORGOTTEN = 2.0, 0.5
"""Members hover if the median loss above the least changed by no larger ratio in the last half of the way, if their mean moved less than
they are spread, and if their places midway and at the end correlate less than this (a free walk's do by 0.7, one's in a valley do not)."""


@dataclass(frozen=True, eq=False)
class EnsembleRun:
    """One run of the scenario with n seeds.

    ``positions`` (n, dim) and ``losses`` (n,) are those at the end, ``converged``, ``diverged`` and ``hovering`` (n,) what became of each:
    one that hovers is held at its noise floor for good, and counts as converged, too, if that is close to the minimum. ``looks`` (k,) are
    steps from 0 on, ``band`` (3, k) the 10, 50 and 90 % quantiles of the loss at each; a member that has diverged counts as infinite.
    """

    label: str
    positions: Floats
    losses: Floats
    converged: NDArray[np.bool_]
    diverged: NDArray[np.bool_]
    hovering: NDArray[np.bool_]
    looks: NDArray[np.int64]
    band: Floats

    @property
    def shares(self) -> dict[str, float]:
        """What became of the members, as shares that sum to 1: those that hover are not counted as converged again."""
        converged, hovering = float(np.mean(self.converged & ~self.hovering)), float(np.mean(self.hovering))
        diverged = float(np.mean(self.diverged))
        under_way = float(np.mean(~(self.converged | self.hovering | self.diverged)))
        return {"converged": converged, "hovering": hovering, "diverged": diverged, "under way": under_way}

    @property
    def mean(self) -> Floats:
        """Mean end of those that did not diverge, (dim,); NaN where all did."""
        kept = self.positions[~self.diverged]
        return kept.mean(axis=0) if len(kept) else np.full(self.positions.shape[1], np.nan)

    @property
    def covariance(self) -> Floats:
        """Of the ends of those that did not diverge, (dim, dim); NaN where fewer than two are left."""
        kept = self.positions[~self.diverged]
        dim = self.positions.shape[1]
        return np.atleast_2d(np.cov(kept.T)) if len(kept) > 1 else np.full((dim, dim), np.nan)

    def summary(self) -> dict[str, Any]:
        """In numbers that JSON has: None for those that are not finite."""
        low, median, high = (_finite(value) for value in self.band[:, -1])
        return {
            "label": self.label,
            "seeds": len(self.losses),
            "converged": float(np.mean(self.converged)),
            "diverged": float(np.mean(self.diverged)),
            "hovering": float(np.mean(self.hovering)),
            "loss": {"10%": low, "50%": median, "90%": high},
            "mean_position": [_finite(value) for value in self.mean],
            "covariance": [[_finite(value) for value in row] for row in self.covariance],
        }


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Every run of ``scenario`` with the seeds ``scenario.seed`` and following."""

    scenario: Scenario
    runs: tuple[EnsembleRun, ...]

    def __repr__(self) -> str:
        lines = (f"  {run.label}: {', '.join(f'{share:.1%} {what}' for what, share in run.shares.items() if share)}" for run in self.runs)
        return "\n".join([f"<Ensemble of {len(self.runs[0].losses):,} seeds: {self.scenario.title}", *lines]) + ">"

    def to_json(self) -> str:
        """What ``summary.json`` holds."""
        first = self.scenario.seed
        whole = {"title": self.scenario.title, "first_seed": first, "runs": [run.summary() for run in self.runs]}
        return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)


def seeds_of(scenario: Scenario, count: int) -> NDArray[np.int64]:
    """The seeds of ``count`` members, (count,): from the scenario's on, and from 2^63 - 1 back to 0."""
    return ((scenario.seed + np.arange(count, dtype=np.uint64)) & np.uint64(2**63 - 1)).astype(np.int64)


def meets_chance(scenario: Scenario) -> bool:
    """Whether another seed would give other runs, of a landscape or a model of two weights."""
    if scenario.is_network:
        return False
    landscape = scenario.landscape
    if landscape.motion is not None and landscape.motion.by_chance:
        return True
    starts = scenario.start, *(run.start for run in scenario.runs)
    return any(isinstance(start, NormalStart) for start in starts) or any(is_noisy(landscape, run) for run in scenario.runs)


def ensemble(
    scenario: Scenario | str | os.PathLike[str],
    seeds: int = 1000,
    *,
    threads: int | None = None,
    progress: Callable[[float], None] | None = None,
) -> Ensemble:
    """Runs the scenario, a file of one or a shipped one by its name, with ``seeds`` seeds; ``progress`` is told the share that is done.
    ``threads`` change nothing but the time.

    Raises ScenarioError (a ValueError), and ValueError for a number of seeds that is out of bounds, and for a network.
    """
    for share, found in growing_ensemble(scenario_of(scenario), seeds, threads=threads):
        if progress is not None:
            progress(share)
        if found is not None:
            return found
    raise AssertionError("an ensemble ends with itself")


def growing_ensemble(
    scenario: Scenario, seeds: int = 1000, *, threads: int | None = None
) -> Generator[tuple[float, Ensemble | None], None, None]:
    """The share that is done, again and again, at last with the ensemble; closing it gives up after the legs under way.

    Raises ValueError as ``ensemble`` does, at the first look.
    """
    if not LEAST_SEEDS <= seeds <= MOST_SEEDS:
        raise ValueError(f"found {seeds:,} seeds; allowed: {LEAST_SEEDS} to {MOST_SEEDS:,}")
    if scenario.is_network:
        raise ValueError("this scenario trains a network; allowed: a landscape, or a model of two weights")
    runs, found = len(scenario.runs), []
    for index in range(runs):
        one = _Members(scenario, index, seeds)
        for done in spread_steps(one.walk, len(one.pieces), threads):
            yield (index + done / len(one.pieces)) / runs * (1.0 - 1e-9), None
        found.append(one.found())
    yield 1.0, Ensemble(scenario, tuple(found))


class _Members:
    """One run with all its seeds: pieces of them are walked in any order, on any thread."""

    def __init__(self, scenario: Scenario, index: int, seeds: int) -> None:
        self.scenario, self.run, self.landscape = scenario, scenario.runs[index], scenario.landscape
        self.steps = steps = steps_of(scenario, index)
        self.looks = np.unique(np.linspace(0, steps, min(MOST_LOOKS, steps + 1)).round().astype(np.int64))
        self.losses, self.ends_at = np.empty((len(self.looks), seeds)), np.empty(seeds)
        self.positions, self.midway = np.empty((seeds, self.landscape.dim)), np.empty((seeds, self.landscape.dim))
        self.converged, self.diverged = np.empty(seeds, bool), np.empty(seeds, bool)
        self.starts = _starts(scenario, index, seeds)
        self.numbers = seeds_of(scenario, seeds)
        work = max(1, steps) * (1 if self.landscape.data is None else len(self.landscape.data))
        piece = LEAST_PIECE * min(max(PIECE_WORK // (work * LEAST_PIECE), 1), MOST_PIECE // LEAST_PIECE)
        self.pieces = list(cut(seeds, piece))

    def walk(self, number: int) -> Iterator[None]:
        """Takes the members of piece ``number`` to the end of their way, a leg after the other."""
        low, high = self.pieces[number]
        many = _many(self.scenario, self.run, self.landscape, self.steps, self.starts[low:high], self.numbers[low:high])
        # A run that looks at batches alone may go on where the loss of the whole set is no number any more: for us it ends there.
        gone = np.zeros(high - low, bool)
        for row, leg in enumerate(np.diff(self.looks, prepend=0)):
            many.walk(int(leg))
            ends = many.summary()
            self.ends_at[low:high][~gone] = ends.losses[~gone]
            self.positions[low:high][~gone] = ends.positions[~gone]
            gone |= ends.diverged
            self.losses[row, low:high] = np.where(gone | np.isnan(ends.losses), np.inf, ends.losses)
            if row == (len(self.looks) - 1) // 2:
                self.midway[low:high] = self.positions[low:high]
            yield
        self.converged[low:high], self.diverged[low:high] = ends.converged & ~gone, gone

    def found(self) -> EnsembleRun:
        """What became of all of them."""
        losses, met, label = self.losses, self.converged, self.run.label or self.run.optimizer
        least = min([point.loss for point in self.landscape.minima[:1]] or [float(np.min(losses))])
        with np.errstate(invalid="ignore"):
            converged = met | ((losses[-1] - least <= CLOSE * (losses[0] - least)) & ~self.diverged)
        band = np.quantile(losses, QUANTILES, axis=1, method="inverted_cdf")
        hovering = ~(met | self.diverged) & self._level(band[1] - least) & self._is_held()
        return EnsembleRun(label, self.positions, self.ends_at, converged, self.diverged, hovering, self.looks, band)

    def _level(self, gaps: Floats) -> bool:
        """Whether noise has the run, and the median of its loss above the least, (k,), has stopped falling and rising."""
        quarter = len(gaps) // 4
        if quarter == 0 or not is_noisy(self.landscape, self.run):
            return False
        before, after = float(np.mean(gaps[-2 * quarter : -quarter])), float(np.mean(gaps[-quarter:]))
        return math.isfinite(after) and after <= LEVEL * before and before <= LEVEL * after

    def _is_held(self) -> bool:
        """Whether all members together stay where they were midway, and each has forgotten where that was."""
        kept = ~self.diverged & np.isfinite(self.midway).all(axis=1)
        if np.count_nonzero(kept) < 2:
            return False
        before, after = self.midway[kept], self.positions[kept]
        shift = after.mean(axis=0) - before.mean(axis=0)
        before, after = before - before.mean(axis=0), after - after.mean(axis=0)
        with np.errstate(all="ignore"):
            shared = float(np.sum(before * after) / np.sqrt(np.sum(before**2) * np.sum(after**2)))
            return shared < FORGOTTEN and bool(np.sum(shift**2) * len(after) < np.sum(after**2))


def _many(scenario: Scenario, run: Run, landscape: Landscape, steps: int, starts: Floats, seeds: NDArray[np.int64]) -> Many:
    batches, whole = None, True
    if landscape.data is not None and not looks_at_all(cut := batches_of(run, len(landscape.data))):
        # The loss of all points is wanted at the looks alone, where nothing on the way asks for it.
        batches, whole = cut, scenario.tolerance is not None or (run.schedule is not None and bool(run.schedule.record.calm))
    settings: dict[str, Any] = dict(run.settings)
    return Many(
        landscape,
        run.method,
        starts,
        steps,
        scenario.tolerance,
        clip_value=run.clip_value,
        clip_norm=run.clip_norm,
        streams=SHARED_STREAM,
        seeds=seeds,
        schedule=run.schedule,
        batches=batches,
        whole=whole,
        **settings,
    )


def _starts(scenario: Scenario, index: int, seeds: int) -> Floats:
    """Where the members begin, (seeds, dim): a random start is drawn anew for each."""
    own = scenario.runs[index].start
    start, stream = (own, index + 1) if own is not None else (scenario.start, 0)
    if not isinstance(start, NormalStart):
        return np.tile(start_of(scenario, index), (seeds, 1))
    dim = scenario.landscape.dim
    drawn = [normals(seed, stream, 0, 0)[:dim] for seed in seeds_of(scenario, seeds).tolist()]  # type: ignore[no-untyped-call]
    return start.normal * np.array(drawn)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
