"""Ensembles: the same scenario with many seeds. What of a run is chance, and what is not.

Member m of an ensemble is the scenario with the seed s + m: its noise, its batches and its random starts. So the first one is the run that
the scenario itself describes.
"""

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import normals
from gdsim.landscapes import Landscape
from gdsim.simulation.many import Many
from gdsim.simulation.run import SHARED_STREAM, start_of
from gdsim.simulation.run_batches import batches_of, looks_at_all, steps_of
from gdsim.simulation.scenario import NormalStart, Run, Scenario
from gdsim.simulation.spread import spread

Floats = NDArray[np.float64]

QUANTILES = (0.1, 0.5, 0.9)
MOST_LOOKS = 256
"""Steps at which the losses of all members are looked at."""
LEAST_SEEDS, MOST_SEEDS = 2, 100_000
PIECE = 1024
"""Members that are taken down the hill together."""
CLOSE = 0.01
"""A member has converged if its loss above the least ends below this share of what it began with (or the tolerance was met)."""


@dataclass(frozen=True, eq=False)
class EnsembleRun:
    """One run of the scenario with n seeds.

    ``positions`` (n, dim) and ``losses`` (n,) are those at the end, ``converged`` and ``diverged`` (n,) what became of each. ``looks`` (k,)
    are steps from 0 on, ``band`` (3, k) the 10, 50 and 90 % quantiles of the loss at each; a member that has diverged counts as infinite.
    """

    label: str
    positions: Floats
    losses: Floats
    converged: NDArray[np.bool_]
    diverged: NDArray[np.bool_]
    looks: NDArray[np.int64]
    band: Floats

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
            "loss": {"10%": low, "50%": median, "90%": high},
            "mean_position": [_finite(value) for value in self.mean],
            "covariance": [[_finite(value) for value in row] for row in self.covariance],
        }


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Every run of ``scenario`` with the seeds ``scenario.seed`` and following."""

    scenario: Scenario
    runs: tuple[EnsembleRun, ...]

    def to_json(self) -> str:
        """What ``summary.json`` holds."""
        first = self.scenario.seed
        whole = {"title": self.scenario.title, "first_seed": first, "runs": [run.summary() for run in self.runs]}
        return json.dumps(whole, indent=2, ensure_ascii=False, allow_nan=False)


def ensemble(
    scenario: Scenario, seeds: int = 1000, *, threads: int | None = None, progress: Callable[[float], None] | None = None
) -> Ensemble:
    """Runs the scenario with ``seeds`` seeds; ``progress`` is told the share that is done. ``threads`` change nothing but the time.

    Raises ValueError for a number of seeds that is out of bounds, and for a network.
    """
    if not LEAST_SEEDS <= seeds <= MOST_SEEDS:
        raise ValueError(f"found {seeds:,} seeds; allowed: {LEAST_SEEDS} to {MOST_SEEDS:,}")
    if scenario.is_network:
        raise ValueError("this scenario trains a network; allowed: a landscape, or a model of two weights")
    found = []
    for index in range(len(scenario.runs)):

        def told(share: float, index: int = index) -> None:
            if progress is not None:
                progress((index + share) / len(scenario.runs))

        found.append(_run(scenario, index, seeds, threads, told))
    return Ensemble(scenario, tuple(found))


def _run(scenario: Scenario, index: int, seeds: int, threads: int | None, told: Callable[[float], None]) -> EnsembleRun:
    run, landscape, steps = scenario.runs[index], scenario.landscape, steps_of(scenario, index)
    looks = np.unique(np.linspace(0, steps, min(MOST_LOOKS, steps + 1)).round().astype(np.int64))
    losses, ends_at, positions = np.empty((len(looks), seeds)), np.empty(seeds), np.empty((seeds, landscape.dim))
    converged, diverged = np.empty(seeds, bool), np.empty(seeds, bool)
    starts = _starts(scenario, index, seeds)
    numbers = (scenario.seed + np.arange(seeds, dtype=np.uint64)).astype(np.uint64) & np.uint64(2**63 - 1)

    def work(low: int, high: int) -> None:
        many = _many(scenario, run, landscape, steps, starts[low:high], numbers[low:high].astype(np.int64))
        for row, leg in enumerate(np.diff(looks, prepend=0)):
            many.walk(int(leg))
            ends = many.summary()
            losses[row, low:high] = np.where(ends.diverged | np.isnan(ends.losses), np.inf, ends.losses)
        ends_at[low:high] = ends.losses
        positions[low:high] = ends.positions
        converged[low:high], diverged[low:high] = ends.converged, ends.diverged

    for done in spread(work, seeds, PIECE, threads):
        told(done / seeds)
    least = min([point.loss for point in landscape.minima[:1]] or [float(np.min(losses))])
    with np.errstate(invalid="ignore"):
        converged |= (losses[-1] - least <= CLOSE * (losses[0] - least)) & ~diverged
    band = np.quantile(losses, QUANTILES, axis=1, method="inverted_cdf")
    return EnsembleRun(run.label or run.optimizer, positions, ends_at, converged, diverged, looks, band)


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
    drawn = [normals((scenario.seed + member) % 2**63, stream, 0, 0)[:dim] for member in range(seeds)]  # type: ignore[no-untyped-call]
    return start.normal * np.array(drawn)


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None
