"""The noise of batches: theory against Monte Carlo with fresh seeds, and the stationary ball of SGD against its closed form."""

import math
from itertools import permutations

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.networks.batches import Batches
from gdsim.networks.generators import DATASETS
from gdsim.networks.two_weights import two_weights
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.gradient_noise import GradientNoise, noise_at
from gdsim.simulation.many import Many
from gdsim.simulation.noise_floor import _Coefficients, _epoch, noise_floor, theory_of
from gdsim.simulation.run_batches import batches_of, looks_at_all
from gdsim.simulation.scenario import validated
from tests.draws import SEED

LINE = {"dataset": "line", "data": {"count": 40}, "model": "line"}
GAUSSIAN = {"kind": "gaussian", "scale": 0.3}


def points(count=40):
    return noise_at(two_weights("line", DATASETS["line"].make(count=count)), (0.4, -0.3))


@pytest.mark.parametrize("replacement", [False, True])
@pytest.mark.parametrize("size", [1, 7, 40])
def test_the_scatter_of_batches_is_what_theory_says(size, replacement):
    noise, batches = points(), Batches(40, size, replacement=replacement)
    rng = np.random.default_rng(SEED)
    count = 4000
    means = np.array([noise.of_batch(batches.rows(1 + batches.steps * i, int(rng.integers(2**62)))) for i in range(count)])
    wanted = noise.covariance * noise.share(size, replacement=replacement)
    if not wanted.any():
        assert np.allclose(means, noise.mean)
        return
    # In units of the theory's own ellipse every direction has variance 1, known to about sqrt(2 / count) = 2.2 %.
    values, vectors = np.linalg.eigh(wanted)
    plain = (means - noise.mean) @ vectors / np.sqrt(values)
    assert plain.mean(axis=0) == pytest.approx(0.0, abs=7.0 / math.sqrt(count)), SEED
    assert plain.T @ plain / count == pytest.approx(np.eye(2), abs=7.0 * math.sqrt(2.0 / count)), SEED


def test_the_mean_is_the_gradient_and_the_ellipse_the_covariance():
    landscape = two_weights("line", DATASETS["line"].make())
    noise = noise_at(landscape, (0.4, -0.3))
    assert noise.mean == pytest.approx(landscape.gradient(0.4, -0.3), rel=1e-12)
    ellipse = noise.ellipse(4, deviations=2.0)
    turn = np.array([[math.cos(ellipse.angle), -math.sin(ellipse.angle)], [math.sin(ellipse.angle), math.cos(ellipse.angle)]])
    back = turn @ np.diag(np.square(ellipse.axes)) @ turn.T / 4.0
    assert back == pytest.approx(noise.covariance * noise.share(4), rel=1e-9)
    assert ellipse.axes[0] >= ellipse.axes[1]
    assert ellipse.centre == pytest.approx(noise.mean)


def test_signal_noise_and_critical_batch_size():
    noise = GradientNoise(np.array([[1.0, 0.0], [3.0, 0.0], [2.0, 3.0], [2.0, -3.0]]))
    assert noise.mean.tolist() == [2.0, 0.0]
    assert noise.trace == pytest.approx((1 + 1 + 9 + 9) / 4)
    assert noise.critical_batch_size == pytest.approx(5.0 / 4.0)
    assert noise.signal_to_noise(1, replacement=True) == pytest.approx(2.0 / math.sqrt(5.0))
    # At the critical size (drawn with replacement) signal and noise are equally strong.
    assert noise.signal_to_noise(4, replacement=True) ** 2 == pytest.approx(4 / noise.critical_batch_size)
    assert noise.signal_to_noise(4) == math.inf
    assert GradientNoise(noise.gradients - noise.mean).critical_batch_size == math.inf
    with pytest.raises(ValueError, match="1 to 4"):
        noise.share(5)
    with pytest.raises(ValueError, match="not made of data"):
        noise_at(LANDSCAPES["sphere"], (0.0, 0.0))


def of(problem, **run):
    scenario = validated({"problem": problem, "runs": [{"optimizer": "sgd", **run}]})
    landscape = scenario.landscape
    return landscape, scenario.runs[0], np.array(landscape.minima[0].position)


