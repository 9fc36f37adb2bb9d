"""What theory says of single rules, through the kernels: lengths of first steps, bounds of later ones, and what their notes tell."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.engine.specialise import specialise
from tests.optimizers.driving import ELEMENTWISE, SLOPE, record, rule, shared_after


def first_steps(rate, slope, memory):
    """Name: (values, length of the first step of a weight at 0 on an even slope). ``memory`` is what is remembered of a mean."""
    eps = {"eps": 1e-12}
    betas = {"beta1": memory, "beta2": 1.0 - 0.9 * (1.0 - memory)}
    now, following = (0.9 * (1.0 - 0.5 * 0.96 ** (t * 0.004)) for t in (1, 2))
    return {
        "sgd": ({"momentum": memory}, rate * slope),
        "qhm": ({"momentum": memory, "nu": 0.7}, rate * slope * (1.0 - 0.7 * memory)),
        "asgd": ({}, rate * slope),
        "schedule_free_sgd": ({"momentum": memory}, rate * slope),
        **{name: ({}, rate) for name in ("sign_sgd", "signum", "lion", "rprop")},
        "adagrad": (eps, rate),
        "rmsprop": (eps | {"alpha": memory}, rate / math.sqrt(1.0 - memory)),
        "adadelta": (eps | {"rho": memory}, rate * math.sqrt(1e-12 / (1.0 - memory))),
        "adafactor": ({"eps2": 0.1}, 0.1 * rate),
        **dict.fromkeys(("adam", "adamw", "adamax", "qhadam", "adan"), (betas | eps, rate)),
        "nadam": (eps, rate * (1.0 + following * 0.1 / (1.0 - now * following))),
        "radam": (betas | eps, rate * slope),
        "yogi": (betas | eps | {"initial_accumulator_value": 0.0}, rate),
        "adabelief": ({"beta1": 0.5 + memory / 2.0, "eps": 1e-30}, rate / (0.5 + memory / 2.0)),
    }


@settings(deadline=None, max_examples=30)
@given(rate=st.floats(1e-4, 1.0), slope=st.floats(0.1, 1e6), memory=st.floats(0.0, 0.999))
def test_first_steps_have_their_known_lengths(rate, slope, memory):
    lengths = first_steps(rate, slope, memory)
    assert set(lengths) == set(ELEMENTWISE)
    for name, (values, length) in lengths.items():
        recording, _ = record(name, values | {"learning_rate": rate}, (SLOPE, slope, -slope), (0.0, 0.0), 1)
        assert recording.positions[1] == pytest.approx((-length, length), rel=1e-6), name


def test_defaults_make_the_first_steps_that_the_notes_tell():
    for name, factor, accuracy in (
        ("adam", 1.0, 1e-7),
        ("adagrad", 1.0, 1e-9),
        ("rmsprop", 10.0, 1e-6),
        ("adadelta", math.sqrt(1e-5), 1e-4),
        ("adamax", 1.0, 1e-7),
        ("nadam", 1.06, 5e-3),
        ("qhadam", 1.0, 1e-7),
        ("adabelief", 1.0 / 0.9, 1e-9),
        ("qhm", 1.0 - 0.7 * 0.999, 1e-9),
    ):
        recording, _ = record(name, {}, (SLOPE, 1.0, -5.0), (0.0, 0.0), 1)
        assert abs(recording.positions[1, 0]) == pytest.approx(factor * ELEMENTWISE[name].defaults["learning_rate"], rel=accuracy)


def test_adagrad_on_a_slope_shortens_its_steps_with_the_root():
    recording, _ = record("adagrad", {"learning_rate": 0.2}, (SLOPE, 3.0, -0.5), (0.0, 0.0), 400)
    k = np.arange(1, 401)
    assert np.allclose(np.abs(np.diff(recording.positions, axis=0)), (0.2 / np.sqrt(k))[:, None], rtol=1e-9)


def test_adagrad_rate_decays_with_the_steps_taken():
    values = {"learning_rate": 0.2, "initial_accumulator_value": 16.0, "eps": 0.0}
    plain, _ = record("adagrad", values, (SLOPE, 3.0, -0.5), (0.0, 0.0), 50)
    fading, _ = record("adagrad", values | {"lr_decay": 0.5}, (SLOPE, 3.0, -0.5), (0.0, 0.0), 50)
    ratio = np.diff(plain.positions, axis=0) / np.diff(fading.positions, axis=0)
    assert np.allclose(ratio, (1.0 + 0.5 * np.arange(50))[:, None], rtol=1e-12)
    assert abs(plain.positions[1, 0]) == pytest.approx(0.2 * 3.0 / 5.0)


def test_amsgrad_never_forgets_a_steep_gradient():
    """After one steep step onto a gentle slope plain Adam's steps recover; amsgrad's stay divided by the steepest."""
    _, hyper = rule("adam", {"beta2": 0.9})
    rooted = {}
    for amsgrad in (False, True):
        update, state = specialise(ELEMENTWISE["adam"].update), (0.0, 0.0, 0.0)
        for number, shared in enumerate(itertools.islice(shared_after("adam", hyper, 300), 1, None), start=1):
            weight, state = update(0.0, 100.0 if number == 1 else 0.01, state, shared, tuple(hyper), (False, amsgrad), number)
        rooted[amsgrad] = -weight / hyper[0]
    assert rooted[False] == pytest.approx(1.0, rel=1e-3)
    assert rooted[True] == pytest.approx(0.01 / math.sqrt(0.1 * 100.0**2), rel=1e-3)


def test_adam_steps_stay_within_their_bound():
    """At most (1 - beta1) / sqrt(1 - beta2) times the rate, reached by a gradient that comes once after a long silence."""
    _, hyper = rule("adam", {"eps": 1e-30})
    *_, shared = shared_after("adam", hyper, 200_000)
    weight, _ = specialise(ELEMENTWISE["adam"].update)(0.0, 7.0, (0.0, 0.0, 0.0), shared, tuple(hyper), (False, False), 200_000)
    assert -weight == pytest.approx(hyper[0] * 0.1 / math.sqrt(0.001), rel=1e-9)


def test_adam_corrections_end_at_1_without_subnormal_numbers():
    powers = [shared[0] for shared in shared_after("adam", rule("adam", {})[1], 20_000)]
    assert min(power for power in powers if power > 0.0) > 1e-301
    assert powers[-1] == 0.0


def test_centred_rmsprop_survives_rounding_on_a_slope():
    """Mean square and squared mean agree to the last bits after a while; their difference must not turn the step into NaN."""
    for slope in np.linspace(0.1, 3.0, 40):
        recording, _ = record("rmsprop", {"alpha": 0.5, "centered": True}, (SLOPE, slope, -slope), (0.0, 0.0), 200)
        assert np.all(np.isfinite(recording.positions))


def test_rprop_lengthens_its_steps_down_a_slope_and_a_rate_of_0_begins_with_the_shortest():
    recording, _ = record("rprop", {"learning_rate": 0.0}, (SLOPE, 3.0, -1e-9), (0.0, 0.0), 200)
    wanted = np.minimum(1e-6 * 1.2 ** np.arange(200), 50.0)
    assert np.allclose(np.abs(np.diff(recording.positions, axis=0)), wanted[:, None], rtol=1e-6)


def test_radam_begins_as_momentum_and_ends_as_adam():
    """Five steps of the corrected mean, in proportion to the slope; after that the slope's steepness means nothing."""
    recording, _ = record("radam", {"eps": 0.0}, (SLOPE, 30.0, -0.5), (0.0, 0.0), 20_000)
    lengths = np.abs(np.diff(recording.positions, axis=0)) / 1e-3
    assert lengths[:5] == pytest.approx(np.tile((30.0, 0.5), (5, 1)), rel=1e-9)
    assert np.all(lengths[5] < 0.2)
    assert np.all(np.diff(lengths[5:5000], axis=0) > 0.0)
    assert lengths[-1] == pytest.approx((1.0, 1.0), rel=1e-3)


