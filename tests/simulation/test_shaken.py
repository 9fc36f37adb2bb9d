"""Runs with noise, and on ground that moves: a sweep tells of each what is told of the run alone."""

import itertools

import numpy as np
import pytest

import gdsim
from gdsim.simulation.scenario import validated
from gdsim.simulation.shaken import _scatter
from gdsim.simulation.sweep import sweep
from gdsim.simulation.verdict import Outcome
from tests.draws import EVERYTHING, some

SEEN_ALIKE = {Outcome.OSCILLATING: Outcome.CONVERGED}
RATES = {"over": "learning_rate", "low": 1e-3, "high": 1.0, "count": 5, "scale": "log"}


def recorded(result, index):
    (alone,) = gdsim.run(result.scenario_at(index)).runs
    return SEEN_ALIKE.get(alone.verdict.outcome, alone.verdict.outcome)


def test_a_run_that_lags_behind_a_moving_bowl_is_too_slow_in_a_sweep_as_alone(rng):
    """It follows at a distance that costs 100 times what the noise does, and had 8 times as long as it needs to get there."""
    drifts, noises = 10.0 ** rng.uniform(-3.0, -2.0, 6), 10.0 ** rng.uniform(-3.0, -1.0, 6)
    for drift, rate in zip(drifts, 10.0 ** rng.uniform(-2.0, -1.3, 6), strict=True):
        lag = drift / rate
        axes = [{"over": "problem.noise.scale", "values": (noises * lag * np.sqrt(rate)).tolist()}, {"over": "seed", "values": [1, 2]}]
        problem = {"landscape": "quadratic", "parameters": {"a": 1.0, "b": 2.0}, "noise": {"kind": "gaussian"}}
        motion = {"kind": "drift", "velocity_x": float(drift)}
        run = {"optimizer": "sgd", "learning_rate": float(rate)}
        given = {"problem": problem | {"motion": motion}, "start": [0.5, 0.5], "runs": [run], "sweep": {"axes": axes}}
        result = sweep(validated(given | {"steps": int(8.0 / rate)}))
        for index in range(result.size):
            assert result.row(index).verdict is recorded(result, index) is Outcome.TOO_SLOW


PLACES = {
    "bowl": {"landscape": "quadratic", "parameters": {"a": 1.0, "b": 7.0}},
    "curve": {"landscape": "double_well"},
    "valley": {"landscape": "rosenbrock"},
    "formula": {"formula": "x^2 + 3*y^2 + cos(2*x)"},
    "points": {"points": [[0.0, 1.0], [1.0, 2.5], [2.0, 2.8], [3.0, 4.4], [-1.0, 0.1]], "model": "line"},
}
METHODS = {
    "sgd": {"optimizer": "sgd"},
    "momentum": {"optimizer": "sgd", "momentum": 0.8, "dampening": 0.1},
    "nesterov": {"optimizer": "sgd", "momentum": 0.9, "nesterov": True},
    "decay": {"optimizer": "sgd", "weight_decay": 0.01},
    "clipped": {"optimizer": "sgd", "clip_norm": 0.5},
    "adam": {"optimizer": "adam"},
    "schedule": {"optimizer": "sgd", "schedule": {"name": "cosine"}},
    "lookahead": {"optimizer": "sgd", "lookahead": {"k": 5}},
}
SHAKING = {
    "gaussian": {"noise": {"kind": "gaussian"}},
    "heavy tails": {"noise": {"kind": "cauchy"}},
    "two kinds": {"noise": [{"kind": "gaussian"}, {"kind": "gaussian"}]},
    "drift": {"motion": {"kind": "drift"}},
    "jumps": {"motion": {"kind": "jump"}},
    "a loss that grows": {"motion": {"kind": "scale_growth"}},
    "drift and noise": {"motion": {"kind": "drift"}, "noise": {"kind": "gaussian"}},
}


def equal_everywhere(tables, axes):
    result = sweep(validated(tables | {"sweep": {"axes": axes}}))
    for index in range(result.size):
        one, other = recorded(result, index), result.row(index).verdict
        assert one is other, f"{one}, in a sweep {other}: {result.scenario_at(index)}"


@pytest.mark.parametrize("shaking", some(SHAKING, 4))
def test_verdicts_are_those_of_recorded_runs_however_it_shakes_and_moves(shaking, rng):
    """Some optimizer on some landscape (in the soak each on each); rates and loudness vary within a sweep."""
    pairs = [(method, place) for method in METHODS for place in PLACES if place != "points"]
    for method, place in pairs if EVERYTHING else [pairs[rng.integers(len(pairs))]]:
        problem = PLACES[place] | SHAKING[shaking]
        loud = {"over": "problem.noise.scale", "values": (10.0 ** rng.uniform(-3.0, 0.7, 3)).tolist()}
        start = rng.uniform(-1.5, 1.5, 1 if place == "curve" else 2).tolist()
        tables = {"seed": int(rng.integers(1000)), "problem": problem, "start": start, "runs": [METHODS[method]]}
        for steps in rng.integers(2, 500, 3).tolist():
            tolerance = {"tolerance": 1e-3} if rng.random() < 0.3 else {}
            equal_everywhere(tables | tolerance | {"steps": steps}, [RATES, *([loud] if isinstance(problem.get("noise"), dict) else [])])


ORDERS = [{}, {"replacement": True}, {"shuffle": False}, {"drop_last": True}]


@pytest.mark.parametrize(("order", "method"), some(itertools.product(ORDERS, ["sgd", "momentum", "adam"]), 4), ids=str)
def test_and_however_batches_are_drawn(order, method, rng):
    runs = [METHODS[method] | order | {"batch_size": 2}]
    tables = {"steps": int(rng.integers(50, 400)), "problem": PLACES["points"], "start": rng.uniform(-3.0, 3.0, 2).tolist(), "runs": runs}
    equal_everywhere(tables, [RATES, {"over": "batch_size", "values": [1, 2, 4]}, {"over": "seed", "values": [1, 2]}])


def test_and_whatever_else_varies(rng):
    bowl = PLACES["bowl"] | {"noise": {"kind": "gaussian", "scale": 0.3}}
    momenta = {"over": "momentum", "values": [0.0, 0.5, 0.9]}
    steep = {"over": "problem.parameters.b", "values": [0.5, 7.0, 100.0]}
    tables = {"steps": 300, "seed": int(rng.integers(1000)), "start": [0.1, -0.2], "runs": [METHODS["sgd"]]}
    equal_everywhere(tables | {"problem": bowl}, [RATES, momenta, steep])
    limits = {"over": "clip_norm", "values": [0.1, 10.0]}
    equal_everywhere(tables | {"problem": bowl}, [RATES, limits, {"over": "weight_decay", "values": [0.0, 0.1]}])
    moving = PLACES["bowl"] | {"motion": {"kind": "drift"}}
    equal_everywhere(tables | {"problem": moving}, [RATES, {"over": "problem.motion.velocity_x", "values": [0.0, 0.01, 0.1]}])


def test_scatter_is_about_a_line(rng):
    values = rng.normal(size=(40, 7)) + np.arange(40)[:, np.newaxis] * rng.normal(size=7)
    times = np.arange(40.0)
    expected = [np.sqrt(np.mean((column - np.polyval(np.polyfit(times, column, 1), times)) ** 2)) for column in values.T]
    np.testing.assert_allclose(_scatter(times, values), expected, rtol=1e-9)