@pytest.mark.parametrize("curvature", [0.5, 2.0, 7.0])
@pytest.mark.parametrize("momentum", [0.0, 0.6])
def test_additive_noise_has_its_closed_form(curvature, momentum):
    rate, scale = 0.1, 0.3
    problem = {"landscape": "quadratic", "parameters": {"a": curvature, "b": curvature}, "noise": GAUSSIAN}
    landscape, run, at = of(problem, learning_rate=rate, momentum=momentum)
    hessian = float(landscape.hessian(*at)[0, 0])
    a = rate * hessian
    variance = rate * scale**2 * (1 + momentum) / (hessian * (1 - momentum) * (2 * (1 + momentum) - a))
    floor = noise_floor(landscape, run, at)
    assert floor.covariance == pytest.approx(variance * np.eye(2), rel=1e-9)
    assert floor.excess == pytest.approx(hessian * variance, rel=1e-9)
    if momentum == 0.0:
        assert floor.excess == pytest.approx(2 * rate * scale**2 / (2 * (2 - a)), rel=1e-9)


CASES = {
    "additive": ({"landscape": "sphere", "noise": GAUSSIAN}, {"learning_rate": 0.1, "momentum": 0.8}, 0.05),
    "additive, dampened": ({"landscape": "sphere", "noise": GAUSSIAN}, {"learning_rate": 0.1, "momentum": 0.8, "dampening": 0.3}, 0.05),
    "additive, nesterov": ({"landscape": "sphere", "noise": GAUSSIAN}, {"learning_rate": 0.1, "momentum": 0.8, "nesterov": True}, 0.05),
    "one, put back": (LINE, {"learning_rate": 0.05, "batch_size": 1, "replacement": True}, 0.06),
    "some, put back": (LINE, {"learning_rate": 0.1, "batch_size": 8, "replacement": True}, 0.06),
    "momentum, put back": (LINE, {"learning_rate": 0.05, "batch_size": 4, "momentum": 0.5, "replacement": True}, 0.06),
    "one": (LINE, {"learning_rate": 0.05, "batch_size": 1}, 0.08),
    "some": (LINE, {"learning_rate": 0.1, "batch_size": 8}, 0.08),
    "momentum": (LINE, {"learning_rate": 0.05, "batch_size": 4, "momentum": 0.5}, 0.08),
    "a leftover": (LINE, {"learning_rate": 0.1, "batch_size": 14}, 0.12),
    "a leftover dropped": (LINE, {"learning_rate": 0.1, "batch_size": 14, "drop_last": True}, 0.12),
}


