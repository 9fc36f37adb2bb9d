"""Properties of every update rule, through the kernels: against the textbook steps, switched off, in a block, at extremes."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.engine import descend
from gdsim.engine.specialise import specialise
from tests import naive
from tests.draws import some
from tests.golden.settings import ALONG_THE_GRADIENT, drawn
from tests.optimizers.driving import ELEMENTWISE, HIMMELBLAU, QUADRATIC, ROSENBROCK, SLOPE, record, rule, shared_after, start, step

NAMES = sorted(ELEMENTWISE)
STARTS = ((3.0, -2.0), (-1.2, 1.0), (0.0, 0.7), (-0.0, 0.0))

# Few combinations of switches are used, so that few kernels are compiled: all off, each number alone, everything on.
SWITCHED = {
    **{name: ({}, {"weight_decay": 0.03}) for name in ELEMENTWISE},
    "sgd": ({}, {"momentum": 0.9}, {"weight_decay": 0.03}, {"momentum": 0.8, "nesterov": True, "weight_decay": 0.03}),
    "asgd": ({"lambd": 0.0}, {"lambd": 0.5, "t0": 3.0}, {"lambd": 0.5, "weight_decay": 0.03}),
    "rmsprop": ({}, {"momentum": 0.9}, {"weight_decay": 0.03}, {"momentum": 0.8, "centered": True, "weight_decay": 0.03}),
    "adam": ({}, {"weight_decay": 0.03}, {"amsgrad": True, "weight_decay": 0.03}),
    "adamw": ({"weight_decay": 0.0}, {"weight_decay": 0.03}, {"amsgrad": True, "weight_decay": 0.03}),
    "nadam": ({}, {"weight_decay": 0.03}, {"weight_decay": 0.03, "decoupled_weight_decay": True}),
    "radam": ({}, {"weight_decay": 0.03}, {"weight_decay": 0.03, "decoupled_weight_decay": True}),
    # Rprop's steps are never shorter than step_min, whatever the learning rate.
    "rprop": ({"step_min": 0.0}, {"step_min": 0.0, "weight_decay": 0.03}),
}
TABLE = some([(name, values) for name, chosen in SWITCHED.items() for values in chosen], 24)


def test_the_slow_version_has_every_optimizer():
    assert set(naive.OPTIMIZERS) == set(ELEMENTWISE)


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=40)
@given(rng=st.randoms(use_true_random=False), rate=st.floats(1e-4, 0.5), x=st.floats(-5, 5), y=st.floats(-5, 5), data=st.data())
def test_kernel_takes_the_textbook_step(name, rng, rate, x, y, data):
    params = data.draw(st.sampled_from([(QUADRATIC, 0.3, 2.5), (ROSENBROCK, 0.0, 0.0), (HIMMELBLAU, 0.0, 0.0), (SLOPE, -2.0, 1e-3)]))
    values = {"learning_rate": rate * (0.002 if name in (*ALONG_THE_GRADIENT, "radam") else 1.0)} | drawn(name, rng)
    bound, hyper = rule(name, values)
    slow = naive.OPTIMIZERS[name](**values)
    weights, scale, steepest = [x, y], np.abs([x, y]), np.zeros(2)
    for number, shared in enumerate(shared_after(name, hyper, 29), start=1):
        before = np.array(slow.kept())
        if number == 1:
            before = start(name, hyper, weights).slots.reshape(2, -1).T
        found, kept = step(bound, hyper, params, weights, before, shared, number)
        _, gx, gy = bound.value_and_gradient(*weights, params)
        if not abs(gx) + abs(gy) < 1e100:
            break
        following = slow.step(weights, [gx, gy])
        steepest = np.maximum(steepest, np.abs([gx, gy]))
        blur = cancellation(name, values, slow, np.abs(np.subtract(following, weights)) / values["learning_rate"], steepest)
        scale = np.maximum(scale, np.abs(following))
        allowed = 1e-13 * scale + values["learning_rate"] * blur + 1e-300
        assert np.all(np.abs(found - following) <= allowed)
        for slot, wanted in enumerate(slow.kept()):
            if np.any(kept[slot] != before[slot]):  # else a switched-off feature, kept as it was
                allowed = 1e-13 * (np.abs(wanted) + np.abs(before[slot]) + abs(gx) + abs(gy)) + blur + 1e-300
                assert np.all(np.abs(kept[slot] - wanted) <= allowed)
        weights = following


def cancellation(name, values, slow, direction, steepest):
    """What rounding may change of ``direction``, where the textbook subtracts nearly equal numbers.

    They are Adam's 1 - beta^t in the first steps, RMSprop's mean square and squared mean of a gradient that hardly changes,
    AdaBelief's gradient and mean, and Adan's two means.
    """
    blur = 0.0
    if name == "adabelief":
        rounding, square, eps = 2e-14 * steepest, np.array(slow.kept()[1]), values["eps"]
        off = 2.0 * rounding * np.sqrt(square) + rounding**2
        mean = np.abs(slow.kept()[0]) / (1.0 - values["beta1"] ** slow.steps)
        seen = 1.0 - values["beta2"] ** slow.steps
        low, high = (np.sqrt(np.maximum(square + side * off, eps) / seen) + eps for side in (-1.0, 1.0))
        blur = mean * (1.0 / low - 1.0 / high) + off + rounding / (1.0 - values["beta1"] ** slow.steps) / low
    if name == "adan":  # means of gradients and of their changes, and a gradient ahead of itself, are sums of both signs
        mean, change, square, _ = map(np.abs, slow.kept())
        ahead = 1e-15 * (1.0 + 2.0 * values["beta2"]) * steepest
        sizes = slow.corrected(mean, values["beta1"]) + values["beta2"] * slow.corrected(change, values["beta2"])
        low, high = (
            np.maximum(np.sqrt(slow.corrected(square, values["beta3"])) + side * ahead, 0.0) + values["eps"] for side in (-1.0, 1.0)
        )
        blur, direction = sizes * (1.0 / low - 1.0 / high), sizes / low
    if "beta2" in values and name != "lion":
        return blur + direction * sum(4e-16 / (1.0 - values[beta] ** slow.steps) for beta in ("beta1", "beta2", "beta3") if beta in values)
    if name == "rmsprop" and values["centered"]:
        squares, means, eps = np.array(slow.squares), np.array(slow.means), values["eps"]
        spread = np.maximum(squares - means**2, 0.0)
        low, high = (np.sqrt(np.maximum(spread + rounding * squares, 0.0)) + eps for rounding in (-1e-15, 1e-15))
        return np.sqrt(squares / (1.0 - values["alpha"])) * (1.0 / low - 1.0 / high)
    return 0.0


@pytest.mark.parametrize(("name", "values"), TABLE)
@pytest.mark.parametrize("params", [(ROSENBROCK, 0.0, 0.0), (HIMMELBLAU, 0.0, 0.0)])
def test_learning_rate_0_changes_nothing(name, values, params):
    recording, _ = record(name, values | {"learning_rate": 0.0}, params, (-1.2, 1.0), 20)
    assert np.all(recording.positions == (-1.2, 1.0))
    assert len(recording.positions) == 21


NEUTRAL = [
    (name, values | {feature: 0.0, "learning_rate": 0.004}, feature)
    for name, chosen in SWITCHED.items()
    for feature in ELEMENTWISE[name].switches
    if ELEMENTWISE[name].defaults[feature] is not False
    for values in (chosen[0], {k: v for k, v in chosen[-1].items() if not (feature == "momentum" and k == "nesterov")})
]


@pytest.mark.parametrize(("name", "values", "feature"), NEUTRAL)
def test_switched_off_is_neutral_value_0(name, values, feature):
    off = ELEMENTWISE[name].pack(values)[1]
    on = tuple(True if known == feature else was for known, was in zip(ELEMENTWISE[name].switches, off, strict=True))
    assert on != off
    if name == "sgd":
        values = values | {"dampening": 0.3}
    for params, weights in itertools.product(((ROSENBROCK, 0.0, 0.0), (QUADRATIC, 1.0, 12.0), (SLOPE, 0.0, -0.0)), STARTS):
        plain, _ = record(name, values, params, weights, 60, on=off)
        neutral, _ = record(name, values, params, weights, 60, on=on)
        assert plain.positions.tobytes() == neutral.positions.tobytes()


@pytest.mark.parametrize("name", some([name for name, chosen in SWITCHED.items() if len(chosen) > 2], 4))
def test_runs_of_a_mixed_block_have_the_bits_of_the_runs_alone(name):
    """Each feature on in one run and at its neutral value in another, all in one block."""
    chosen = [
        values | {"learning_rate": rate} for values in SWITCHED[name] if not any(map(is_true, values.values())) for rate in (1e-3, 4e-3)
    ]
    hyper = np.array([ELEMENTWISE[name].pack(values)[0] for values in chosen]).T
    switches = np.any([ELEMENTWISE[name].pack(values)[1] for values in chosen], axis=0)
    bound, _ = rule(name, {}, tuple(bool(on) for on in switches))
    runs = len(chosen)
    params = np.tile([[ROSENBROCK], [0.0], [0.0]], (1, runs))
    weights = np.tile([[-1.2], [1.0]], (1, runs))
    state = descend.State.start(
        weights, np.array([ELEMENTWISE[name].initial_slots(h) for h in hyper.T]).T, ELEMENTWISE[name].initial_shared
    )
    block = descend.Block(bound, state, params, hyper)
    block.advance(0, runs, 100)
    for run, values in enumerate(chosen):
        alone, _ = record(name, values, (ROSENBROCK, 0.0, 0.0), (-1.2, 1.0), 100)
        assert alone.positions[-1].tobytes() == state.weights[:, run].tobytes(), values


def is_true(value):
    return value is True


@pytest.mark.parametrize(("name", "values"), TABLE)
def test_flat_ground_moves_nothing(name, values):
    """Gradient 0 from state 0: no 0/0. Weight decay alone then moves a weight, but not one that is 0."""
    for weights in ((0.0, 0.0), (2.0, -1.0)):
        recording, state = record(name, values, (SLOPE, 0.0, 0.0), weights, 50)
        assert np.all(np.isfinite(recording.positions))
        assert np.all(np.isfinite(state.slots))
        on = dict(zip(ELEMENTWISE[name].switches, ELEMENTWISE[name].pack(values)[1], strict=True))
        if weights == (0.0, 0.0) or not (on.get("weight_decay") or on.get("lambd")):
            assert np.all(recording.positions == weights)


@pytest.mark.parametrize(("name", "values"), TABLE)
def test_infinite_ground_diverges_and_never_raises(name, values):
    for slope in (math.inf, -math.inf, math.nan, 1e200):
        recording, state = record(name, values, (SLOPE, slope, 1.0), (1.0, 1.0), 10)
        assert recording.status == descend.DIVERGED
        assert np.all(state.weights == 1.0)


EXTREME = st.sampled_from([0.0, -0.0, 5e-324, -1e-200, 1e-8, 1.0, -3.5, 1e150, -1e200, math.inf, -math.inf, math.nan])
ANY = st.one_of(EXTREME, st.floats())


@pytest.mark.parametrize("name", NAMES)
@settings(deadline=None, max_examples=150)
@given(rng=st.randoms(use_true_random=False), weight=ANY, gradient=ANY, slots=st.lists(ANY, min_size=4, max_size=4), data=st.data())
def test_update_never_raises_and_is_odd(name, rng, weight, gradient, slots, data):
    """update(-w, -g, mirrored state) = -update(w, g, state) to the bit, for every number that there is."""
    optimizer = ELEMENTWISE[name]
    hyper, _ = optimizer.pack({"learning_rate": 0.1} | drawn(name, rng))
    on = tuple(data.draw(st.booleans()) for _ in optimizer.switches)
    number = data.draw(st.sampled_from([1, 2, 100]))
    shared = optimizer.initial_shared
    for past in range(1, number + 1):
        shared = optimizer.advance(shared, hyper, past)
    update = specialise(optimizer.update)
    # Squares and sizes are never negative, and stay as they are in a mirror.
    even = ["square" in kept or "size" in kept for kept in optimizer.slot_names]
    state = tuple(abs(value) if same else value for value, same in zip(slots, even, strict=False))
    mirrored = tuple(value if same else -value for value, same in zip(state, even, strict=True))
    there, kept = update(weight, gradient, state, shared, hyper, on, number)
    back, kept_back = update(-weight, -gradient, mirrored, shared, hyper, on, number)
    assert np.array_equal(there, -back, equal_nan=True)
    for value, reflected, same in zip(kept, kept_back, even, strict=True):
        assert np.array_equal(value, reflected if same else -reflected, equal_nan=True)
    if all(map(math.isfinite, (weight, gradient, *state))) and max(map(abs, (weight, gradient, *state))) < 1e100:
        assert math.isfinite(there)
