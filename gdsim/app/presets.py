"""Learning rates that are too small, stable or too large, found by trying: theory says where to begin, the verdict decides.

Where theory knows a limit of stability (``Optimizer.stable_product``), half of it is where a stable rate is looked for first: for plain
gradient descent that is 1 / lambda_max, the rate that jumps to the bottom of the steepest parabola at once. For rules whose step does
not grow with the gradient it is the rate that would cross the distance to go in a quarter of the steps on an even slope.
"""

import math
from collections.abc import Generator, Iterator
from functools import cache

import numpy as np

from gdsim.app.growing import CHUNK_STEPS
from gdsim.optimizers import Optimizer
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.norm import norm
from gdsim.simulation.run import start_of, stream
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.trainer import Trainer
from gdsim.simulation.training_measures import Measures, measure
from gdsim.simulation.trajectory import Trajectory
from gdsim.simulation.verdict import Outcome, Rate

PRESETS = tuple(str(rate) for rate in Rate)

SLOPES = (1.0, 1000.0)
STRIDES = 100
ALIKE = 4.0
GENTLE = 1e-3
"""The rate that a way is measured with. It matters to Adafactor, whose steps are shares of the weight: long ones would grow out of hand."""

MOST_TRIES = 48
MOST_TRAININGS = 16
"""The same for a network, whose training takes longer."""
MORE_TRIES = 6
"""Trials that a preset's verdict gets to come with a more telling outcome."""

CLEARLY = 4.0
"""A rate that is too small is shown this much smaller than the largest of its kind, so that it is seen to crawl."""

WELCOME = {
    Rate.TOO_SMALL: (Outcome.TOO_SLOW,),
    Rate.STABLE: (Outcome.CONVERGED, Outcome.NOISE_LIMITED),
    Rate.TOO_LARGE: (Outcome.OVERSHOOTING, Outcome.DIVERGED),
}
"""What is best shown by a preset, where it can be had."""


def travel(rule: Optimizer, slope: float, steps: int) -> float:
    """How far ``rule`` with its default parameters gets in ``steps`` steps on an even slope from a weight of 1, for each unit of rate."""
    if rule.update is None:
        raise ValueError(f"{rule.name} takes no steps on an even slope alone: it looks at the landscape")
    hyper, on = rule.pack(rule.defaults | {"learning_rate": GENTLE})
    slots, shared, weight = rule.initial_slots(hyper), rule.initial_shared, 1.0
    for step in range(1, steps + 1):
        shared = rule.advance(shared, hyper, step)
        weight, slots = rule.update(weight, slope, slots, shared, hyper, on, step)
    return abs(weight - 1.0) / GENTLE


@cache
def same_scale(one: Optimizer, other: Optimizer) -> bool:
    """Whether a learning rate means about the same to both rules: as far a way on slopes gentle and steep, within a factor of 4.

    Methods that find the length of a step themselves share the meaning of theirs: 1 is the step as they found it.
    """
    if not (one.is_elementwise and other.is_elementwise):
        return not one.is_elementwise and not other.is_elementwise and one.defaults["learning_rate"] == other.defaults["learning_rate"]
    ways = [(travel(one, slope, STRIDES), travel(other, slope, STRIDES)) for slope in SLOPES]
    return all(a > 0.0 and b > 0.0 and 1.0 / ALIKE <= a / b <= ALIKE for a, b in ways)


