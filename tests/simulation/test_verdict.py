"""The verdict agrees with theory: on quadratics everything a learning rate does is known in closed form."""

import numpy as np
import pytest

import gdsim
from gdsim.engine import descend
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.path import CLOSE, _turns
from gdsim.simulation.run import rule_of
from gdsim.simulation.scenario import Scenario, run_model
from gdsim.simulation.trajectory import Steps
from gdsim.simulation.verdict import SMALL_SHARE, Outcome, Rate, judge
from tests import naive
from tests.draws import EVERYTHING, fresh

STEPS = 200
SETTLED = {Outcome.CONVERGED, Outcome.OSCILLATING}


def random_cases(rng, count, limit_of):
    """Spectra over six decades; rates from far too small to far too large, many of them close to the limit."""
    sharp = 10.0 ** rng.uniform(-3, 3, count)
    flat = sharp * 10.0 ** -rng.uniform(0, 6, count)
    momentum = rng.choice([0.3, 0.5, 0.9, 0.95], count)
    limit = limit_of(momentum)
    product = limit * np.where(rng.random(count) < 0.5, 10.0 ** rng.uniform(-4, 0.5, count), rng.uniform(0.8, 1.2, count))
    start = rng.uniform(-1, 1, (count, 2)) * np.array([high for _, high in LANDSCAPES["quadratic"].domain])
    return sharp, flat, momentum, product / sharp, limit, start


def judged(landscape, values, start):
    run = run_model("sgd").model_validate({"optimizer": "sgd", **values})
    hyper, on = run.rule.pack(run.values)
    rule = rule_of(landscape, run.rule, hyper, on)
    state = descend.State.start(start.reshape(2, 1), run.rule.initial_slots(hyper), run.rule.initial_shared)
    piece = descend.record(rule, state, np.array(landscape.values), np.array(hyper), STEPS)
    steps = Steps(piece.positions, piece.losses, piece.gradients, piece.losses, piece.losses)
    return judge(landscape, run, steps, piece.status)


SHARE = 1 if EVERYTHING else 10
"""Of 100,000 quadratics the default suite draws a tenth."""


