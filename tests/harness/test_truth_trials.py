"""Truth trials: the catalogue obeys theory, what is wrong is caught, and the mistake is named."""

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gdsim.harness import truth_trials
from gdsim.harness.target import Target, TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Family, Verdict
from gdsim.harness.truth_claim import another, compare, drawn, parting
from gdsim.harness.truth_frozen import DIVISORS, frozen_step
from gdsim.harness.truth_mistakes import OWN, mistakes, path
from gdsim.harness.truth_theory import Momentum, largest_step, momentum_of
from gdsim.optimizers import OPTIMIZERS
from tests.draws import fresh

WRONG = Path(__file__).parent / "wrong"
ELEMENTWISE = [name for name, record in OPTIMIZERS.items() if record.is_elementwise]


def outcomes(one: Target, seed: int = 0, only: str = "truth/"):
    asked = [trial for trial in truth_trials.trials(one, False) if trial.id.startswith(only)]
    return {found.trial.id: found for found in truth_trials.put(one, asked, seed, lambda: True)}


class LeafStepper:
    """A record's leaves run as plain Python: any mistake may be in them."""

    def __init__(self, record, values, weights):
        self.record, self.values = record, values
        self.hyper, self.on = record.pack(values)
        self.weights, self.shared, self.done = [float(one) for one in weights], record.initial_shared, 0
        self.slots = [record.initial_slots(self.hyper)] * len(self.weights)

    def step(self, gradient, loss):
        self.done += 1
        self.shared = self.record.advance(self.shared, self.hyper, self.done)
        for i, g in enumerate(gradient):
            given = (self.weights[i], float(g), self.slots[i], self.shared, self.hyper, self.on, self.done)
            self.weights[i], self.slots[i] = self.record.update(*given)
        return np.array(self.weights)


def plain_target(record, values, claims=None, shown=None):
    """``record`` in plain Python, which says that it has the values ``shown`` and is ``claims``."""
    begin = lambda weights: LeafStepper(record, values, weights)  # noqa: E731
    return Target(record.name, shown or values, begin, lambda others: plain_target(record, others, claims, None), None, claims)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_catalogue_obeys_theory(name):
    found = outcomes(target_of(name), seed=int(fresh().integers(2**63)))
    assert len(found) == len(truth_trials.QUESTIONS)
    assert {one.trial.family for one in found.values()} == {Family.TRUTH}
    assert {one.verdict for one in found.values()} <= {Verdict.PASSED, Verdict.SKIPPED}, [one.sentence for one in found.values()]
    if OPTIMIZERS[name].is_elementwise:
        assert found["truth/claim/own"].verdict is found["truth/claim/changed"].verdict is Verdict.PASSED
        assert found["truth/rate_zero"].verdict is (Verdict.SKIPPED if name == "rprop" else Verdict.PASSED)


@pytest.mark.parametrize(
    "values",
    [
        {"learning_rate": 0.1},
        {"learning_rate": 0.1, "momentum": 0.9},
        {"learning_rate": 0.1, "momentum": 0.5, "dampening": 0.3},
        {"learning_rate": 0.02, "momentum": 0.8, "nesterov": True, "weight_decay": 0.1},
    ],
    ids=str,
)
def test_every_kind_of_momentum_obeys_theory(values):
    found = outcomes(target_of("sgd", values), seed=int(fresh().integers(2**63)))
    asked = ("stability/own", "contraction", "flow", "ball", "first_step", "constant_gradient")
    assert {found[f"truth/{name}"].verdict for name in asked} == {Verdict.PASSED}, [one.sentence for one in found.values()]


SENTENCES = {
    # A little less than 10 where every gradient drawn happens to be so small that eps counts; 9 is less likely than once in 10^7 draws.
    "adam.py:wrong_adam": ("adam", r" (10|9\.\d+) times as far", "the bias correction multiplies where it should divide"),
    "rmsprop.py:step": ("rmsprop", "In step 1", "eps stands inside the root, where it belongs outside"),
    "nesterov.py:Nesterov": ("sgd", "In step 1", "the sign of Nesterov's momentum is wrong"),
    "adagrad.py:step": ("adagrad", "In step 2", "it forgets its state from step to step"),
}


