"""Trials of robustness: every optimizer of the catalogue answers as it should, and for each trial there is one that fails it."""

import re

import numpy as np
import pytest

from gdsim.harness import robust_trials
from gdsim.harness.check import answer, check, trial_named
from gdsim.harness.robust_course import Driver, Parabola
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Family, Verdict
from gdsim.networks.methods import METHODS
from gdsim.optimizers import OPTIMIZERS

IDS = [asked.trial.id.removeprefix("robust/") for asked in robust_trials.TRIALS]
SCALES = [name for name in IDS if name.startswith("scale/")]
ORDINARY = [name for name in SCALES if abs(int(name.rpartition("e")[2])) <= 150]
EXTREME = [name for name in SCALES if name not in ORDINARY]

EXACT_GRADIENTS = {"float32", "delayed", "quantised", "flipped"}
CLOSED = {"plain", "twice", "at_once", "restart", "permuted"}
SKIPPED = {
    **{name: set(IDS) - CLOSED for name in METHODS},
    **dict.fromkeys(("polyak", "barzilai_borwein"), EXACT_GRADIENTS),
    **{name: {"rescaled"} for name in ("asgd", "adamw", "adadelta", "adafactor", "radam", "yogi")},
}
"""What does not apply: methods that ask for losses elsewhere see more than a gradient, others build on exact ones; rules with decay,
with an eps of weight, or with steps of two kinds have no one unit."""


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_every_optimizer_of_the_catalogue(name):
    report = check(target_of(name), ["robust"])
    assert {one.trial.id for one in report.outcomes} == {f"robust/{each}" for each in IDS}
    assert not report.failures, [(one.trial.id, one.sentence) for one in report.failures]
    skipped = {one.trial.id.removeprefix("robust/") for one in report.outcomes if one.verdict is Verdict.SKIPPED}
    assert skipped == SKIPPED.get(name, set())
    assert len(report.outcomes) == sum(report.counts(Family.ROBUST).values())


@pytest.mark.parametrize("name", ["sgd", "adam", "rprop", "lion", "yogi"])
def test_they_answer_alike_for_other_seeds(name, rng):
    """Only where nothing can tip: the trials that compare two ways of the same bits, and gradients of one sign."""
    made, seed = target_of(name), int(rng.integers(2**31))
    for each in ("nan", "inf", "minus_inf", "zero", "sparse", "twice", "at_once", "restart", "permuted", *SCALES):
        found = answer(made, trial_named(made, f"robust/{each}"), seed)
        assert found.verdict is Verdict.PASSED, found