@pytest.mark.parametrize(
    ("kind", "count", "limit_of"),
    [
        ("plain", 50_000 // SHARE, lambda m: np.full_like(m, 2.0)),
        ("momentum", 25_000 // SHARE, lambda m: 2.0 * (1.0 + m)),
        ("nesterov", 25_000 // SHARE, lambda m: 2.0 * (1.0 + m) / (1.0 + 2.0 * m)),
    ],
)
@pytest.mark.timeout(300)
def test_quadratics_for_every_spectrum_and_rate(kind, count, limit_of):
    rng = fresh()
    sharp, flat, momentum, rate, limit, start = random_cases(rng, count, limit_of)
    unit = CLOSE * np.hypot(*[high - low for low, high in LANDSCAPES["quadratic"].domain])
    swapped = rng.random(count) < 0.5  # the sharp direction is along y or along x
    for i in range(count):
        curvatures = (flat[i], sharp[i]) if swapped[i] else (sharp[i], flat[i])
        landscape = LANDSCAPES["quadratic"].with_parameters(a=curvatures[0], b=curvatures[1])
        extra = {} if kind == "plain" else {"momentum": momentum[i], "nesterov": kind == "nesterov"}
        verdict = judged(landscape, {"learning_rate": rate[i], **extra}, start[i])
        said = f"case {i}: {curvatures}, {rate[i]}, {extra}, {start[i]}: {verdict}"

        assert verdict.limit == pytest.approx(limit[i] / sharp[i], rel=1e-6), said
        product = rate[i] * sharp[i]
        if abs(product / limit[i] - 1.0) > 1e-9:
            assert (verdict.rate is Rate.TOO_LARGE) == (product > limit[i]), said
        if product < limit[i]:
            assert verdict.outcome is not Outcome.DIVERGED, said
        assert (verdict.outcome in {Outcome.TOO_SLOW} and rate[i] < SMALL_SHARE * verdict.limit) == (verdict.rate is Rate.TOO_SMALL), said
        assert verdict.outcome in SETTLED | {Outcome.TOO_SLOW, Outcome.OVERSHOOTING, Outcome.DIVERGED}, said
        if kind != "plain":
            continue
        # The position after k steps is (1 - eta lambda)^k times the start, in each direction.
        tail = np.arange(STEPS + 1 - (STEPS + 1) // 20, STEPS + 1)[:, None]
        with np.errstate(over="ignore"):
            distance = np.hypot.reduce(np.abs(1.0 - rate[i] * np.array(curvatures)) ** tail * np.abs(start[i]), axis=1).max()
        if abs(distance / unit - 1.0) > 1e-3:
            assert (verdict.outcome in SETTLED) == (distance <= unit), said
        if product <= 1.0:
            assert verdict.outcome in {Outcome.CONVERGED, Outcome.TOO_SLOW}, said


def test_oscillation_is_what_the_closed_form_says():
    rng = fresh()
    landscape = LANDSCAPES["quadratic"].with_parameters(a=1.0, b=1.0)
    unit = CLOSE * np.hypot(*[high - low for low, high in landscape.domain])
    for rate in rng.uniform(0.2, 1.9, 300):
        path = 3.0 * (1.0 - rate) ** np.arange(STEPS + 1)
        verdict = judged(landscape, {"learning_rate": rate}, np.array([3.0, 0.0]))
        assert (verdict.outcome is Outcome.OSCILLATING) == (naive.turns(path, unit) >= 3), rate


def test_turns_equal_the_slow_count():
    rng = fresh()
    for _ in range(300):
        path = np.cumsum(rng.normal(size=rng.integers(2, 60)) * rng.choice([0.0, 0.1, 1.0], p=[0.2, 0.4, 0.4]))
        least = rng.uniform(0.0, 0.5)
        assert _turns(path, least) == naive.turns(path, least)


def verdict_of(landscape, optimizer, rate, start=None, steps=STEPS, parameters=None, **values):
    run = {"optimizer": optimizer, "learning_rate": rate, "start": start, **values}
    problem = {"landscape": landscape, "parameters": parameters or {}}
    return gdsim.run(Scenario.model_validate({"steps": steps, "problem": problem, "runs": [run]})).runs[0].verdict


@pytest.mark.parametrize(
    ("landscape", "optimizer", "rate", "start", "steps", "outcome", "place"),
    [
        ("himmelblau", "sgd", 0.01, (0.5, -0.5), 200, Outcome.CONVERGED, Rate.STABLE),
        ("himmelblau", "sgd", 5e-4, (0.5, -0.5), 200, Outcome.TOO_SLOW, Rate.TOO_SMALL),
        ("himmelblau", "sgd", 0.05, (0.5, -0.5), 200, Outcome.DIVERGED, Rate.TOO_LARGE),
        ("himmelblau", "sgd", 0.03, (0.5, -0.5), 200, Outcome.OVERSHOOTING, Rate.TOO_LARGE),
        ("rosenbrock", "sgd", 1e-3, None, 3000, Outcome.TOO_SLOW, Rate.STABLE),
        ("rosenbrock", "adam", 1.0, None, 1000, Outcome.OVERSHOOTING, Rate.TOO_LARGE),
        ("saddle", "sgd", 0.1, (1.0, 0.0), 200, Outcome.SADDLE, Rate.STABLE),
        ("saddle", "sgd", 0.1, (1.0, 0.1), 300, Outcome.DIVERGED, Rate.STABLE),
        ("monkey_saddle", "sgd", 0.1, (0.9, 0.0), 5000, Outcome.SADDLE, Rate.STABLE),
        ("local_minimum", "sgd", 0.01, (1.0, 0.0), 500, Outcome.LOCAL_MINIMUM, Rate.STABLE),
        ("styblinski_tang", "sgd", 0.01, (2.0, 2.0), 500, Outcome.LOCAL_MINIMUM, Rate.STABLE),
        ("rastrigin", "sgd", 1e-3, (2.1, 1.1), 500, Outcome.LOCAL_MINIMUM, Rate.STABLE),
        ("ackley", "sgd", 1e-3, (0.1, 0.1), 500, Outcome.CONVERGED, Rate.STABLE),
    ],
)
def test_what_a_student_would_see(landscape, optimizer, rate, start, steps, outcome, place):
    verdict = verdict_of(landscape, optimizer, rate, start, steps)
    assert (verdict.outcome, verdict.rate) == (outcome, place), verdict.evidence
    assert verdict.evidence
    assert "nan" not in verdict.evidence


def test_a_plateau_is_told_from_slowness():
    assert verdict_of("ackley", "sgd", 1e-5, (4.5, 4.5), 200).outcome is Outcome.TOO_SLOW


def test_momentum_may_throw_a_stable_run_far_out():
    """Just below the limit the steps' matrix is far from normal: 40 times the start, and yet it comes back."""
    values = {"learning_rate": 3.7997, "momentum": 0.9}
    verdict = judged(LANDSCAPES["quadratic"].with_parameters(a=1e-3, b=1.0), values, np.array([1.0, 4.0]))
    assert (verdict.outcome, verdict.rate) == (Outcome.OVERSHOOTING, Rate.STABLE)


@pytest.mark.parametrize("bad", [1e308, 1e200])
def test_a_start_without_a_loss_has_diverged(bad):
    for landscape in ("saddle", "rosenbrock"):
        assert verdict_of(landscape, "sgd", 0.1, (bad, bad)).outcome is Outcome.DIVERGED


def test_a_run_that_never_saw_a_valley_is_measured_against_the_nearest():
    verdict = verdict_of("himmelblau", "sgd", 0.3, (0.5, -0.5), 100)
    sharpest = np.linalg.eigvalsh(LANDSCAPES["himmelblau"].hessian(3.584428340330, -1.848126526964))[-1]
    assert verdict.outcome is Outcome.DIVERGED
    assert verdict.limit == pytest.approx(2.0 / sharpest)


def test_a_rate_is_not_too_small_where_a_larger_one_could_not_pass_the_start():
    """Zakharov's plate is a thousand times sharper at the start than at the end: no rate arrives within 200 steps."""
    places = {rate: verdict_of("zakharov", "sgd", rate).rate for rate in (1e-4, 3.5e-3, 5e-3)}
    assert places == {1e-4: Rate.TOO_SMALL, 3.5e-3: Rate.STABLE, 5e-3: Rate.TOO_LARGE}


def test_a_run_that_was_thrown_onto_flat_ground_has_diverged():
    verdict = verdict_of("easom", "sgd", 1600.0)
    assert (verdict.outcome, verdict.rate) == (Outcome.DIVERGED, Rate.TOO_LARGE)
    assert "thrown far out" in verdict.evidence


def test_a_rate_is_measured_against_the_valley_that_it_swings_across():
    """Between two points where the ground hardly curves, of which no step is in the bottom between them."""
    run = {"optimizer": "sgd", "learning_rate": 0.3, "start": (0.5, -0.5)}
    problem = {"formula": "sin(3x) + y^2/4 + x^4/50", "domain": [[-6, 6], [-6, 6]]}
    verdict = gdsim.run(Scenario.model_validate({"steps": 100, "problem": problem, "runs": [run]})).runs[0].verdict
    assert (verdict.outcome, verdict.rate) == (Outcome.OVERSHOOTING, Rate.TOO_LARGE)
    assert verdict.limit == pytest.approx(2.0 / 9.06, rel=0.01)  # -9 sin(3x) + 0.24 x^2 where 3 cos(3x) + 0.08 x^3 = 0
    assert "each step jumps across the valley" in verdict.evidence


def test_slopes_are_lengths_on_curves():
    verdict = verdict_of("double_well", "sgd", 1e-4, (-2.0,), 50)
    assert "slope -" not in verdict.evidence


def test_evidence_has_the_numbers_of_the_lecture():
    verdict = verdict_of("quadratic", "sgd", 0.23, (3.0, 1e-2), 30, parameters={"a": 1.0, "b": 10.0})
    assert "eta x lambda_max = 2.3, the limit is 2" in verdict.evidence
    assert verdict.limit == pytest.approx(0.2)


def test_the_scale_of_the_loss_does_not_matter():
    for scale in (1e-5, 1.0, 1e5):
        verdict = verdict_of("quadratic", "sgd", 0.1 / scale, (3.0, 2.0), 200, parameters={"a": scale, "b": 5.0 * scale})
        assert (verdict.outcome, verdict.rate) == (Outcome.CONVERGED, Rate.STABLE)


def of_descent(problem, start, steps, learning_rate):
    tables = {"problem": problem, "start": start, "steps": steps, "runs": [{"optimizer": "sgd", "learning_rate": learning_rate}]}
    return gdsim.run(Scenario(**tables)).runs[0].verdict


@pytest.mark.parametrize(("share", "rate"), [(0.24, Rate.TOO_SMALL), (0.26, Rate.STABLE)])
def test_a_quarter_of_the_limit_is_where_the_landscape_is_to_blame(share, rate):
    verdict = of_descent({"landscape": "sphere"}, [4.0, 3.0], 3, share)  # its curvature is 2, and the limit 1
    assert (verdict.outcome, verdict.rate, verdict.limit) == (Outcome.TOO_SLOW, rate, pytest.approx(1.0))


@pytest.mark.parametrize(("steps", "outcome"), [(24, Outcome.OVERSHOOTING), (26, Outcome.DIVERGED)])
def test_a_loss_that_has_grown_ten_thousandfold_and_grows_has_diverged(steps, outcome):
    """Near the minimum, and so far from the border: every step multiplies the loss by 1.44, 24 of them by 6,300 and 26 by 13,000."""
    assert of_descent({"landscape": "sphere"}, [1e-3, 1e-3], steps, 1.1).outcome is outcome


@pytest.mark.parametrize(("start", "outcome"), [(2.0, Outcome.LOCAL_MINIMUM), (5.0, Outcome.CONVERGED)])
def test_a_minimum_that_nobody_has_listed_is_a_false_one_if_its_height_counts(start, outcome):
    """The right well lies outside the domain and 0.08 above the left one: a hundredth of what the first run came down, a 7,000th of the
    second's.
    """
    problem = {"formula": "(x^2 - 1)^2 + 0.04*x", "domain": [[-2.0, 0.0]]}
    assert of_descent(problem, [start], 2000, 0.004).outcome is outcome
