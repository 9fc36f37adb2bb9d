"""Landscape trials: every landscape of the catalogue from many starts. Does the optimizer reach a global minimum, how soon, and how much
does its learning rate matter?

It fails where a run from the domain of a landscape with a floor leaves the finite numbers at the rate that the user gave (diverged). All
else is graded by the share of the starts from which a global minimum is reached, beside that of gradient descent at the best constant rate
for that landscape (``landscape_reference``): slow is not broken, and where no descent finds the way nobody has to.
"""

import json
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.descents import Ends, runs_of, runs_of_targets
from gdsim.harness.landscape_goals import Goal, goal_of, starts_on
from gdsim.harness.shares import wilson
from gdsim.harness.target import Target, TargetError
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.fitness import misfit
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.spread import spread

Floats = NDArray[np.float64]

REFERENCE = Path(__file__).with_name("landscape_reference.json")
WITHIN = 2.0
"""Rates whose expected time is at most so much longer than the best one's are good rates."""


@dataclass(frozen=True)
class Effort:
    """How much is done: starts, steps of a run, and the learning rates tried, as powers of ten times the target's own."""

    starts: int
    steps: int
    powers: tuple[float, ...]

    @property
    def spacing(self) -> float:
        return self.powers[1] - self.powers[0]


COMPILED = Effort(64, 2000, tuple(float(power) for power in np.linspace(-3.0, 3.0, 25)))
STEP_BY_STEP = Effort(8, 400, tuple(float(power) for power in np.linspace(-1.0, 1.0, 5)))
"""For what runs in its own code."""


def trials(target: Target, quick: bool) -> Sequence[Trial]:
    """One for every landscape; when quick, or for what is not compiled, one of every family, and for that when quick every other."""
    names = [name for name in LANDSCAPES if _can(target, LANDSCAPES[name])]
    if quick or target.record is None:
        families = {LANDSCAPES[name].family: name for name in reversed(names)}
        names = [name for name in names if name in families.values()]
    if quick and target.record is None:
        names = names[::2]
    return tuple(_trial(LANDSCAPES[name]) for name in names)


def _trial(landscape: Landscape) -> Trial:
    asked = "a global minimum" if landscape.bounded_below else "below all of its domain"
    return Trial(f"landscapes/{landscape.name}", Family.LANDSCAPES, f"{landscape.title}: does it get to {asked}?", landscape.family)


def _can(target: Target, landscape: Landscape) -> bool:
    if target.record is None:
        return True
    return misfit(landscape, target.record) is None