@pytest.mark.parametrize("case", CASES)
def test_the_ball_in_which_many_runs_wander_is_what_theory_says(case):
    problem, numbers, close = CASES[case]
    landscape, run, at = of(problem, **numbers)
    given, runs, steps, looks = {}, 6000, 400, 40
    if landscape.data is not None:
        given = {"batches": batches_of(run, len(landscape.data)), "whole": False}
        epoch = given["batches"].steps  # the floor is a mean over epochs
        steps, looks = -(-steps // epoch) * epoch, -(-looks // epoch) * epoch
    many = Many(landscape, run.method, np.tile(at, (runs, 1)), steps + looks, seed=SEED, **given, **run.settings)
    many.walk(steps)
    losses = []
    for _ in range(looks):
        many.walk(1)
        losses.append(many.summary().losses.mean())
    floor = noise_floor(landscape, run, at)
    assert np.mean(losses) - landscape.minima[0].loss == pytest.approx(floor.excess, rel=close), SEED


@pytest.mark.parametrize(("size", "drop_last"), [(1, False), (2, False), (2, True), (3, False)])
@pytest.mark.parametrize(("momentum", "nesterov"), [(0.0, False), (0.6, False), (0.6, True)])
def test_the_moments_of_an_epoch_are_those_over_all_its_orders(size, drop_last, momentum, nesterov, rng):
    """Of five points whose curvatures are alike, in each of their 120 orders; the errors of their gradients sum to zero."""
    errors = rng.normal(size=5)
    errors -= errors.mean()
    rates, batches = np.array([0.3]), Batches(5, size, drop_last=drop_last)
    rule = _Coefficients(momentum, 0.0, nesterov)
    push, matrix = rule.push(rates, 1), rule.matrix(rates, np.array([[1.7]]))
    seen = np.zeros((batches.steps, 2, 2))
    for order in permutations(range(5)):
        moved = np.zeros(2)
        for step in range(batches.steps):
            moved = matrix[0] @ moved + push[0, :, 0] * errors[list(order[step * size : (step + 1) * size])].mean()
            seen[step] += np.outer(moved, moved) / 120
    whole = np.linalg.matrix_power(matrix[0], batches.steps)
    start = np.linalg.solve(np.eye(4) - np.kron(whole, whole), seen[-1].ravel()).reshape(2, 2)
    powers = [np.linalg.matrix_power(matrix[0], step + 1) for step in range(batches.steps)]
    expected = np.mean([power @ start @ power.T + own for power, own in zip(powers, seen, strict=True)], axis=0)
    np.testing.assert_allclose(_epoch(matrix, push, np.array([[np.mean(errors**2)]]), batches)[0], expected, rtol=1e-10, atol=1e-14)


def test_full_batches_have_no_floor_and_what_theory_does_not_know_has_none():
    landscape, run, at = of(LINE, learning_rate=0.1)
    assert looks_at_all(batches_of(run, 40))
    assert noise_floor(landscape, run, at).excess == 0.0
    forgetful = {"momentum": 0.9, "dampening": 1.0}  # after the first step no gradient counts
    others = {"optimizer": "adam"}, forgetful, {"clip_norm": 1.0}, {"weight_decay": 0.1}
    for other in others:
        landscape, run, at = of(LINE, learning_rate=0.01, batch_size=4, **other)
        assert noise_floor(landscape, run, at) is None
    landscape, run, at = of({"landscape": "sphere", "noise": {"kind": "cauchy"}}, learning_rate=0.1)
    assert noise_floor(landscape, run, at) is None
    for scale, known in ((3.0, True), (30.0, False)):  # the larger ball reaches where the loss rises by the fourth power
        landscape, run, at = of({"landscape": "zakharov", "noise": {"kind": "gaussian", "scale": scale}}, learning_rate=0.1)
        assert (noise_floor(landscape, run, at) is not None) == known


def test_the_limit_of_one_weight_is_the_published_one():
    """Points (x, 0), whose second weight never acts: eta < 2 mu / (mu^2 + Var(h) / B), h = 2 x^2."""
    rng = np.random.default_rng(SEED)
    x = rng.normal(size=12)
    # Two inputs of which no point has both: two weights that know nothing of each other.
    rows = [[value, 0.0, value] for value in x] + [[0.0, value, 0.0] for value in x]
    curvatures = np.array([2.0 * value * value for value in x] + [0.0] * len(x))
    for size in (1, 4):
        scenario = validated({
            "problem": {"points": rows, "classification": False, "model": "line"},
            "runs": [{"optimizer": "sgd", "learning_rate": 1e-3, "batch_size": size, "replacement": True}],
        })  # fmt: skip
        landscape, run = scenario.landscape, scenario.runs[0]
        floor = noise_floor(landscape, run, np.array(landscape.minima[0].position))
        mean, spread = curvatures.mean(), curvatures.var()
        assert floor.limit == pytest.approx(2 * mean / (mean**2 + spread / size), rel=1e-5)


@pytest.mark.parametrize("size", [1, 4])
def test_square_distances_grow_beyond_the_limit_and_shrink_below(size):
    """Without errors at the minimum only the points' curvatures matter: the mean square distance shrinks or grows by the law."""
    scenario = validated({
        "problem": {"dataset": "line", "data": {"count": 30, "noise": 0.0}, "model": "line"},
        "runs": [{"optimizer": "sgd", "learning_rate": 1e-3, "batch_size": size, "replacement": True}],
    })  # fmt: skip
    landscape, run = scenario.landscape, scenario.runs[0]
    at = np.array(landscape.minima[0].position)
    limit = noise_floor(landscape, run, at).limit
    runs, legs = 40_000, 24
    growth = {}
    for share in (0.7, 1.3):
        starts = at + np.tile([0.3, -0.2], (runs, 1))
        given = {"batches": Batches(30, size, replacement=True), "whole": False, "seed": SEED, "learning_rate": share * limit}
        many = Many(landscape, OPTIMIZERS["sgd"], starts, legs, **given)
        squares = []
        for _ in range(2):
            many.walk(legs // 2)
            squares.append(float(np.mean(np.sum(np.square(many.weights.T - at), axis=1))))
        growth[share] = squares[1] / squares[0]
    assert growth[0.7] < 1.0 < growth[1.3], (SEED, growth)


@pytest.mark.parametrize("case", CASES)
def test_floors_of_many_runs_are_those_of_each_alone(case):
    problem, numbers, _ = CASES[case]
    landscape, run, at = of(problem, **numbers)
    rates = np.array([1e-3, 30.0, *10.0 ** np.random.default_rng(SEED).uniform(-4.0, 1.0, 10)])
    coefficients = (float(run.momentum), float(run.dampening), bool(run.nesterov))
    square = sum(float(noise.values[0]) ** 2 for noise in landscape.noise)
    excess, covariance = theory_of(landscape, run, at, coefficients).floors(rates, np.full(len(rates), square))
    assert np.isfinite(excess[0])
    assert not np.isfinite(excess[1])
    for rate, high, ball in zip(rates.tolist(), excess, covariance, strict=True):
        alone = noise_floor(landscape, run.changed(learning_rate=rate), at)
        assert np.isnan(high) if alone is None else high == alone.excess
        if alone is not None:
            np.testing.assert_array_equal(ball, alone.covariance)