def test_radam_with_a_short_memory_never_divides():
    recording, _ = record("radam", {"beta2": 2.0 / 3.0}, (SLOPE, 30.0, -0.5), (0.0, 0.0), 300)
    assert np.abs(np.diff(recording.positions, axis=0)) == pytest.approx(np.tile((0.03, 0.0005), (300, 1)), rel=1e-9)


def test_adafactor_takes_shares_of_the_weight():
    """Ten times the weight, ten times the steps; and no rate above 1 / sqrt(t) makes them longer."""
    paths = [record("adafactor", {"learning_rate": rate}, (SLOPE, -7.0, -7.0), (1.0, 10.0), 100)[0].positions for rate in (0.01, 1.0, 1e9)]
    for path in paths:
        assert path[:, 1] == pytest.approx(10.0 * path[:, 0], rel=1e-12)
    assert paths[0][:, 0] == pytest.approx(1.01 ** np.arange(101), rel=1e-9)
    assert np.array_equal(paths[1], paths[2])
    assert paths[1][:, 0] == pytest.approx(np.cumprod([1.0, *(1.0 + 1.0 / np.sqrt(np.arange(1, 101)))]), rel=1e-9)


def test_adabelief_lengthens_its_steps_where_nothing_surprises():
    recording, _ = record("adabelief", {"eps": 1e-12}, (SLOPE, 3.0, -5.0), (0.0, 0.0), 40_000)
    lengths = np.abs(np.diff(recording.positions, axis=0))
    assert lengths[-1] == pytest.approx(1e-3 * np.array((3.0, 5.0)) / math.sqrt(1e-12 / 1e-3), rel=1e-3)


