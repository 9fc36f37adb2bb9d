"""Noise and motion: what their records say, against their definitions, their statistics and closed forms; the same bits however run."""

import math

import numpy as np
import pytest

import gdsim
from gdsim.engine import descend, evaluate
from gdsim.engine.gather import gather, scatter
from gdsim.engine.random import normals
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.disturbance import memory_of
from gdsim.landscapes.motion import DRAW, MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import run_many
from gdsim.simulation.run import rule_of
from gdsim.simulation.standing_still import whereabouts
from tests import naive
from tests.draws import fresh

SGD = OPTIMIZERS["sgd"]
BOWL = LANDSCAPES["quadratic"].with_parameters(a=1.0, b=4.0)
STEPS = 60


def in_turn(landscape, *kinds):
    for kind in kinds:
        landscape = landscape.with_noise(kind)
    return landscape


# Between them: every noise, one of them twice; offsets and factors; more numbers than the written-out gathers hold.
CASES = {
    "plane": in_turn(LANDSCAPES["himmelblau"], "brownian", "gaussian", "curl", "masked").moving("jump", scale=0.3, period=17.0),
    "curve": in_turn(LANDSCAPES["double_well"], "multiplicative", "cauchy", "gaussian").moving("scale_drift", sigma=0.2, period=7.5),
}
every_case = pytest.mark.parametrize("landscape", CASES.values(), ids=CASES)


def recorded(landscape, start, rate, parts, seed, stream):
    hyper, on = SGD.pack({"learning_rate": rate})
    rule = rule_of(landscape, SGD, hyper, on)
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = start
    state = descend.State.start(weights, SGD.initial_slots(hyper), SGD.initial_shared, (0.0,) * memory_of(landscape.noise))
    met = descend.Conditions(trouble=np.array(landscape.trouble), seed=seed)
    given = (np.array(landscape.values), np.array(hyper))
    pieces = [
        descend.record(rule, state, *given, steps, closing=k == len(parts) - 1, conditions=met, stream=stream)
        for k, steps in enumerate(parts)
    ]
    positions, losses, gradients = (np.concatenate([getattr(p, name) for p in pieces]) for name in ("positions", "losses", "gradients"))
    return np.column_stack((positions[:, : landscape.dim], losses, gradients[:, : landscape.dim]))


@every_case
def test_a_run_is_as_defined_alone_in_parts_in_a_block_and_on_threads(landscape):
    rng = fresh()
    seed, first = int(rng.integers(2**63)), int(rng.integers(1000))
    low, high = np.array(landscape.domain).T
    starts = rng.uniform(low, high, (5, landscape.dim)) * 0.5
    streams = first + np.arange(5)
    for threads in (1, 2):
        ends = run_many(landscape, SGD, starts, STEPS, threads=threads, seed=seed, streams=streams, learning_rate=0.003)
        for k, start in enumerate(starts):
            slow = np.array(naive.disturbed_descent(landscape, 0.003, start, STEPS, seed, first + k))
            for parts in ([STEPS], [1, 24, STEPS - 25]):
                assert np.array_equal(recorded(landscape, start, 0.003, parts, seed, first + k), slow), (seed, first, start, parts)
            assert np.array_equal(ends.positions[k], slow[-1, : landscape.dim])
            assert ends.losses[k] == slow[-1, landscape.dim]
            assert ends.steps[k] == STEPS


@pytest.mark.parametrize("kind", MOTIONS)
def test_the_place_of_a_landscape_is_found_at_once(kind):
    """The compiled leaf against the definition; the first step meets the landscape as it is."""
    rng = fresh()
    record = MOTIONS[kind]
    for _ in range(3):
        values = {param.name: float(rng.uniform(1.0 if param.name == "period" else 0.0, 9.0)) for param in record.parameters}
        values |= {"rate": rng.uniform(-0.1, 0.1)} if "rate" in values else {}
        landscape = BOWL.moving(kind, **values)
        seed, stream = int(rng.integers(2**63)), int(rng.integers(2**32))
        got = whereabouts(landscape, 50, seed, stream)
        assert np.array_equal(got.T, [naive.whereabouts(kind, values, step, seed, stream) for step in range(1, 51)])
        assert got[:, 0].tolist() == [0.0, 0.0, 1.0]


