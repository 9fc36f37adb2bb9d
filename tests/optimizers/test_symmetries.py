"""What a rule makes of the same gradients moved, scaled and turned; and rules that are special cases of others.

The rules are driven as plain Python along random sequences of gradients, so nothing but their own state decides.
"""

import itertools
import random

import numpy as np
import pytest

from tests.golden.settings import ALONG_THE_GRADIENT
from tests.optimizers.driving import ELEMENTWISE

STEPS = 60
STILL = {"asgd": {"lambd": 0.0}, "adamw": {"weight_decay": 0.0}}
"""What turns all decay off."""

UNSCALED = {
    "adagrad": {"eps": 0.0},
    "rmsprop": {"eps": 0.0, "momentum": 0.5},
    "adafactor": {"eps1": 0.0},
    "adam": {"eps": 0.0},
    "adamw": {"eps": 0.0, "amsgrad": True},
    "nadam": {"eps": 0.0},
    "qhadam": {"eps": 0.0, "nu2": 0.4},
    "adan": {"eps": 0.0},
    "adamax": {"eps": 0.0},
    "yogi": {"eps": 0.0, "initial_accumulator_value": 0.0},
    "adabelief": {"eps": 0.0},
    **{name: {} for name in ("sign_sgd", "signum", "lion", "rprop")},
}
"""Rules whose steps do not know the unit of the loss, once nothing is added to their divisors."""

PROPORTIONAL = {name: {} for name in ALONG_THE_GRADIENT} | {"sgd": {"momentum": 0.9, "nesterov": True}, "asgd": {"t0": 5.0}}
"""Rules whose steps are in proportion to the gradients. They alone do not care for the direction of the axes."""

NEITHER = {"adadelta", "radam"}
"""Adadelta's eps gives its steps their unit; RAdam begins like the one kind and goes on like the other."""

ABOUT_THE_WEIGHT = {"adafactor"}
"""Rules whose steps depend on the weight itself, even without decay."""


def gradients(seed):
    """Pairs (STEPS, 2) that keep a sign for a while and change their size."""
    rng = np.random.default_rng(seed)
    walk = np.cumsum(rng.normal(size=(STEPS, 2)), axis=0)
    return walk * 10.0 ** rng.uniform(-2, 2, (STEPS, 1))


def driven(name, values, slopes, start=0.0):
    """Where one weight goes (len(slopes) + 1,) that meets these gradients, wherever it is."""
    rule = ELEMENTWISE[name]
    hyper, on = rule.pack({"learning_rate": 0.01} | STILL.get(name, {}) | values)
    weight, slots, shared = start, rule.initial_slots(hyper), rule.initial_shared
    path = [weight]
    for step, slope in enumerate(slopes, start=1):
        shared = rule.advance(shared, hyper, step)
        weight, slots = rule.update(weight, float(slope), slots, shared, hyper, on, step)
        path.append(weight)
    return np.array(path)