def put(target: Target, trials: Sequence[Trial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    """Yields outcomes as they come, for what is compiled from as many threads as there are processors."""
    if target.record is None:
        for trial in trials:
            if not progress():
                return
            yield _outcome(target, trial, seed)
        return
    found: dict[int, Outcome] = {}

    def work(low: int, high: int) -> None:
        for index in range(low, high):
            found[index] = _outcome(target, trials[index], seed)

    told: set[int] = set()
    if not progress():
        return
    for _ in spread(work, len(trials), 1):
        for index in sorted(set(found) - told):
            told.add(index)
            yield found[index]
        if not progress():
            return


def _outcome(target: Target, trial: Trial, seed: int) -> Outcome:
    try:
        return ask(target, LANDSCAPES[trial.id.removeprefix("landscapes/")], trial, seed)
    except TargetError as error:
        return Outcome(trial, Verdict.FAILED, str(error))


def ask(target: Target, landscape: Landscape, trial: Trial, seed: int) -> Outcome:
    """One landscape's outcome. Raises TargetError."""
    effort = COMPILED if target.record is not None else STEP_BY_STEP
    starts, goal = starts_on(landscape, effort.starts, seed), goal_of(landscape)
    own = float(target.values.get("learning_rate", math.nan))
    rates = own * 10.0 ** np.array(effort.powers) if own > 0.0 else np.array([own])
    runs, reached, rates = _runs(target, landscape, starts, goal, rates, effort)
    middle = int(np.flatnonzero(np.isclose(rates, own, rtol=1e-12, equal_nan=True))[0])
    ends, there = runs[middle], reached[middle]
    times = expected_times(runs, reached, effort.steps)
    count = int(np.sum(there))
    interval = wilson(count, effort.starts)
    reference = references().get(landscape.name)
    blown = ends.diverged & landscape.bounded_below
    arrivals = np.where(there, ends.times, np.inf)
    best = int(np.argmin(times))
    good = times <= WITHIN * times[best] if math.isfinite(times[best]) else np.zeros(len(times), np.bool_)
    figures = {
        "share": count / effort.starts,
        "starts": float(effort.starts),
        "median steps": float(np.median(arrivals)),
        "expected steps": float(times[middle]),
        "diverged": float(np.sum(blown)),
        "decades": float(np.sum(good)) * effort.spacing if len(rates) > 1 else math.nan,
        "best rate": float(rates[best]) if math.isfinite(times[best]) else math.nan,
    }
    share = reference["share"] if reference else 1.0
    verdict = Verdict.DIVERGED if np.any(blown) else grade(interval, count / effort.starts, times[middle], reference)
    score = -float(np.sum(blown)) if np.any(blown) else (count / effort.starts) / share if share else float(count > 0)
    worst = int(np.argmax(blown)) if np.any(blown) else int(np.argmin(there))
    sentence = _sentence(landscape, effort, runs, figures, interval, reference, rates, good, own)
    shown = _scenario(target, landscape, starts[worst], effort.steps)
    return Outcome(trial, verdict, sentence, score, interval, figures, shown)


def _runs(
    target: Target, landscape: Landscape, starts: Floats, goal: Goal, rates: Floats, effort: Effort
) -> tuple[list[Ends], list[NDArray[np.bool_]], Floats]:
    """What became of the runs at every rate that is allowed, and which of them got there."""
    count = len(starts)
    if target.record is not None:
        if len(rates) > 1:
            param = target.record.parameters[0]
            rates = np.array([rate for rate in rates if param.admits(float(rate))])
        values = {**target.values, "learning_rate": np.repeat(rates, count)}
        together = runs_of(landscape, target.record, np.tile(starts, (len(rates), 1)), effort.steps, goal.loss, values)
        cut = [slice(place * count, (place + 1) * count) for place in range(len(rates))]
        runs = [Ends(*(getattr(together, name)[some] for name in ("losses", "best", "times", "diverged", "steps"))) for some in cut]
    else:
        runs, allowed = [], []
        for rate in rates:
            try:
                other = target if len(rates) == 1 else target.at(learning_rate=float(rate))
            except TargetError:
                if math.isclose(rate, float(target.values["learning_rate"])):
                    raise
                continue
            allowed.append(rate)
            runs.append(runs_of_targets(landscape, [other] * count, starts, effort.steps, goal.loss))
        rates = np.array(allowed)
    return runs, [got_there(landscape, ends, goal) for ends in runs], rates


def got_there(landscape: Landscape, ends: Ends, goal: Goal) -> NDArray[np.bool_]:
    """Which runs got there: they end at the goal, or have been below it where there is no floor to end on."""
    with np.errstate(invalid="ignore"):
        return np.asarray(ends.losses <= goal.loss if landscape.bounded_below else ends.best <= goal.loss, dtype=np.bool_)


def expected_times(runs: Sequence[Ends], reached: Sequence[NDArray[np.bool_]], steps: int) -> Floats:
    """Steps until one run gets there, if those that do not are begun anew: all steps spent over the number of arrivals (Hansen et al.,
    2021, Optimization Methods and Software 36:114-144, the expected running time).
    """
    found = []
    for ends, there in zip(runs, reached, strict=True):
        spent = float(np.sum(np.where(there, np.minimum(ends.times, steps), steps)))
        found.append(spent / np.sum(there) if np.any(there) else math.inf)
    return np.array(found)


def grade(interval: tuple[float, float], share: float, time: float, reference: dict[str, float] | None) -> Verdict:
    """By what gradient descent does at its best rate: as often, and twice as soon, or more often for certain (excellent); about as often
    (good); for certain less often than in three of four cases (unreliable), or in one of four (insufficient).
    """
    low, high = interval
    best = reference["share"] if reference else 1.0
    if low > best or (share >= best > 0.0 and reference is not None and time <= 0.5 * reference["time"]):
        return Verdict.EXCELLENT
    if high >= 0.75 * best and (share > 0.0 or best < 0.05):
        return Verdict.GOOD
    return Verdict.UNRELIABLE if high >= 0.25 * best and share > 0.0 else Verdict.INSUFFICIENT


def _sentence(
    landscape: Landscape,
    effort: Effort,
    runs: Sequence[Ends],
    figures: dict[str, float],
    interval: tuple[float, float],
    reference: dict[str, float] | None,
    rates: Floats,
    good: NDArray[np.bool_],
    own: float,
) -> str:
    count, blown = round(figures["share"] * effort.starts), int(figures["diverged"])
    where = "end at a global minimum" if landscape.bounded_below else "get below all of its domain"
    parts = []
    if blown:
        calm = [rate for rate, ends in zip(rates, runs, strict=True) if not np.any(ends.diverged)]
        until = f"; up to {max(calm):.2g} none does" if calm and max(calm) < own else ""
        at = f" at its rate {own:.3g}" if own > 0.0 else ""
        parts.append(f"{blown} of {effort.starts} runs leave the finite numbers{at}{until}.")
    spread_of = f"{interval[0]:.0%} to {interval[1]:.0%}"
    median = f", the median after {figures['median steps']:,.0f}" if math.isfinite(figures["median steps"]) else ""
    parts.append(f"{count} of {effort.starts} runs of {effort.steps:,} steps {where} (95 % interval: {spread_of}){median}")
    if reference is not None:
        parts[-1] += f"; of gradient descent at its best rate {reference['share']:.0%}"
    parts[-1] += "."
    if np.any(good):
        few = rates[good]
        about = f"Rates from {few[0]:.2g} to {few[-1]:.2g} are" if len(few) > 1 else f"The rate {few[0]:.2g} alone is"
        edge = " (and perhaps beyond what was tried)" if good[0] or good[-1] else ""
        parts.append(f"{about} within a factor {WITHIN:g} of the best, {figures['best rate']:.2g}{edge}.")
    elif len(rates) > 1:
        parts.append(f"No rate from {rates[0]:.2g} to {rates[-1]:.2g} gets there.")
    return " ".join(parts)


def _scenario(target: Target, landscape: Landscape, start: Floats, steps: int) -> str | None:
    """A scenario with one of the runs: one that broke, or else one that did not get there."""
    record = target.record
    if record is None or OPTIMIZERS.get(record.name) is not record or LANDSCAPES.get(landscape.name) is not landscape:
        return None
    run = {"optimizer": record.name, **{name: value for name, value in target.values.items() if value != record.defaults[name]}}
    run["learning_rate"] = target.values["learning_rate"]
    problem = {"landscape": landscape.name}
    place = [float(weight) for weight in start]
    try:
        return to_toml(validated({"title": landscape.title, "steps": steps, "start": place, "problem": problem, "runs": [run]}))
    except ScenarioError:
        return None


@cache
def references() -> dict[str, dict[str, float]]:
    """What gradient descent does at the best of its rates, by landscape: ``share`` of the starts, expected ``time`` and ``rate``."""
    found: dict[str, dict[str, float]] = json.loads(REFERENCE.read_text(encoding="utf-8"))["landscapes"]
    return {name: {key: math.inf if value is None else value for key, value in one.items()} for name, one in found.items()}
