"""The differential debugger: two optimizers on the same gradients."""

import numpy as np
import pytest

from gdsim.harness import differential
from gdsim.harness.differential import Mixed, compare, like
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target, target_of
from gdsim.harness.trial import Verdict
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS

PLACE, WEIGHT, OFF = 57, 2, 1e-6


def heavy(weights, gradient, state, learning_rate=0.01, momentum=0.9):
    velocity, steps = (0.0 * gradient, 0) if state is None else state
    return weights - learning_rate * (momentum * velocity + gradient), (momentum * velocity + gradient, steps + 1)


def heavy_until(weights, gradient, state, learning_rate=0.01, momentum=0.9):
    """The same, but for one weight in one step."""
    weights, state = heavy(weights, gradient, state, learning_rate, momentum)
    if state[1] == PLACE:
        weights[WEIGHT] += OFF
    return weights, state


def test_the_same_is_the_same(rng):
    made = target(heavy, learning_rate=0.02, momentum=0.8)
    found = compare(made, like("sgd", made), seed=int(rng.integers(2**31)))
    assert (found.difference, found.steps) == (None, differential.STEPS)
    assert found.largest < 1e-12
    assert "heavy and sgd took the same 200 steps" in found.sentence
    assert differential.outcome(found).verdict is Verdict.PASSED


@pytest.mark.parametrize("landscape", [None, LANDSCAPES["rosenbrock"]])
def test_it_stops_where_they_part(landscape, rng):
    seed = int(rng.integers(2**31))
    weight = WEIGHT if landscape is None else 1
    one, other = target(heavy, learning_rate=1e-4), target(changed(weight), learning_rate=1e-4)
    found = compare(one, other, landscape, seed=seed)
    difference = found.difference
    assert (difference.step, difference.weight, found.steps) == (PLACE, weight, PLACE)
    assert difference.there - difference.here == pytest.approx(OFF, rel=1e-6)
    assert abs(difference.there - difference.here) > difference.allowed > 0.0
    assert difference.after[0][weight] == difference.here
    assert np.array_equal(*difference.before)
    assert difference.states[0]["1"] == difference.states[1]["1"] == PLACE
    step = difference.after[0] - difference.before[0]
    assert np.allclose(step, -1e-4 * difference.states[0]["0"], rtol=0.0, atol=1e-14)
    told = differential.outcome(found)
    assert told.verdict is Verdict.FAILED
    assert f"part at step {PLACE}, weight {weight + 1}" in told.sentence


def changed(weight):
    def heavy_but_once(weights, gradient, state, learning_rate=0.01, momentum=0.9):
        weights, state = heavy(weights, gradient, state, learning_rate, momentum)
        if state[1] == PLACE:
            weights[weight] += OFF
        return weights, state

    return heavy_but_once


def test_on_a_landscape_both_get_the_gradient_where_the_first_is():
    seen = []

    def watching(weights, gradient, state, learning_rate=1e-3):
        seen.append((weights.copy(), gradient.copy()))
        return weights - learning_rate * gradient, state

    stepping = target(watching)
    seen.clear()
    compare(target_of("sgd"), stepping, LANDSCAPES["himmelblau"], steps=20)
    for weights, gradient in seen:
        assert np.allclose(gradient, LANDSCAPES["himmelblau"].gradient(*weights), rtol=1e-6, atol=1e-6)


def test_tolerance_is_a_share_of_the_way():
    one, other = target(heavy, learning_rate=0.01), target(heavy, learning_rate=0.01 * (1.0 + 1e-7))
    assert compare(one, other, tolerance=1e-6).difference is None
    assert compare(one, other, tolerance=1e-8).difference is not None


def test_all_of_the_catalogue_differ():
    """No two optimizers of one learning rate, but those that are the same without decay or with other parameters."""
    names = [name for name, record in OPTIMIZERS.items() if record.is_elementwise]
    first = target_of("adam", {"learning_rate": 0.01})
    for name in names:
        other = target_of(name, {"learning_rate": 0.01})
        assert (compare(first, other, steps=60).difference is None) == (name == "adam"), name


def test_not_a_number_on_both_sides_is_no_difference():
    def bursts(weights, gradient, state, learning_rate=1.0):
        return np.full_like(weights, np.nan), state

    assert compare(target(bursts), target(bursts)).difference is None
    found = compare(target(bursts), target(heavy)).difference
    assert (found.step, found.weight) == (1, 0)


def test_values_are_taken_over():
    made = target_of("adam", {"learning_rate": 0.3, "beta1": 0.5, "weight_decay": 0.25})
    other = like("nadam", made)
    assert other.values == OPTIMIZERS["nadam"].defaults | {"learning_rate": 0.3, "beta1": 0.5, "weight_decay": 0.25}

    def no_rate(weights, gradient, state):
        return weights, state

    assert like("sgd", target(no_rate)).values == OPTIMIZERS["sgd"].defaults | {"learning_rate": 0.01}


def test_methods_are_refused():
    with pytest.raises(TargetError, match="bfgs: it asks for losses at other points"):
        compare(target_of("sgd"), target_of("bfgs"))


def test_drawn_gradients_are_of_all_kinds(rng):
    drawn = np.array([Mixed(int(rng.integers(2**31)), 200).meet(k, None)[1] for k in range(200)])
    sizes = np.median(np.abs(drawn), axis=0)
    assert (np.diff(np.log10(sizes)) < -0.3).all()
    assert (drawn == 0.0).any()
    assert not (drawn == 0.0).all(axis=0).any()


@pytest.mark.torch
def test_beside_torch():
    pytest.importorskip("torch")
    made = target_of("adam", {"learning_rate": 0.02, "beta1": 0.8, "amsgrad": True})
    other = like("torch:Adam", made)
    assert {name: other.values[name] for name in made.values} == made.values
    assert compare(made, other).difference is None
    assert compare(made, like("torch:AdamW", made)).difference is None  # neither has any decay
    assert compare(made, like("torch:NAdam", made)).difference.step == 1


@pytest.mark.optax
def test_beside_optax():
    pytest.importorskip("optax")
    made = target_of("lion", {"learning_rate": 0.02, "beta2": 0.9})
    other = like("optax:lion", made)
    assert other.values["weight_decay"] == 0.0
    assert compare(made, other).difference is None
    assert compare(target_of("rmsprop"), like("optax:rmsprop", target_of("rmsprop"))).difference is not None