@pytest.mark.parametrize("name", SENTENCES)
def test_a_wrong_optimizer_is_caught_with_the_right_sentence(name):
    claims, *words = SENTENCES[name]
    one = target_of(f"{WRONG}/{name}", claims=claims)
    for seed in fresh().integers(2**31, size=3):
        for trial in ("truth/claim/own", "truth/claim/changed"):
            found = outcomes(one, int(seed), trial)[trial]
            assert found.verdict is Verdict.FAILED
            assert all(re.search(word, found.sentence) for word in (words if trial.endswith("own") else words[1:])), found.sentence


def test_the_other_trials_see_the_mistakes_too():
    adam = outcomes(target_of(f"{WRONG}/adam.py:wrong_adam", claims="adam"))
    assert "10 times as far" in adam["truth/first_step"].sentence
    assert adam["truth/step_bound"].verdict is Verdict.FAILED
    nesterov = outcomes(target_of(f"{WRONG}/nesterov.py:Nesterov", claims="sgd"))
    assert nesterov["truth/stability/plain"].verdict is nesterov["truth/stability/heavy_ball"].verdict is Verdict.PASSED
    for trial in ("stability/nesterov", "contraction", "flow", "ball"):
        assert nesterov[f"truth/{trial}"].verdict is Verdict.FAILED
    adagrad = outcomes(target_of(f"{WRONG}/adagrad.py:step", claims="adagrad"))
    assert "forgets its state" in adagrad["truth/constant_gradient"].sentence
    assert adagrad["truth/first_step"].verdict is Verdict.PASSED


LOADED = {
    "sgd": {"momentum": 0.7, "dampening": 0.2, "weight_decay": 0.05},
    "adam": {"weight_decay": 0.05},
    "adamw": {"weight_decay": 0.05},
    "rmsprop": {"momentum": 0.3},
}


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_every_known_mistake_is_recognised(name):
    record = OPTIMIZERS[name]
    settings = [{**record.defaults, **LOADED.get(name, {})}]
    if name == "sgd":
        settings.append({**record.defaults, "momentum": 0.7, "nesterov": True})
    named = set()
    for values in settings:
        for mistake in mistakes(record, values):
            wrong = plain_target(mistake.record, mistake.values, name, values)
            text, apart = compare(wrong, record, int(fresh().integers(2**31)), 1)
            if text is None:  # with these values it is no mistake
                assert apart <= 1e-12
                continue
            assert "with one mistake" in text, (mistake.words, text)
            named.add(mistake.words) if mistake.words in text else None
    assert {words for words, _ in OWN.get(name, ())} <= named


def test_what_is_wrong_in_another_way_is_told_without_a_guess():
    record = OPTIMIZERS["sgd"]
    late = replace(record, update=lambda w, g, s, sh, h, on, k: (w - h[0] * g * (2.0 if k == 500 else 1.0), s))
    values = {**record.defaults, "learning_rate": 0.1}
    text, apart = compare(plain_target(late, values, "sgd"), record, 0, 1)
    assert "In step 500" in text
    assert "2 times as far" in text
    assert "None of the mistakes" in text
    assert apart > 1e-6


def test_an_error_of_the_target_fails_that_trial_alone():
    def step(weights, gradient, state, learning_rate=0.1):
        if learning_rate == 0.0:
            raise KeyError("no rate")
        return weights - learning_rate * gradient, state

    found = outcomes(target(step, claims="sgd"))
    assert found["truth/claim/own"].verdict is Verdict.PASSED
    assert found["truth/rate_zero"].verdict is Verdict.SKIPPED
    assert "no rate" in found["truth/rate_zero"].sentence

    def broken(weights, gradient, state, learning_rate=0.1):
        if state == 2:
            raise ZeroDivisionError("here")
        return weights - learning_rate * gradient, (state or 0) + 1

    with_one_step = {"truth/first_step", "truth/downhill"}
    found = outcomes(target(broken, claims="sgd"))
    assert {one.trial.id for one in found.values() if one.verdict is Verdict.PASSED} == with_one_step
    assert "ZeroDivisionError: here" in found["truth/claim/own"].sentence


def test_what_claims_nothing_is_asked_what_every_optimizer_must_do():
    def step(weights, gradient, state, learning_rate=0.1):
        return weights + learning_rate * gradient + 1e-3, state

    found = outcomes(target(step))
    answered = {name for name, one in found.items() if one.verdict is not Verdict.SKIPPED}
    assert answered == {"truth/rate_zero", "truth/downhill"}
    assert all(found[name].verdict is Verdict.FAILED for name in answered)
    assert "goes up" in found["truth/downhill"].sentence


