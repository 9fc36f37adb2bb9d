"""Presets do what they are called, by the verdict on the run that they make."""

import pytest

from gdsim.app.presets import CLEARLY, PRESETS, expected_sharpness, find_rate, first_guess, same_scale, travel, trial
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.fitness import misfit
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.verdict import Outcome, Rate
from tests.draws import some

PITS = [name for name, record in LANDSCAPES.items() if record.dim == 2 and record.minima]
ELEMENTWISE = [name for name, record in OPTIMIZERS.items() if record.is_elementwise]


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
@pytest.mark.parametrize("landscape", some(PITS, 4))
def test_gradient_descent(landscape, preset):
    given = alone(landscape)
    assert outcome(trial(given, found(given, preset))).verdict.rate is preset


MORE_STEPS = dict.fromkeys(("sign_sgd", "signum", "lion", "radam", "adafactor"), 1000)
"""Rules that need them to come to rest on Himmelblau's surface (Adafactor's steps are shares of a weight that has to pass 0 there)."""

NO_RATE = {"rprop": (Rate.TOO_SMALL, Rate.TOO_LARGE)}
"""What no rate is: Rprop finds its own."""


@pytest.mark.parametrize("preset", list(Rate))
@pytest.mark.parametrize(
    "given",
    some(
        [
            alone("himmelblau", "sgd", momentum=0.9),
            alone("himmelblau", "sgd", momentum=0.9, nesterov=True),
            *(alone("himmelblau", name).changed(steps=MORE_STEPS.get(name, 200)) for name in ELEMENTWISE if name != "sgd"),
            alone("double_well"),
            alone("narrow_valley"),
        ],
        10,
    ),
    ids=lambda given: f"{given.problem.landscape} {given.runs[0].optimizer} {given.runs[0].values}",
)
def test_other_rules_and_curves(given, preset):
    rate = found(given, preset)
    assert (outcome(trial(given, rate)).verdict.rate is preset) == (preset not in NO_RATE.get(given.runs[0].optimizer, ()))
    assert 1e-9 < rate < 1e6


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


@pytest.mark.parametrize("name", [name for name, record in OPTIMIZERS.items() if not record.is_elementwise])
def test_a_method_that_finds_its_own_steps_is_stable_as_it_is(name):
    given = alone("himmelblau", name)
    assert first_guess(given) == OPTIMIZERS[name].defaults["learning_rate"]
    assert outcome(trial(given, found(given, Rate.STABLE))).verdict.rate is Rate.STABLE
    with pytest.raises(ValueError, match="looks at the landscape"):
        travel(OPTIMIZERS[name], 1.0, 10)
    assert not same_scale(OPTIMIZERS[name], OPTIMIZERS["sgd"])
    assert not same_scale(OPTIMIZERS["adam"], OPTIMIZERS[name])
    assert same_scale(OPTIMIZERS[name], OPTIMIZERS["newton"]) == (name != "barzilai_borwein")


def test_a_rate_and_the_way_it_goes():
    assert travel(OPTIMIZERS["sgd"], 2.0, 10) == pytest.approx(20.0)
    assert travel(OPTIMIZERS["adam"], 1000.0, 10) == pytest.approx(10.0, rel=1e-6)
    assert same_scale(OPTIMIZERS["adam"], OPTIMIZERS["rmsprop"])
    assert not same_scale(OPTIMIZERS["sgd"], OPTIMIZERS["adam"])
    assert not same_scale(OPTIMIZERS["adadelta"], OPTIMIZERS["adam"])


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_the_first_guess_is_a_rate(landscape, optimizer):
    if misfit(LANDSCAPES[landscape], OPTIMIZERS[optimizer]):
        return
    assert 0.0 < first_guess(alone(landscape, optimizer)) < float("inf")