def plain(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * gradient, state


def hides_nan(weights, gradient, state, learning_rate=0.01):
    velocity = 0.9 * (0.0 if state is None else state) + np.nan_to_num(gradient)
    return weights - learning_rate * velocity, velocity


def forgets_nan(weights, gradient, state, learning_rate=0.01):
    """What was NaN begins anew at 0."""
    return np.nan_to_num(weights, nan=0.0) - learning_rate * gradient, state


def up_at_infinity(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * np.where(np.isinf(gradient), -np.sign(gradient), gradient), state


def drifts(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * (gradient + 1e-6), state


def normalised(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * gradient / np.sqrt(gradient**2), state


def magnifies(weights, gradient, state, learning_rate=0.01):
    """Steps as long as all gradients ever seen, turned round: tiny ones make it leap."""
    return weights - learning_rate * np.sign(gradient) * np.minimum(1.0 / (np.abs(gradient) + 1e-6), 1e6), state


def twelfth_power(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * gradient**12 / gradient**11, state


def turns_round(weights, gradient, state, learning_rate=0.01):
    """Right, but for sizes that nobody tries."""
    size = np.abs(gradient)
    extreme = (size > 1e180) | ((size < 1e-180) & (size > 0.0))
    return weights - learning_rate * np.where(extreme, -np.sign(gradient), gradient), state


def loses_digits(weights, gradient, state, learning_rate=0.01):
    return ((weights + 1e5) - 1e5) - learning_rate * gradient, state


def mixes(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * (gradient + gradient.mean()), state


def climbs(weights, gradient, state, learning_rate=0.01):
    return weights + learning_rate * gradient, state


def long_steps(weights, gradient, state, learning_rate=0.01):
    """Stable, where nothing is late."""
    return weights - 150.0 * learning_rate * gradient, state


def dislikes_repetition(weights, gradient, state, learning_rate=0.01):
    again = np.zeros(len(weights), bool) if state is None else gradient == state
    return weights - learning_rate * np.where(again, -10.0, 1.0) * gradient, gradient


def grows_at_turns(weights, gradient, state, learning_rate=0.01):
    before, size = (gradient, np.ones(len(weights))) if state is None else state
    size = np.where(gradient * before < 0.0, 10.0 * size, size)
    return weights - learning_rate * size * gradient, (gradient, size)


def unseeded(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * (gradient + np.random.default_rng().normal(size=len(weights))), state


def seeded(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * (gradient + 0.1 * np.random.normal(size=len(weights))), state


def by_place(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * np.arange(1, len(weights) + 1) * gradient, state


def unsavable(weights, gradient, state, learning_rate=0.01):
    return weights - learning_rate * gradient, lambda: state


class SharedVelocity:
    """What it keeps belongs to the class, and so to every run at once."""

    velocity = 0.0

    def __init__(self, params, lr=0.01):
        (self.one,), self.lr = list(params), lr

    def step(self):
        SharedVelocity.velocity = 0.9 * SharedVelocity.velocity + self.one.grad
        self.one.data -= self.lr * SharedVelocity.velocity


WRONG = [
    ("nan", hides_nan, "a NaN gradient moved the weight by .*, as though it had been a number"),
    ("nan", forgets_nan, "became NaN and was .* again later, which hides that a gradient was NaN"),
    ("inf", up_at_infinity, r"a gradient of \+inf moved the weight uphill"),
    ("minus_inf", up_at_infinity, "a gradient of -inf moved the weight uphill"),
    ("zero", drifts, "step 1 moved weight 2 from -2 to .* without any slope"),
    ("zero", normalised, "step 1 made a weight NaN, and every gradient was 0"),
    ("subnormal", normalised, "gradients of 5e-324 made a weight"),
    ("subnormal", magnifies, "it divides by nothing"),
    *((name, twelfth_power, "and their squares are ordinary numbers") for name in ORDINARY),
    *((name, turns_round, "step 1 moved weight 1 uphill") for name in EXTREME),
    ("float32", loses_digits, "is off by .* on a way of"),
    ("sparse", mixes, "a weight at 0 that never had a gradient was moved"),
    ("sparse", climbs, "weight 1, which met a slope in every tenth step, ended .* uphill"),
    ("plain", climbs, "undisturbed, the loss went from"),
    ("delayed", long_steps, "with gradients one step old the loss went from"),
    ("quantised", dislikes_repetition, "with rounded gradients the loss went from"),
    ("flipped", grows_at_turns, "with a tenth of the signs turned the loss went from"),
    ("twice", unseeded, "the second run left the way in step 1"),
    ("at_once", SharedVelocity, "the same run beside another one left the way"),
    ("restart", unsavable, "its state cannot be saved"),
    ("permuted", by_place, "the weights in another order left the way in step 1"),
]


def test_every_trial_can_be_failed():
    assert {name for name, _, _ in WRONG} == set(IDS) - {"rescaled"}


@pytest.mark.parametrize(("name", "wrong", "told"), WRONG)
def test_what_is_wrong_is_caught(name, wrong, told):
    made = target(wrong)
    found = answer(made, trial_named(made, f"robust/{name}"))
    assert found.verdict is Verdict.FAILED
    assert re.search(told, found.sentence), found.sentence


def test_a_plain_function_passes_all():
    found = check(target(plain), ["robust"])
    assert {one.verdict for one in found.outcomes} == {Verdict.PASSED}


@pytest.mark.parametrize(
    ("wrong", "passes"),
    [(long_steps, {"plain", "quantised"}), (dislikes_repetition, {"plain", "delayed"}), (grows_at_turns, {"plain", "delayed"})],
)
def test_the_disturbance_is_what_they_fail_by(wrong, passes):
    made = target(wrong)
    assert {answer(made, trial_named(made, f"robust/{name}")).verdict for name in passes} == {Verdict.PASSED}


def test_the_learning_rate_has_the_unit_that_is_claimed():
    made = target(plain, claims="adam")
    found = answer(made, trial_named(made, "robust/rescaled"))
    assert found.verdict is Verdict.FAILED
    assert found.sentence == "its learning rate is measured in units of the weights squared, that of adam in units of the weights"
    honest = target(plain, claims="sgd")
    assert answer(honest, trial_named(honest, "robust/rescaled")).verdict is Verdict.PASSED


class Careful:
    def __init__(self, params, lr=0.1):
        (self.one,), self.lr = list(params), lr
        if lr > 1.0:
            raise ValueError("that is too much")

    def step(self):
        self.one.data -= self.lr * self.one.grad


@pytest.mark.parametrize(
    ("rate", "told"), [(0.1, "it does not take other learning rates: .*that is too much"), (0.0, "it has no learning rate")]
)
def test_who_takes_no_other_rates_is_not_asked_for_them(rate, told):
    made = target(Careful, lr=rate, claims="sgd")
    found = answer(made, trial_named(made, "robust/rescaled"))
    assert found.verdict is Verdict.SKIPPED
    assert re.match(told, found.sentence)


def test_who_draws_random_numbers_is_not_to_blame():
    made = target(seeded)
    verdicts = {one.trial.id: one.verdict for one in check(made, ["robust"]).outcomes}
    assert verdicts["robust/twice"] is Verdict.PASSED
    assert {verdicts[f"robust/{name}"] for name in ("at_once", "restart", "permuted")} == {Verdict.SKIPPED}


def noisy(weights, gradient, state, learning_rate=0.01):
    drawn = np.random.default_rng(0) if state is None else state
    return weights - learning_rate * (gradient + 0.01 * drawn.normal(size=len(weights))), drawn


def test_who_adds_noise_is_asked_the_rest():
    verdicts = {one.trial.id.removeprefix("robust/"): one.verdict for one in check(target(noisy), ["robust"]).outcomes}
    skipped = {name for name, verdict in verdicts.items() if verdict is Verdict.SKIPPED}
    assert skipped == {"zero", "subnormal", "float32", "sparse", "permuted", "rescaled", *SCALES}
    assert {verdict for name, verdict in verdicts.items() if name not in skipped} == {Verdict.PASSED}


def test_numbers_of_others_go_on_as_before():
    made, before = target(seeded), np.random.get_state()[1].copy()
    check(made, ["robust"])
    assert np.array_equal(before, np.random.get_state()[1])


def test_what_cannot_be_saved_is_skipped_or_fails():
    class NoWay:
        def __init__(self, params, lr=0.01):
            (self.one,), self.lr = list(params), lr

        def step(self):
            self.one.data -= self.lr * self.one.grad

    made = target(NoWay)
    found = answer(made, trial_named(made, "robust/restart"))
    assert (found.verdict, found.sentence) == (Verdict.SKIPPED, "NoWay: it has no state_dict(), so what it keeps cannot be saved")


def test_every_step_is_kept_for_a_replay():
    made, rows = target_of("adam"), []
    found = robust_trials.replayed(made, trial_named(made, "robust/nan"), 0, rows)
    assert found == answer(made, found.trial)
    assert [row.step for row in rows] == list(range(1, 21))
    assert np.isnan([rows[10].gradient[1], rows[10].weights[1], rows[10].state["mean"][1]]).all()


def test_the_parabola_knows_its_derivatives(rng):
    ground, w = Parabola(rng.uniform(0.5, 2.0, 4)), rng.normal(size=4)
    loss, gradient = ground.loss_and_gradient(w)
    r, slopes = ground.residuals(w)
    assert np.isclose(loss, (r**2).sum())
    assert np.allclose(gradient, 2.0 * slopes.T @ r)
    assert np.allclose(2.0 * slopes.T @ slopes, ground.hessian(w))
    assert np.allclose([(ground.loss(w + h) - ground.loss(w - h)) / 2e-6 for h in 1e-6 * np.eye(4)], gradient, atol=1e-8)


def test_a_quick_look_is_a_part():
    made = target_of("sgd")
    few, all_of_them = robust_trials.trials(made, True), robust_trials.trials(made, False)
    assert set(few) < set(all_of_them)
    assert Driver(made).rate == 1e-3