def test_every_rule_has_its_place():
    assert sorted((*UNSCALED, *PROPORTIONAL, *NEITHER)) == sorted(ELEMENTWISE)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_it_does_not_matter_where_the_weight_is(name):
    slopes = gradients(random.randrange(2**32))[:, 0]
    here, there = driven(name, {}, slopes, 1.0), driven(name, {}, slopes, 4.0)
    same = np.allclose(there - 3.0, here, rtol=0.0, atol=1e-12 * np.abs(here).max())
    assert same != (name in ABOUT_THE_WEIGHT)
    decayed, gentle = {"weight_decay": 0.3, "learning_rate": 0.1}, 1e-6 * slopes
    assert not np.allclose(driven(name, decayed, gentle, 4.0) - 3.0, driven(name, decayed, gentle, 1.0), rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("power", [-40, -3, 60])
@pytest.mark.parametrize(("name", "values"), [*UNSCALED.items(), *PROPORTIONAL.items()])
def test_the_unit_of_the_loss(name, values, power):
    """Scaled by a power of two, which rounds nothing: the same bits, or the scaled ones."""
    slopes = gradients(random.randrange(2**32))[:, 0]
    plain, scaled = driven(name, values, slopes), driven(name, values, slopes * 2.0**power)
    assert np.array_equal(scaled, plain * 2.0**power if name in PROPORTIONAL else plain)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_only_steps_along_the_gradient_do_not_care_for_the_axes(name):
    slopes = gradients(random.randrange(2**32))
    turn = np.array(((np.cos(0.7), -np.sin(0.7)), (np.sin(0.7), np.cos(0.7))))
    values = PROPORTIONAL.get(name, {})
    plain = np.stack([driven(name, values, column) for column in slopes.T], axis=1)
    turned = np.stack([driven(name, values, column) for column in (slopes @ turn.T).T], axis=1)
    assert np.allclose(turned, plain @ turn.T, rtol=0.0, atol=1e-9 * np.abs(plain).max()) == (name in PROPORTIONAL)


SAME = (
    ("qhm", {"nu": 0.0}, "sgd", {}),
    ("qhm", {"nu": 1.0, "momentum": 0.75}, "sgd", {"learning_rate": 0.0025, "momentum": 0.75}),
    ("qhm", {"nu": 0.75, "momentum": 0.75}, "sgd", {"learning_rate": 0.0025, "momentum": 0.75, "nesterov": True}),
    ("asgd", {"lambd": 0.0}, "sgd", {}),
    ("schedule_free_sgd", {"momentum": 0.0}, "sgd", {}),
    ("signum", {"momentum": 0.0}, "sign_sgd", {}),
    ("lion", {"beta1": 0.8, "beta2": 0.8}, "signum", {"momentum": 0.8}),
    ("rprop", {"step_min": 0.01, "step_max": 0.01}, "sign_sgd", {}),
    ("adamw", {"amsgrad": True}, "adam", {"amsgrad": True}),
    ("nadam", {}, "nadam", {"decoupled_weight_decay": True}),
    ("qhadam", {"nu1": 1.0, "nu2": 1.0, "beta1": 0.9}, "adam", {}),
    ("qhadam", {"nu1": 0.0, "nu2": 0.0, "eps": 0.0}, "sign_sgd", {}),
    ("radam", {"beta2": 0.5, "beta1": 0.0}, "sgd", {}),
    ("adan", {"beta1": 0.9, "beta2": 0.0, "beta3": 0.999}, "adam", {}),
    ("adam", {"beta1": 0.0, "beta2": 0.0, "eps": 0.0}, "sign_sgd", {}),
    ("adamax", {"beta1": 0.0, "beta2": 0.0, "eps": 0.0}, "sign_sgd", {}),
)
"""(rule, values, the rule that it then is, values)."""


@pytest.mark.parametrize(("special", "values", "name", "others"), SAME)
def test_special_cases(special, values, name, others):
    slopes = gradients(random.randrange(2**32))[:, 0]
    slopes = np.abs(slopes) if special == "rprop" else slopes  # which rests after a change of sign
    one, other = driven(special, values, slopes, 1.0), driven(name, others, slopes, 1.0)
    assert np.allclose(one, other, rtol=0.0, atol=1e-11 * np.abs(other).max())


def test_no_two_rules_are_the_same():
    slopes = [gradients(random.randrange(2**32))[:, 0] for _ in range(6)]
    paths = {name: np.concatenate([driven(name, {"learning_rate": 0.1}, each, 1.0) for each in slopes]) for name in ELEMENTWISE}
    undecayed = {"adam", "adamw"}, {"asgd", "sgd"}
    for one, other in itertools.combinations(ELEMENTWISE, 2):
        assert np.allclose(paths[one], paths[other], rtol=1e-9) == ({one, other} in undecayed), (one, other)