def seen(kind, gradient, count, seed=5, stream=3, **values):
    """The gradients that an optimizer sees at steps 1 to ``count``, (count, 2)."""
    record = NOISES[kind].with_parameters(**values)
    rows, memory = [], (0.0,) * record.memory
    for step in range(1, count + 1):
        gx, gy, memory = record.disturb(*gradient, 1.5, -0.5, memory, record.values, step, seed, stream, 0)
        rows.append((gx, gy))
    return np.array(rows)


COUNT = 4000


def test_gaussian_noise_is_white_and_normal():
    z = (seen("gaussian", (2.0, -3.0), COUNT, scale=0.5) - (2.0, -3.0)) / 0.5
    assert np.abs(z.mean(axis=0)).max() < 4.0 / math.sqrt(COUNT)
    np.testing.assert_allclose(z.var(axis=0), 1.0, atol=4.0 * math.sqrt(2.0 / COUNT))
    np.testing.assert_allclose((z**4).mean(axis=0), 3.0, atol=4.0 * math.sqrt(96.0 / COUNT))
    assert abs((z[:, 0] * z[:, 1]).mean()) < 4.0 / math.sqrt(COUNT)
    assert np.abs((z[1:] * z[:-1]).mean(axis=0)).max() < 4.0 / math.sqrt(COUNT)


def test_multiplicative_noise_keeps_the_direction_and_is_log_normal():
    g = seen("multiplicative", (2.0, -4.0), COUNT, sigma=0.7)
    assert np.array_equal(g[:, 1], -2.0 * g[:, 0])
    logs = np.log(g[:, 0] / 2.0) / 0.7
    assert abs(logs.mean()) < 4.0 / math.sqrt(COUNT)
    assert logs.var() == pytest.approx(1.0, abs=4.0 * math.sqrt(2.0 / COUNT))


def test_cauchy_noise_has_the_quartiles_of_cauchy():
    c = (seen("cauchy", (1.0, 1.0), COUNT, scale=0.1) - 1.0) / 0.1
    for share in (0.05, 0.25, 0.5, 0.75, 0.95):
        below = np.mean(c < math.tan(math.pi * (share - 0.5)), axis=0)
        np.testing.assert_allclose(below, share, atol=4.0 * math.sqrt(share * (1.0 - share) / COUNT))
    assert abs(np.mean(np.sign(c[:, 0] * c[:, 1]))) < 4.0 / math.sqrt(COUNT)


@pytest.mark.parametrize("whole", [False, True])
def test_a_masked_gradient_is_zero_as_often_as_said(whole):
    g = seen("masked", (2.0, -3.0), COUNT, probability=0.3, whole=whole)
    zero = g == 0.0
    assert np.all(zero | (g == (2.0, -3.0)))
    np.testing.assert_allclose(zero.mean(axis=0), 0.3, atol=4.0 * math.sqrt(0.21 / COUNT))
    both = zero.all(axis=1).mean()
    assert both == pytest.approx(0.3 if whole else 0.09, abs=4.0 * math.sqrt(0.21 / COUNT))
    assert not seen("masked", (2.0, -3.0), 50, probability=1.0).any()
    assert np.all(seen("masked", (2.0, -3.0), 50, probability=0.0) == (2.0, -3.0))


def test_brownian_noise_is_a_random_walk():
    """Its steps are the numbers of Gaussian noise of the same name, so the walk's variance grows with the steps."""
    walk, white = (seen(kind, (0.0, 0.0), 300, scale=0.1) for kind in ("brownian", "gaussian"))
    np.testing.assert_allclose(walk, np.cumsum(white, axis=0), atol=1e-12)