def test_l2_in_the_place_of_decoupled_decay_is_named():
    values = {**OPTIMIZERS["adamw"].defaults, "weight_decay": 0.1}
    wrong = Target("x", values, target_of("adam", values).begin, lambda others: replace(wrong, values=others), None, "adamw")
    wrong = replace(wrong, make=lambda others: replace(wrong, values=others, begin=target_of("adam", others).begin))
    found = outcomes(wrong)
    assert "decay goes through the gradient (L2)" in found["truth/claim/own"].sentence
    assert "(L2)" in found["truth/weight_decay"].sentence


def test_progress_can_stop_it():
    one = target_of("sgd")
    assert list(truth_trials.put(one, truth_trials.trials(one, True), 0, lambda: False)) == []


def test_the_same_seed_gives_the_same_outcomes():
    one, other = (outcomes(target_of("sgd"), 5) for _ in range(2))
    assert one == other


# Theory against independent versions of itself


def test_the_ball_has_the_closed_forms_of_theory():
    for _ in range(100):
        rng = fresh()
        curvature, part, m = 10.0 ** rng.uniform(-3, 3), rng.uniform(0.01, 1.9), rng.uniform(0.0, 0.95)
        rate = part / curvature
        plain = Momentum(rate, 0.0, 1.0, 1.0, 0.0)
        assert plain.variance(curvature) == pytest.approx(rate / (curvature * (2.0 - part)), rel=1e-9)
        heavy = Momentum(rate, m, 1.0, 0.0, 1.0)
        theory = rate * (1 + m) / (curvature * (1 - m) * (2 * (1 + m) - part))
        assert heavy.variance(curvature) == pytest.approx(theory, rel=1e-8)
        if (1 + m - part) ** 2 < 4 * m:
            assert heavy.radius(curvature) == pytest.approx(m**0.5, rel=1e-7)
        assert plain.radius(curvature) == pytest.approx(abs(1 - part), rel=1e-9)


@pytest.mark.parametrize("name", ["sgd", "qhm"])
def test_the_limit_of_stability_is_where_the_radius_is_one(name):
    for _ in range(50):
        rng = fresh()
        values = {**OPTIMIZERS[name].defaults, "learning_rate": 10.0 ** rng.uniform(-3, 1), "momentum": rng.uniform(0.05, 0.95)}
        values |= {"nesterov": bool(rng.random() < 0.5)} if name == "sgd" else {"nu": rng.uniform(0.0, 1.0)}
        step, limit = momentum_of(name, values), OPTIMIZERS[name].stable_product(values) / values["learning_rate"]
        assert step.limit == pytest.approx(limit, rel=1e-9)
        assert step.radius(limit) == pytest.approx(1.0, abs=1e-7)
        assert step.radius(0.99 * limit) < 1.0 < step.radius(1.01 * limit)


FROZEN = {
    "adam": {"beta1": 0.7},
    "adamw": {"beta1": 0.95, "amsgrad": True},
    "adamax": {"beta1": 0.0},
    "qhadam": {"beta1": 0.9, "nu1": 0.4},
    "adabelief": {"beta1": 0.9, "beta2": 0.99, "eps": 1e-4},
    "rmsprop": {"momentum": 0.6, "centered": True},
    "adagrad": {"initial_accumulator_value": 0.3},
    "adadelta": {},
}


@pytest.mark.parametrize("name", FROZEN)
def test_a_frozen_rule_is_its_linear_step(name):
    """The leaves in plain Python, on gradients that eps outweighs, against powers of the matrix of theory."""
    record, rng = OPTIMIZERS[name], fresh()
    for values in (record.defaults, {**record.defaults, **FROZEN[name]}):
        quiet = {**values, "learning_rate": float(10.0 ** rng.uniform(-4, 0)), "weight_decay": 0.0}
        step = frozen_step(name, quiet)
        curvature = rng.uniform(0.1, 1.5) * step.limit
        weight = 1e-60 * quiet["eps"] / curvature
        stepper = LeafStepper(record, quiet, [weight])
        for _ in range(4000 if step.memory else 0):
            stepper.step([0.0], 0.0)
        matrix, state = step.matrix(curvature), np.array([weight, 0.0])
        for _ in range(100):
            (moved,) = stepper.step([curvature * stepper.weights[0]], 0.0)
            state = matrix @ state
            assert abs(moved - state[0]) <= 1e-6 * np.hypot(state[0], step.rate * state[1]) + 1e-300  # digits run out below


