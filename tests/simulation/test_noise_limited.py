"""Noise-limited or merely too slow: runs whose answer is known, over tables of noise and rates, with fresh seeds."""

import numpy as np
import pytest

from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_verdict import OUTCOMES
from tests.draws import SEED

CURL = {"kind": "curl"}


def gaussian(scale):
    return {"kind": "gaussian", "scale": scale}


def outcome(problem, steps, seed, start=None, **settings):
    given = {"problem": problem, "steps": steps, "seed": seed, "runs": [{"optimizer": "sgd", **settings}]}
    trajectory = run(validated(given | ({} if start is None else {"start": start}))).runs[0]
    return str(trajectory.verdict.outcome), str(trajectory.verdict.rate), trajectory


@pytest.mark.parametrize("scale", [1.0, 3.0, 10.0])
@pytest.mark.parametrize("rate", [1e-5, 1e-4, 3e-4])
@pytest.mark.parametrize("others", [{}, {"curl": True}, {"motion": {"kind": "drift"}}, {"curl": True, "motion": {"kind": "drift"}}])
def test_a_run_that_creeps_down_a_valley_is_too_slow_however_loud_the_noise(scale, rate, others):
    noise = [gaussian(scale), CURL] if "curl" in others else [gaussian(scale)]
    motion = {"motion": others["motion"]} if "motion" in others else {}
    found, place, trajectory = outcome({"landscape": "rosenbrock", "noise": noise} | motion, 2000, SEED, learning_rate=rate)
    assert found == "too slow", SEED
    if not motion:
        assert place == "too small", SEED
        assert "still descending" in trajectory.verdict.evidence


@pytest.mark.parametrize("scale", [1.0, 3.0, 10.0])
@pytest.mark.parametrize(("rate", "steps"), [(3e-4, 300_000), (1e-3, 100_000)])
def test_a_run_that_has_come_down_the_valley_hovers(scale, rate, steps):
    found, place, _ = outcome({"landscape": "rosenbrock", "noise": gaussian(scale)}, steps, SEED, learning_rate=rate)
    assert (found, place) == ("noise-limited", "stable"), SEED


def bowls(count):
    """Curvatures of the steep and the flat axis, loudness and seed."""
    rng = np.random.default_rng(SEED)
    for _ in range(count):
        steep = 10.0 ** rng.uniform(-0.7, 1.0)
        yield steep, steep * 10.0 ** rng.uniform(-1.0, 0.0), 10.0 ** rng.uniform(-1.0, 1.0), int(rng.integers(2**31)), rng


def test_a_hundred_runs_long_enough_for_their_ball_hover_in_it():
    """60 times as long as the flat axis needs to forget; far below the limit and near it."""
    for steep, flat, scale, seed, rng in bowls(100):
        rate = rng.uniform(0.05, 1.2) / steep
        scale = max(scale, float(0.1 * np.sqrt(2.0 * flat / rate)))  # in a ball that is smaller yet it would have converged
        problem = {"landscape": "quadratic", "parameters": {"a": steep, "b": flat}, "noise": gaussian(scale)}
        start = rng.normal(size=2).tolist()
        found = outcome(problem, int(max(400, 60 / (rate * flat))), seed, start, learning_rate=rate)[:2]
        assert found == ("noise-limited", "stable"), (SEED, steep, flat, scale, seed, rate)


def test_a_hundred_runs_too_short_for_their_way_are_too_slow():
    """The flat axis keeps at least a third of its distance, which is much more than noise would leave."""
    for steep, flat, scale, seed, rng in bowls(100):
        steps = int(rng.integers(200, 3000))
        rate = rng.uniform(0.02, 1.0) / (steep * steps)
        left = 0.5 * flat * 36.0 * np.exp(-2.0 * rate * flat * steps)
        scale = min(scale, float(np.sqrt(0.1 * left / rate)))  # the ball is rate scale^2 / 2 high
        problem = {"landscape": "quadratic", "parameters": {"a": steep, "b": flat}, "noise": gaussian(scale)}
        found = outcome(problem, steps, seed, [6.0, -6.0], learning_rate=rate)[:2]
        assert found == ("too slow", "too small"), (SEED, steep, flat, scale, seed, rate, steps)


def test_a_run_that_begins_at_the_minimum_and_is_thrown_into_its_ball_has_not_diverged():
    problem = {"landscape": "quadratic", "parameters": {"a": 0.2, "b": 0.2}, "noise": gaussian(6.0)}
    for seed in range(SEED, SEED + 5):
        assert outcome(problem, 2000, seed, [1e-3, 0.0], learning_rate=3.8)[:2] == ("noise-limited", "stable"), seed


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop"])
def test_the_same_where_theory_knows_no_floor(optimizer):
    problem = {"landscape": "quadratic", "parameters": {"a": 2.0, "b": 1.0}, "noise": gaussian(1.0)}
    for seed in range(SEED, SEED + 5):
        hovers = outcome(problem, 20_000, seed, [0.5, -0.5], optimizer=optimizer, learning_rate=0.02)
        creeps = outcome(problem, 1000, seed, [6.0, -6.0], optimizer=optimizer, learning_rate=5e-4)
        assert (hovers[0], creeps[0]) == ("noise-limited", "too slow"), seed


def test_noise_does_not_hide_a_rate_that_is_too_large():
    """A curvature of 2 and momentum 0: swings shrink by a thousandth a step below 1, and grow beyond."""
    problem = {"landscape": "quadratic", "parameters": {"a": 2.0, "b": 2.0}, "noise": gaussian(1e-3)}
    found, place, trajectory = outcome(problem, 1500, SEED, [5.0, 4.0], learning_rate=2.0 * 0.9995 / 2.0)
    curvature = float(validated({"problem": problem, "runs": [{"optimizer": "sgd"}]}).landscape.hessian(0.0, 0.0)[0, 0])
    assert curvature == 2.0
    assert (found, place) == ("overshooting", "stable"), trajectory.verdict.evidence
    assert outcome(problem, 1500, SEED, [5.0, 4.0], learning_rate=1.002)[1] == "too large"


def shares(problem, steps, start, low, high):
    """The share of each verdict of a sweep over 20 rates and 10 seeds."""
    axes = [{"over": "learning_rate", "low": low, "high": high, "count": 20, "scale": "log"}, {"over": "seed", "values": list(range(10))}]
    given = {"problem": problem, "steps": steps, "start": start, "runs": [{"optimizer": "sgd"}], "sweep": {"axes": axes}}
    codes = sweep(validated(given))["verdict"].ravel()
    return {str(outcome): float(np.mean(codes == code)) for code, outcome in enumerate(OUTCOMES)}


@pytest.mark.parametrize("scale", [1.0, 10.0])
def test_a_sweep_tells_them_apart_by_four_points_as_far_as_it_can(scale):
    bowl = {"landscape": "quadratic", "parameters": {"a": 1.0, "b": 3.0}, "noise": gaussian(scale)}
    assert shares(bowl, 1000, [6.0, -6.0], 5e-6, 2e-4)["too slow"] > 0.9
    assert shares(bowl, 2000, [1.0, 1.0], 0.05, 0.3)["noise-limited"] > 0.5
    valley = {"landscape": "rosenbrock", "noise": gaussian(scale)}
    assert shares(valley, 2000, [-1.2, 1.0], 1e-5, 2e-4)["too slow"] > 0.8