def test_curl_is_not_the_slope_of_anything():
    """Round a circle it does work: 2 pi r^2 times its scale, where a gradient does none."""
    record = NOISES["curl"].with_parameters(scale=0.7, x0=0.3, y0=-0.2)
    angles = np.linspace(0.0, 2.0 * np.pi, 400, endpoint=False)
    x, y = 0.3 + 2.0 * np.cos(angles), -0.2 + 2.0 * np.sin(angles)
    gx, gy, _ = record.disturb(0.0, 0.0, x, y, (), record.values, 1, 0, 0, 0)
    work = np.sum(gy * np.cos(angles) - gx * np.sin(angles)) * 2.0 * (2.0 * np.pi / 400)
    assert work == pytest.approx(0.7 * 2.0 * np.pi * 4.0, rel=1e-12)


def test_no_two_numbers_of_a_run_share_a_name():
    """Gaussian noise twice is not twice the same noise; a start and a motion draw elsewhere."""
    one = np.array([normals(7, 0, step, draw) for step in range(20) for draw in (0, 1, 2, DRAW)])
    assert len(np.unique(one)) == one.size


def test_noise_on_a_curve_leaves_the_second_weight_alone():
    landscape = LANDSCAPES["double_well"].with_noise("gaussian").with_noise("masked")
    path = gdsim.minimise(landscape, learning_rate=0.01, steps=20)
    assert path.positions.shape == (21, 1)


def test_descent_in_gaussian_noise_settles_to_the_variance_that_theory_says():
    """eta sigma^2 / (lambda (2 - eta lambda)), times (1 + beta) / (1 - beta) and with 2 (1 + beta) for 2 where momentum is beta."""
    rate, sigma, runs = 0.3, 0.2, 6000
    curvature = np.array([1.0, 4.0])
    beta = np.repeat([0.0, 0.6], runs)
    ends = run_many(BOWL.with_noise("gaussian", scale=sigma), SGD, np.zeros((2 * runs, 2)), 200, seed=1, learning_rate=rate, momentum=beta)
    for momentum in (0.0, 0.6):
        expected = rate * sigma**2 * (1.0 + momentum) / (curvature * (1.0 - momentum) * (2.0 * (1.0 + momentum) - rate * curvature))
        np.testing.assert_allclose(ends.positions[beta == momentum].var(axis=0), expected, rtol=4.0 * math.sqrt(2.0 / runs))


def test_runs_of_a_scenario_meet_the_same_noise_and_runs_of_many_their_own():
    problem = {"landscape": "quadratic", "noise": {"kind": "gaussian", "scale": 0.1}}
    run = {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.5}
    scenario = gdsim.Scenario(steps=20, seed=3, problem=problem, runs=[run, run])
    one, other = gdsim.run(scenario).runs
    assert np.array_equal(one.positions, other.positions)
    again = gdsim.run(scenario.changed(seed=4)).runs[0]
    assert not np.array_equal(one.positions, again.positions)
    starts = np.tile(one.positions[0], (3, 1))
    quadratic = scenario.landscape
    own = run_many(quadratic, SGD, starts, 20, seed=3, learning_rate=0.1, momentum=0.5)
    assert np.array_equal(own.positions[0], one.positions[-1])
    assert len(np.unique(own.positions[:, 0])) == 3
    shared = run_many(quadratic, SGD, starts, 20, seed=3, streams=0, learning_rate=0.1, momentum=0.5)
    assert np.all(shared.positions == one.positions[-1])


def test_what_is_recorded_is_the_landscape_and_not_the_noise():
    path = gdsim.minimise(BOWL.with_noise("gaussian", scale=0.5), learning_rate=0.1, momentum=0.5, steps=50)
    assert np.array_equal(path.losses, BOWL.loss(*path.positions.T))
    assert np.array_equal(path.gradients, BOWL.gradient(*path.positions.T))


@pytest.mark.parametrize(("rate", "settles"), [(0.9 * 2 * 1.0 / (1.0 + 9.0), True), (1.1 * 2 * 1.0 / (1.0 + 9.0), False)])
def test_an_eddy_narrows_the_rates_that_are_stable(rate, settles):
    """On a round bowl of curvature l the multiplier is 1 - eta (l + i s): stable for eta < 2 l / (l^2 + s^2), not 2 / l."""
    path = gdsim.minimise(BOWL.with_parameters(b=1.0).with_noise("curl", scale=3.0), learning_rate=rate, start=(1.0, 0.0), steps=300)
    radius = np.hypot(*path.positions.T)
    factor = abs(1.0 - rate * (1.0 + 3.0j))
    np.testing.assert_allclose(radius, factor ** np.arange(301), rtol=1e-9)
    assert bool(radius[-1] < 1.0) is settles


