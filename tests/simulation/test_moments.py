"""The moments at which verdicts look, and the rules by which they tell what became of a run."""

import itertools

import numpy as np
import pytest

import gdsim
from gdsim.engine import descend
from gdsim.simulation.moments import ENDING, NOISY_SAMPLES, SAMPLES, moments
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_verdict import OUTCOMES, Ends, ground_of, judge
from gdsim.simulation.verdict import Outcome
from tests import naive
from tests.draws import some

LENGTHS = (0, 1, 2, 3, 4, 7, 20, 39, 40, 100, 127, 128, 255, 5000)


@pytest.mark.parametrize("samples", [SAMPLES, NOISY_SAMPLES])
@pytest.mark.parametrize("steps", LENGTHS)
def test_samples_are_one_from_each_part_of_the_last_two_quarters(steps, samples):
    looked, points, quarter = moments(steps, samples), steps + 1, (steps + 1) // 4
    seen = np.array(looked.steps)
    assert np.all(np.diff(seen) > 0)
    assert {0, *range(max(0, steps - ENDING + 1), points)} <= set(looked.steps)
    assert seen[looked.tail] == points - max(1, points // 20)
    assert len(looked.samples) == 2 * min(quarter, samples)
    if not quarter:
        assert looked.quarter == len(seen)
        return
    assert (seen[looked.late], seen[looked.quarter]) == (points - 2 * quarter, points - quarter)
    before, after = np.split(seen[list(looked.samples)], 2)
    np.testing.assert_array_equal(after - before, quarter)
    assert (before[0], after[0], after[-1]) == (points - 2 * quarter, points - quarter, steps)
    assert np.max(np.diff(before), initial=0) <= 2.0 * quarter / len(before) + 1.0


def test_samples_see_swings_of_every_period():
    """Of a wave of any period from 2 steps to a quarter, they show at least half of the scatter."""
    looked = moments(4000, NOISY_SAMPLES)
    quarter = np.array(looked.steps)[list(looked.samples)[:NOISY_SAMPLES]]
    for period in (2, 3, 4, 5, 7, 12, 31, 32, 62, 100, 500):
        for phase in np.linspace(0.0, np.pi, 7)[:-1]:
            every = np.cos(2.0 * np.pi * np.arange(1000) / period + phase + 0.1)
            seen = np.cos(2.0 * np.pi * (quarter - quarter[0]) / period + phase + 0.1)
            assert np.std(seen) >= 0.5 * np.std(every), (period, phase)


def test_and_turns_to_and_fro_at_every_period():
    """A swing of any period from 2 steps to an eighth of the run turns as often as makes an oscillation."""
    looked = moments(4000, SAMPLES)
    late = np.array(looked.steps[looked.late :])
    for period in (2, 3, 4, 5, 7, 12, 31, 32, 62, 100, 250, 500):
        for phase in np.linspace(0.0, 2.0 * np.pi, 13)[:-1]:
            assert naive.turns(np.cos(2.0 * np.pi * late / period + phase + 0.1), 0.1) >= 3, (period, phase)


def ways_of(landscape, looked, rng, count):
    """Paths of all kinds: at rest, creeping, swinging, thrown far out, near known points and anywhere."""
    low, high = np.array(landscape.domain).T
    size, steps = high - low, np.array(looked.steps, dtype=float)
    known = landscape.points(landscape.values)
    for _ in range(count):
        end = rng.uniform(low, high)
        if known and rng.random() < 0.5:
            end = known[rng.integers(len(known))].position + size * 10.0 ** rng.uniform(-9.0, -1.0) * rng.normal(size=len(low))
        rate = 10.0 ** rng.uniform(-4.0, 0.0) * rng.choice([1.0, -1.0])
        wide = size * 10.0 ** rng.uniform(-5.0, rng.choice([0.0, 2.0])) * rng.normal(size=len(low))
        swing = np.cos(rng.uniform(0.0, np.pi) * steps) * np.exp(-rng.uniform(0.0, 0.02) * steps)
        away = (1.0 - np.abs(rate)) ** steps if rate > 0.0 else (1.0 + np.abs(rate)) ** np.minimum(steps, 60.0)
        way = end + wide * (swing if rng.random() < 0.4 else away - (away[-1] if rng.random() < 0.5 else 0.0))[:, np.newaxis]
        yield way


@pytest.mark.parametrize("name", some(gdsim.LANDSCAPES, 4))
def test_rules_are_those_of_the_slow_version_compiled_or_not(name, rng):
    landscape = gdsim.LANDSCAPES[name]
    ground = ground_of(landscape)
    for steps in (1, 3, 30, 200):
        looked = moments(steps, SAMPLES)
        paths = list(ways_of(landscape, looked, rng, 60))
        ways = np.zeros((len(looked.steps), 2, len(paths)))
        ways[:, : landscape.dim] = np.stack(paths, axis=2)
        losses = np.array([[float(landscape.loss(*point)) for point in path] for path in paths])
        best = np.nanmin(losses, axis=1, initial=np.inf) - rng.choice([0.0, 1.0], len(paths))
        status = rng.choice([descend.RUNNING, descend.CONVERGED, descend.DIVERGED], len(paths), p=[0.8, 0.1, 0.1]).astype(np.int8)
        status[~np.isfinite(losses).all(axis=1)] = descend.DIVERGED
        ends = Ends(best, np.full(len(paths), steps), status)
        parameters = np.repeat(np.array(landscape.values)[:, np.newaxis], len(paths), axis=1)
        given = (landscape, [ground], np.zeros(len(paths), np.intp), parameters, ways, looked.cuts, ends)
        judged = judge(*given)
        words = {descend.RUNNING: "", descend.CONVERGED: "converged", descend.DIVERGED: "diverged"}
        for i, path in enumerate(paths):
            if np.sign(judged.numbers[1, i]) != np.sign(np.linalg.eigvalsh(landscape.hessian(*path[-1]))[0]):
                continue  # which way it curves is a matter of rounding
            told = OUTCOMES[judged.verdict[i]]
            assert told == naive.outcome(landscape, looked, path, best[i], words[status[i]]), (steps, path)
            one = (given[0], [ground], np.zeros(1, np.intp), parameters[:, :1], ways[:, :, i : i + 1], looked.cuts)
            alone = judge(*one, Ends(best[i : i + 1], ends.taken[:1], status[i : i + 1]), compiled=False)
            assert (alone.verdict[0], alone.minimum[0]) == (judged.verdict[i], judged.minimum[i])
            np.testing.assert_array_equal(alone.numbers[:, 0], judged.numbers[:, i])


@pytest.mark.parametrize(
    ("name", "method"), some(itertools.product(gdsim.LANDSCAPES, ["sgd", "momentum", "adam"]), 3), ids=lambda given: str(given)
)
def test_a_sweep_tells_of_each_run_what_is_told_of_it_alone(name, method, rng):
    """But for ``converged, oscillating``, which it does not tell."""
    landscape = gdsim.LANDSCAPES[name]
    low, high = np.array(landscape.domain).T
    run = {"optimizer": "sgd", "momentum": float(rng.choice([0.5, 0.9, 0.99]))} if method == "momentum" else {"optimizer": method}
    axes = [{"over": "learning_rate", "low": 1e-5, "high": 10.0, "count": 19, "scale": "log"}]
    tables = {"problem": {"landscape": name}, "start": rng.uniform(low, high).tolist(), "runs": [run], "sweep": {"axes": axes}}
    for steps in (int(rng.integers(1, 20)), int(rng.integers(20, 400))):
        tolerance = {"tolerance": 10.0 ** rng.uniform(-6.0, 0.0)} if rng.random() < 0.3 else {}
        result = sweep(validated(tables | tolerance | {"steps": steps}))
        for index in range(result.size):
            (alone,) = gdsim.run(result.scenario_at(index)).runs
            told = Outcome.CONVERGED if alone.verdict.outcome is Outcome.OSCILLATING else alone.verdict.outcome
            assert result.row(index).verdict is told, result.scenario_at(index)


def test_an_oscillation_that_has_only_just_begun_is_seen():
    """RMSprop after a long quiet bursts out; four moves to and fro are enough to tell."""
    landscape, looked = gdsim.LANDSCAPES["quadratic"].with_parameters(a=1.0, b=1.0), moments(500, SAMPLES)
    ways = np.full((len(looked.steps), 2, 1), 2.0)
    ways[-5:, 0, 0] = 2.0, 1.5, 2.1, 1.2, 2.4
    ends = Ends(np.zeros(1), np.array([500]), np.zeros(1, np.int8))
    judged = judge(landscape, [ground_of(landscape)], np.zeros(1, np.intp), np.ones((2, 1)), ways, looked.cuts, ends, compiled=False)
    assert OUTCOMES[judged.verdict[0]] is Outcome.OVERSHOOTING