@pytest.mark.parametrize("name", DIVISORS)
def test_the_limit_of_a_frozen_rule_is_where_its_recurrence_turns(name):
    for _ in range(30):
        rng = fresh()
        drawn_values = {"learning_rate": 10.0 ** rng.uniform(-4, 0), "beta1": rng.uniform(0, 0.99), "momentum": rng.uniform(0, 0.99)}
        drawn_values |= {"nu1": rng.uniform(0, 1), "eps": 10.0 ** rng.uniform(-10, 0)}
        values = {key: float(drawn_values.get(key, value)) for key, value in OPTIMIZERS[name].defaults.items()}
        step = frozen_step(name, values)
        assert step.radius(step.limit) == pytest.approx(1.0, abs=1e-6)
        assert step.radius(0.99 * step.limit) < 1.0 < step.radius(1.01 * step.limit)
    step = frozen_step(name, {**values, "nu1": 1.0})
    m = values.get("beta1", values.get("momentum", 0.0))
    assert step.limit * step.rate == pytest.approx(2.0 * (1.0 + m) / (1.0 - m if "beta1" in values else 1.0), rel=1e-9)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_frozen_rules_are_stable_up_to_their_limit(name):
    for values in ({}, FROZEN.get(name, {})):
        found = outcomes(target_of(name, values), only="truth/stability/frozen")["truth/stability/frozen"]
        assert found.verdict is (Verdict.PASSED if name in DIVISORS else Verdict.SKIPPED), found.sentence


def test_a_wrong_frozen_rule_is_caught():
    found = outcomes(target_of(f"{WRONG}/rmsprop.py:step", claims="rmsprop"), only="truth/stability/frozen")["truth/stability/frozen"]
    assert found.verdict is Verdict.FAILED  # eps inside the root
    assert "theory: 2" in found.sentence

    def step(weights, gradient, state, learning_rate=0.001, beta1=0.9, eps=1e-8):
        mean = gradient if state is None else beta1 * state + gradient
        return weights - learning_rate * mean / (np.abs(gradient) + eps), mean

    found = outcomes(target(step, claims="adam"), only="truth/stability/frozen")["truth/stability/frozen"]
    assert found.verdict is Verdict.FAILED
    assert "theory: 38; 3.8 is the limit of the heavy ball" in found.sentence


def test_no_gradients_make_a_longer_step_of_adam_than_the_bound():
    """The longest step is a generalised eigenvalue problem of two weighted sums; here it is searched for, and approached."""
    rng = fresh()
    for _ in range(20):
        beta1, beta2, t = rng.uniform(0.5, 0.95), rng.uniform(0.96, 0.9999), int(rng.integers(2, 30))
        values = {"beta1": beta1, "beta2": beta2, "learning_rate": 1.0}
        ages = np.arange(t)[::-1]
        a = (1 - beta1) / (1 - beta1**t) * beta1**ages
        b = (1 - beta2) / (1 - beta2**t) * beta2**ages
        g = rng.normal(size=(5000, t)) * 10.0 ** rng.uniform(-2, 2, (5000, t))
        longest = np.max(np.abs(g @ a) / np.sqrt(g**2 @ b))
        best = a / b  # where Cauchy and Schwarz have equality
        assert longest <= largest_step(values, t)[-1] * (1 + 1e-12)
        assert best @ a / np.sqrt(best**2 @ b) == pytest.approx(largest_step(values, t)[-1], rel=1e-12)


def test_ways_part_where_they_differ():
    weights, gradients = drawn(3, 1)
    record = OPTIMIZERS["adam"]
    way = path(record, record.defaults, weights, gradients)
    off = way.copy()
    off[700:, 2] += 1e-6 * np.abs(way[700, 2])
    assert parting(way, way, 0.0) is None
    found = parting(off, way, 1e-12)
    assert (found.step, found.weight) == (700, 3)
    off[5, 4] = np.nan
    assert parting(off, way, 1e-12).step == 5


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_another_value_is_allowed_and_another(name):
    for param in OPTIMIZERS[name].parameters:
        value = None if param.is_switch else another(param, float(param.default))
        assert value is None or (param.admits(value) and value != param.default)


def test_a_target_that_has_no_other_rates_is_asked_the_rest():
    def fixed(weights, gradient, state):
        return weights - 0.01 * gradient, state

    found = outcomes(target(fixed))
    assert found["truth/rate_zero"].verdict is Verdict.SKIPPED
    assert found["truth/downhill"].verdict is Verdict.PASSED
    with pytest.raises(TargetError):
        target(fixed).at(learning_rate=0.1)