def test_descent_lags_behind_a_drifting_minimum_by_speed_over_rate_and_curvature():
    speed = np.array([0.002, -0.004])
    landscape = BOWL.moving("drift", velocity_x=speed[0], velocity_y=speed[1])
    path = gdsim.minimise(landscape, learning_rate=0.2, start=(1.0, 1.0), steps=300)
    optimum = np.arange(301)[:, np.newaxis] * speed
    np.testing.assert_allclose(path.positions[-1] - optimum[-1], -speed / (0.2 * np.array([1.0, 4.0])), rtol=1e-6)
    assert np.array_equal(path.losses, BOWL.loss(*(path.positions - optimum).T))
    # It follows within a thousandth of the picture: settled, in a place that moves.
    assert path.verdict.outcome is gdsim.Outcome.CONVERGED


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_swings_that_the_noise_makes_are_not_blamed_on_the_rate(optimizer):
    landscape = BOWL.with_noise("gaussian", scale=1.0)
    path = gdsim.minimise(landscape, optimizer, learning_rate=0.05, start=(0.5, 0.5), steps=400)
    assert path.verdict.outcome is gdsim.Outcome.NOISE_LIMITED
    assert path.verdict.rate is gdsim.Rate.STABLE
    assert "noise" in path.verdict.evidence


def test_a_moving_landscape_is_never_left_early():
    """A run that stands in the minimum at one step has not arrived: the tolerance does not stop it."""
    path = gdsim.minimise(BOWL.moving("drift", velocity_x=1e-3), learning_rate=0.2, start=(0.0, 0.0), steps=50, tolerance=1.0)
    assert path.steps == 50
    assert path.converged_at is None


def test_a_growing_scale_ends_as_a_result():
    """exp(rate (k - 1)) times the curvature passes 2 / eta, and from then on descent diverges."""
    path = gdsim.minimise(BOWL.moving("scale_growth", rate=0.1), learning_rate=0.01, steps=2000)
    assert path.diverged_at is not None
    assert path.verdict.rate is gdsim.Rate.TOO_LARGE
    assert np.argmin(path.losses[1:]) > math.log(1.0 / (0.01 * 4.0)) / 0.1


@pytest.mark.parametrize("n", [0, 1, 6, 7, 8, 9, 13, 20])
def test_any_number_of_numbers_is_gathered_and_scattered(n):
    rng = fresh()
    rows = rng.normal(size=(max(n, 1), 5))
    flat = rows.ravel().copy()
    assert gather(n)(flat, 2, 5) == tuple(rows[:n, 2])
    others = tuple(rng.normal(size=n))
    scatter(n)(flat, 3, 5, others)
    expected = rows.copy()
    expected[:n, 3] = others
    assert np.array_equal(flat.reshape(rows.shape), expected)


def test_wrong_kinds_and_values_are_named():
    with pytest.raises(KeyError, match="no noise named 'gausian'; there are gaussian"):
        BOWL.with_noise("gausian")
    with pytest.raises(KeyError, match="no motion named 'drifting'"):
        BOWL.moving("drifting")
    with pytest.raises(KeyError, match="gaussian has no parameter 'sigma'; it has scale"):
        BOWL.with_noise("gaussian", sigma=1.0)
    with pytest.raises(ValueError, match=r"masked: probability is 2\.0; allowed is a number"):
        BOWL.with_noise("masked", probability=2.0)
    with pytest.raises(ValueError, match="curl needs two weights, and double_well has one"):
        LANDSCAPES["double_well"].with_noise("curl")
    assert evaluate.over_steps(MOTIONS["drift"].place, (1.0, 0.0), 3, 0, 0, 0)[0].tolist() == [0.0, 1.0, 2.0]
