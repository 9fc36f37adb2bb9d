"""The runs of a race: what settings of one optimizer are worth on one problem, with one set of seeds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.descents import Ends, runs_of, runs_of_targets
from gdsim.harness.landscape_goals import goal_of, starts_on
from gdsim.harness.race_file import Course, Entry, RaceTable
from gdsim.landscapes import Landscape
from gdsim.simulation.run import run
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import Training

Floats = NDArray[np.float64]
Values = Mapping[str, float]

TUNING, COUNTING = 7_000, 8_000
"""Streams of random numbers: runs that count see others than those by which settings were chosen."""


@dataclass(frozen=True, eq=False)
class Curve:
    """The least loss seen so far, after so many evaluations: two arrays of one length. Losses that are not finite are left out."""

    evaluations: Floats
    least: Floats

    def time(self, goal: float) -> float:
        """Evaluations until the loss was at ``goal`` or below; infinity for never."""
        hits = np.flatnonzero(self.least <= goal)
        return float(self.evaluations[hits[0]]) if len(hits) else math.inf


@dataclass(frozen=True)
class Seen:
    """A run: when it reached its goal, the loss where it ended, the least it saw; the ``curve`` where the goal is not known yet."""

    time: float
    loss: float
    best: float
    curve: Curve | None = None


class Stretch:
    """One optimizer on one problem: ``runs(settings, stream)`` tells of every setting with every seed."""

    def __init__(self, keys: RaceTable, course: Course, entry: Entry, index: int) -> None:
        self.keys, self.entry, self.index = keys, entry, index
        self.scenario, self.steps = course.scenario, course.steps
        self.landscape: Landscape | None = None if self.scenario.is_network else self.scenario.landscape
        known = self.landscape is not None and course.goal is None
        self.goal = goal_of(self.landscape, keys.reach).loss if known and self.landscape is not None else course.goal

    def runs(self, settings: Sequence[Values], stream: int) -> list[list[Seen]]:
        """For every setting a list of runs, one a seed. Raises TargetError for a target that fails."""
        if self.landscape is None:
            return [[self._trained(setting, stream + place) for place in range(self.keys.seeds)] for setting in settings]
        starts = starts_on(self.landscape, self.keys.seeds, self.keys.seed, stream)
        if self.entry.target is not None and self.entry.target.record is None:
            return [self._stepped(setting, starts) for setting in settings]
        if self._in_blocks:
            return self._together(settings, starts)
        return [[self._recorded(setting, start, stream + place) for place, start in enumerate(starts)] for setting in settings]

    @property
    def _in_blocks(self) -> bool:
        if self.entry.target is not None:
            return True
        one = self.scenario.runs[self.index]
        extras = (one.schedule, one.clip_value, one.clip_norm, one.lookahead, one.batch_size)
        assert self.landscape is not None
        quiet = not self.landscape.noise and self.landscape.motion is None
        return one.method.is_elementwise and quiet and all(extra is None for extra in extras)

    def _together(self, settings: Sequence[Values], starts: Floats) -> list[list[Seen]]:
        target, count = self.entry.target, len(starts)
        record = target.record if target is not None else self.scenario.runs[self.index].method
        own = target.values if target is not None else self.scenario.runs[self.index].settings
        assert record is not None
        assert self.landscape is not None
        assert self.goal is not None
        tuned = {name: np.repeat([one[name] for one in settings], count) for name in settings[0]}
        at = np.tile(starts, (len(settings), 1))
        ends = runs_of(self.landscape, record, at, self.steps, self.goal, {**own, **tuned})
        seen = _all_seen(ends)
        return [seen[place * count : (place + 1) * count] for place in range(len(settings))]

    def _stepped(self, setting: Values, starts: Floats) -> list[Seen]:
        assert self.entry.target is not None
        assert self.landscape is not None
        assert self.goal is not None
        target = self.entry.target.at(**setting) if setting else self.entry.target
        ends = runs_of_targets(self.landscape, [target] * len(starts), starts, self.steps, self.goal)
        return _all_seen(ends)

    def _alone(self, setting: Values, **others: object) -> Scenario:
        one = self.scenario.runs[self.index]
        table = {**one.model_dump(exclude_unset=True), **setting}
        return self.scenario.changed(runs=(table,), **others)

    def _recorded(self, setting: Values, start: Floats, seed: int) -> Seen:
        (one,) = run(self._alone(setting, start=tuple(map(float, start)), seed=self.keys.seed + seed)).runs
        spent = np.ones(len(one.losses)) if one.evaluations is None else one.evaluations.astype(np.float64)
        before = np.concatenate(([0.0], np.cumsum(spent)[:-1]))
        within = before <= self.steps
        return self._seen(before[within], one.losses[within])

    def _trained(self, setting: Values, seed: int) -> Seen:
        (one,) = run(self._alone(setting, seed=self.keys.seed + seed)).runs
        assert isinstance(one, Training)
        return self._seen(one.epochs.step.astype(np.float64), one.epochs.training_loss)

    def _seen(self, evaluations: Floats, losses: Floats) -> Seen:
        clean = np.where(np.isfinite(losses), losses, np.inf)
        curve = Curve(evaluations, np.minimum.accumulate(clean))
        time = math.nan if self.goal is None else curve.time(self.goal)
        return Seen(time, float(losses[-1]), float(curve.least[-1]), curve if self.goal is None else None)


def _all_seen(ends: Ends) -> list[Seen]:
    return [Seen(float(time), float(loss), float(best)) for time, loss, best in zip(ends.times, ends.losses, ends.best, strict=True)]


def worth(runs: Sequence[Seen], steps: int) -> float:
    """How good a setting is, the least the best: the median time, as a share of the budget; where most runs miss, 2 and more, by the loss
    where the median run ended.
    """
    time = float(np.median([one.time for one in runs]))
    if math.isfinite(time):
        return time / steps
    loss = float(np.median([one.loss if math.isfinite(one.loss) else math.inf for one in runs]))
    if math.isinf(loss):
        return 4.0 if loss > 0.0 else 2.0
    # Any loss, from the least to the largest, in order between 2 and 4.
    return 3.0 + math.copysign(math.log1p(abs(loss) * 1e12) / 800.0, loss)