def test_yogi_forgets_a_steep_gradient_slowly():
    """After one steep step onto a gentle slope Adam's mean square falls by a factor a step, Yogi's by a little of the new square."""
    _, hyper = rule("yogi", {"beta2": 0.9, "initial_accumulator_value": 0.0})
    update, state = specialise(ELEMENTWISE["yogi"].update), (0.0, 0.0)
    for number, shared in enumerate(itertools.islice(shared_after("yogi", hyper, 300), 1, None), start=1):
        _, state = update(0.0, 100.0 if number == 1 else 0.01, state, shared, tuple(hyper), (False,), number)
    assert state[1] == pytest.approx(0.1 * 100.0**2 - 299 * 0.1 * 0.01**2, rel=1e-9)


@pytest.mark.parametrize(("t0", "first"), [(10.0, 11), (0.0, 1), (1e6, 200)])
def test_asgd_averages_from_t0_on(t0, first):
    """The number kept is the weight itself until t0 steps are taken, and from then on the mean of the weights that follow."""
    recording, state = record("asgd", {"t0": t0, "learning_rate": 0.3}, (SLOPE, 1.0, -2.0), (0.0, 0.0), 200)
    assert state.slots[:, 0] == pytest.approx(recording.positions[first + 1 if t0 < 200 else first :].mean(axis=0), rel=1e-12)


def test_schedule_free_keeps_the_mean_of_its_plain_steps():
    recording, state = record("schedule_free_sgd", {"learning_rate": 0.3, "momentum": 0.8}, (SLOPE, 1.0, -2.0), (0.0, 0.0), 200)
    base = -0.3 * np.arange(1, 201)[:, None] * (1.0, -2.0)
    kept = state.slots[:, 0].reshape(2, 2).T
    assert kept[0] == pytest.approx(base[-1], rel=1e-12)
    assert kept[1] == pytest.approx(base.mean(axis=0), rel=1e-12)
    assert recording.positions[-1] == pytest.approx(0.2 * base[-1] + 0.8 * base.mean(axis=0), rel=1e-12)
