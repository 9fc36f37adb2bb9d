"""Presets do what they are called, by the verdict on the run that they make."""

import pytest

from gdsim.app.presets import CLEARLY, PRESETS, expected_sharpness, find_rate, first_guess, same_scale, travel, trial
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.verdict import Outcome, Rate

PITS = [name for name, record in LANDSCAPES.items() if record.dim == 2 and record.minima]


def alone(landscape="quadratic", optimizer="sgd", **more):
    return Scenario.model_validate({"problem": {"landscape": landscape}, "runs": [{"optimizer": optimizer, **more}]})


def outcome(steps):
    """What a generator returns in the end."""
    try:
        while True:
            next(steps)
    except StopIteration as end:
        return end.value


def found(given, preset):
    return outcome(find_rate(given, 0, preset))


def test_the_presets_are_the_three_cases():
    assert PRESETS == ("too small", "stable", "too large")
    assert len(PITS) >= 5


@pytest.mark.parametrize("preset", list(Rate))
@pytest.mark.parametrize("landscape", PITS)
def test_gradient_descent(landscape, preset):
    given = alone(landscape)
    assert outcome(trial(given, found(given, preset))).verdict.rate is preset


@pytest.mark.parametrize("preset", list(Rate))
@pytest.mark.parametrize(
    "given",
    [
        alone("himmelblau", "sgd", momentum=0.9),
        alone("himmelblau", "sgd", momentum=0.9, nesterov=True),
        *(alone("himmelblau", name) for name in OPTIMIZERS if name != "sgd"),
        alone("double_well"),
        alone("narrow_valley"),
    ],
    ids=lambda given: f"{given.problem.landscape} {given.runs[0].optimizer} {given.runs[0].values}",
)
def test_other_rules_and_curves(given, preset):
    assert outcome(trial(given, found(given, preset))).verdict.rate is preset


def test_stable_is_one_over_the_largest_curvature_on_a_parabola():
    given = alone("quadratic")
    sharpness = max(given.landscape.hessian(0.0, 0.0).diagonal())
    assert expected_sharpness(given) == pytest.approx(sharpness)
    assert found(given, Rate.STABLE) == pytest.approx(1.0 / sharpness)
    assert 1.0 < found(given, Rate.TOO_LARGE) * sharpness / 2.0 < 1.5
    assert outcome(trial(given, found(given, Rate.TOO_SMALL))).verdict.outcome is Outcome.TOO_SLOW


@pytest.mark.parametrize("steps", [10, 1000, 20_000])
def test_too_small_is_too_small_for_the_steps_there_are(steps):
    given = alone("himmelblau").changed(steps=steps)
    assert outcome(trial(given, found(given, Rate.TOO_SMALL))).verdict.rate is Rate.TOO_SMALL


def test_found_rates_can_be_read_out():
    for name in ("rosenbrock", "rastrigin", "double_well"):
        for preset in Rate:
            rate = found(alone(name), preset)
            assert rate == float(f"{rate:.2g}")


def test_too_small_is_clearly_so():
    given = alone("himmelblau")
    assert outcome(trial(given, CLEARLY * found(given, Rate.TOO_SMALL))).verdict.rate is Rate.TOO_SMALL


def test_where_nothing_is_too_large_a_rate_comes_all_the_same():
    assert 0.0 < found(alone("saddle", "adam"), Rate.TOO_LARGE) < 1e6


def test_a_rate_and_the_way_it_goes():
    assert travel(OPTIMIZERS["sgd"], 2.0, 10) == pytest.approx(20.0)
    assert travel(OPTIMIZERS["adam"], 1000.0, 10) == pytest.approx(10.0, rel=1e-6)
    assert same_scale(OPTIMIZERS["adam"], OPTIMIZERS["rmsprop"])
    assert not same_scale(OPTIMIZERS["sgd"], OPTIMIZERS["adam"])
    assert not same_scale(OPTIMIZERS["adadelta"], OPTIMIZERS["adam"])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_the_first_guess_is_a_rate(landscape, optimizer):
    assert 0.0 < first_guess(alone(landscape, optimizer)) < float("inf")