def find_rate(scenario: Scenario, index: int, preset: Rate) -> Generator[None, None, float]:
    """A learning rate of run ``index`` on which the verdict is ``preset``.

    Where no rate has that verdict (nothing is too large for Adam on a saddle) it is the first that was tried; but if nothing is stable, the
    one that came lowest without being too large. Yields every few thousand steps, so that it can be interrupted; the rate is the
    generator's return value.
    """
    run = scenario.runs[index]
    alone = scenario.changed(runs=(run if scenario.is_network else run.changed(start=start_of(scenario, index)),))
    most, growth = (MOST_TRAININGS, 2.0) if alone.is_network else (MOST_TRIES, 1.25)
    rates = [readable(rate) for rate in ladder(preset, first_guess(alone), most, growth)]
    found: list[float] = []
    losses: dict[float, float] = {}
    last = len(rates)
    for tried, rate in enumerate(rates):
        if tried > last:
            break
        result = yield from trial(alone, rate)
        if result.verdict.rate is not Rate.TOO_LARGE:
            losses[rate] = float(result.losses[-1])
        if result.verdict.rate is not preset:
            continue
        found.append(rate)
        last = min(last, tried + MORE_TRIES)
        if result.verdict.outcome in WELCOME[preset]:
            found.insert(0, rate)
            break
    if not found:
        return min(losses, key=lambda rate: losses[rate]) if preset is Rate.STABLE and losses else rates[0]
    if preset is Rate.TOO_SMALL:
        clear = readable(found[0] / CLEARLY)
        clearly = yield from trial(alone, clear)
        if clearly.verdict.rate is preset:
            return clear
    return found[0]


def trial(alone: Scenario, rate: float) -> Generator[None, None, Trajectory]:
    """The only run of ``alone`` with that learning rate."""
    scenario = alone.with_run(0, alone.runs[0].changed(learning_rate=rate))
    for chunk in stream(scenario, CHUNK_STEPS):
        yield
        if chunk.trajectory is not None:
            return chunk.trajectory
    raise AssertionError("a run ends with its trajectory")


def ladder(preset: Rate, first: float, most: int = MOST_TRIES, growth: float = 1.25) -> Iterator[float]:
    """Rates to try in turn: outwards from a stable one, up from twice of it by ``growth``, or down from an eighth."""
    for k in range(most):
        match preset:
            case Rate.STABLE:
                yield first * 2.0 ** ((k + 1) // 2 * (-1 if k % 2 else 1))
            case Rate.TOO_LARGE:
                yield first * 2.2 * growth**k
            case Rate.TOO_SMALL:
                yield first / 8.0 / 2.0**k


def readable(rate: float) -> float:
    """``rate`` in two digits, which a person can read out and remember."""
    return float(f"{rate:.2g}")


def first_guess(alone: Scenario) -> float:
    """A rate that is probably stable for the only run of the scenario."""
    run = alone.runs[0]
    if not run.rule.is_elementwise or (alone.is_network and run.rule.stable_product is None):
        return float(run.rule.defaults["learning_rate"])
    sharpness = sharpness_at_start(alone) if alone.is_network else expected_sharpness(alone)
    if run.rule.stable_product is not None and 0.0 < sharpness < math.inf:
        return 0.5 * run.rule.stable_product(run.values) / sharpness
    if alone.is_network:
        return float(run.rule.defaults["learning_rate"])
    return distance_to_go(alone) / max(travel(run.rule, 1.0, max(1, min(alone.steps // 4, 1000))), 1e-12)


def sharpness_at_start(alone: Scenario) -> float:
    """The largest curvature of a network's loss at its first weights; infinite where it cannot be told."""
    problem = alone.problem
    assert isinstance(problem, Learning)
    trainer = Trainer(problem, alone.runs[0], steps=1, seed=alone.seed)
    measures = Measures()
    for _ in measure(trainer.network, trainer.learner.state.weights, trainer.parts.train, trainer.last_batches, alone.seed, True, measures):
        pass
    return math.inf if measures.sharpness is None else measures.sharpness


def expected_sharpness(alone: Scenario) -> float:
    """The largest curvature at the known minimum that is nearest to the start, or else at the start."""
    landscape = alone.landscape
    start = np.array(start_of(alone, 0))
    places = [np.array(point.position) for point in landscape.minima]
    place = min(places, key=lambda p: float(norm(p - start)), default=start)
    eigenvalues = np.linalg.eigvalsh(np.nan_to_num(landscape.hessian(*place)))
    return float(eigenvalues[-1])


def distance_to_go(alone: Scenario) -> float:
    """From the start to the nearest known minimum; a quarter of the domain's diagonal where that says nothing."""
    landscape = alone.landscape
    start = np.array(start_of(alone, 0))
    quarter = 0.25 * math.hypot(*(high - low for low, high in landscape.domain))
    known = [float(norm(np.array(point.position) - start)) for point in landscape.minima]
    return max(min(known, default=quarter), 0.1 * quarter)
