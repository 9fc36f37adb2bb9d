"""The rates of every schedule: the textbook's, torch's (recorded, and live where it can be imported), and what they have in common."""

import json
import random
from itertools import pairwise

import numpy as np
import pytest

from gdsim import minimise
from gdsim.schedules import SCHEDULES
from gdsim.simulation.run_schedule import schedule_of
from tests import naive
from tests.golden import record_schedules
from tests.schedules.tables import ABSOLUTE, FACTORS, drawn, multiplying

GOLDEN = json.loads(record_schedules.FILE.read_text())
STEPS = record_schedules.STEPS
BY_TABLE = [name for name in SCHEDULES if name != "reduce_on_plateau"]
SHARP = ("constant", "step", "multi_step", "exponential", "warmup")
"""Schedules whose small rates are known as well as their large ones; cosines know theirs to a share of the largest."""

EVERY = pytest.mark.parametrize("name", BY_TABLE)


def table_of(table, first, steps, total=STEPS):
    return schedule_of(table).table(total)(first, steps)


def rates_of(table, learning_rate, seen=(), total=STEPS, steps=STEPS):
    """The learning rate of every step."""
    offset, factor = table_of(table, 1, steps, total)
    if table["name"] != "reduce_on_plateau":
        return offset + factor * learning_rate
    plan, rates = schedule_of(table), []
    calm = plan.record.calm
    for k, loss in enumerate(seen):
        rate, calm = plan.pace(learning_rate, offset[k], factor[k], loss, calm, plan.numbers)
        rates.append(rate)
    return np.array(rates)


def assert_close(table, found, expected, tolerance=1e-12):
    expected = np.array(expected)
    assert np.all(np.abs(found - expected) <= tolerance * np.max(expected)), table
    if table["name"] in SHARP:
        assert np.allclose(found, expected, rtol=tolerance, atol=0.0), table


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda case: case["schedule"]["name"])
def test_recorded_rates(case):
    found = rates_of(case["schedule"], case["learning_rate"], record_schedules.losses(case["losses"]))
    assert_close(case["schedule"], found, case["rates"])


def test_what_is_recorded():
    assert GOLDEN["torch"].startswith("2.13")
    assert {case["schedule"]["name"] for case in GOLDEN["cases"]} == set(SCHEDULES) - {"points"} == set(record_schedules.DRAWN)
    plateaus = [case["rates"] for case in GOLDEN["cases"] if case["schedule"]["name"] == "reduce_on_plateau"]
    assert all(len(set(rates)) > 2 for rates in plateaus), "the rate falls"


@pytest.mark.torch
@pytest.mark.parametrize("name", record_schedules.DRAWN)
def test_live_rates(name):
    pytest.importorskip("torch")
    for rate, table, seed in record_schedules.cases(random.randrange(2**32), [name], draws=30):
        assert_close(table, rates_of(table, rate, record_schedules.losses(seed)), record_schedules.rates(rate, table, seed))


@pytest.mark.parametrize("case", GOLDEN["runs"], ids=lambda case: f"{case['optimizer']}-{case['schedule']['name']}")
def test_recorded_runs(case):
    ours = minimise(
        "quadratic",
        case["optimizer"],
        parameters={"a": 1.0, "b": 12.0},
        start=(3.0, -2.0),
        steps=STEPS,
        schedule=case["schedule"],
        **case["values"],
    )
    assert_close(case["schedule"], ours.learning_rates[:-1], case["rates"])
    assert np.allclose(ours.positions[GOLDEN["recorded"]], case["path"], rtol=1e-11, atol=1e-13)


@EVERY
def test_textbook(name):
    rng = random.Random()
    for _ in range(20):
        table, rate, total = drawn(name, rng), 10.0 ** rng.uniform(-3, 0), rng.randrange(250, 400)
        expected = [naive.rate(table, k, rate, total) for k in range(STEPS)]
        assert_close(table, rates_of(table, rate, total=total), expected)


def test_textbook_plateau():
    rng = random.Random()
    for _ in range(50):
        table, seen = drawn("reduce_on_plateau", rng), record_schedules.losses(rng.random())
        slow = naive.Plateau(0.3, **{key: value for key, value in table.items() if key != "name"})
        expected = []
        for loss in seen:
            expected.append(slow.rate)
            slow.see(loss)
        assert np.array_equal(rates_of(table, 0.3, seen), expected)


@EVERY
def test_parts_of_a_run_have_the_same_bits(name):
    rng = random.Random()
    for _ in range(10):
        table, cut = drawn(name, rng), rng.randrange(1, STEPS)
        pieces = [table_of(table, 1, cut), table_of(table, cut + 1, STEPS - cut), table_of(table, STEPS + 1, 1)]
        assert np.array_equal(np.concatenate(pieces, axis=1), table_of(table, 1, STEPS + 1))


@EVERY
def test_offsets_and_factors_are_finite_and_not_negative(name):
    rng = random.Random()
    for _ in range(10):
        numbers = table_of(drawn(name, rng), 1, STEPS)
        assert np.all(np.isfinite(numbers))
        assert np.all(numbers >= 0.0)


@pytest.mark.parametrize("name", [*FACTORS, "chained"])
def test_a_learning_rate_of_0_stays_0(name):
    for _ in range(10):
        table = multiplying(name, random)
        assert schedule_of(table).record.multiplies(schedule_of(table).values)
        assert np.all(rates_of(table, 0.0) == 0.0)
        assert np.allclose(rates_of(table, 0.5), 0.5 * rates_of(table, 1.0), rtol=1e-15)


def test_a_factor_that_leaves_float64_is_still_a_factor():
    for table in ({"name": "exponential", "gamma": 1e9}, {"name": "chained", "parts": [{"name": "exponential", "gamma": 1e9}] * 2}):
        assert np.all(rates_of(table, 0.0) == 0.0)
        assert np.all(np.diff(table_of(table, 1, STEPS)[1]) >= 0.0)


@pytest.mark.parametrize("name", ABSOLUTE)
def test_rates_that_are_said_do_not_depend_on_the_learning_rate(name):
    table = drawn(name, random) | ({"base_lr": 0.01} if name == "cyclic" else {})
    assert np.array_equal(rates_of(table, 0.1), rates_of(table, 17.0))


def test_a_product_is_the_product_of_its_parts():
    for _ in range(20):
        parts = [multiplying(random.choice(FACTORS), random) for _ in range(3)]
        product = np.ones(STEPS)
        for part in parts:
            product *= rates_of(part, 1.0)
        assert np.allclose(rates_of({"name": "chained", "parts": parts}, 0.3), 0.3 * product, rtol=1e-14, atol=0.0)


def test_parts_follow_each_other_exactly_at_the_milestones():
    for _ in range(20):
        table = drawn("sequential", random)
        ends = [*table["milestones"], STEPS]
        whole, begin = table_of(table, 1, STEPS), 0
        for part, end in zip(table["parts"], ends, strict=True):
            assert np.array_equal(whole[:, begin:end], table_of(part, 1, end - begin, end - begin))
            begin = end


def test_what_is_left_out_is_as_long_as_the_part():
    table = {"name": "sequential", "milestones": [50], "parts": [{"name": "warmup", "steps": 50}, {"name": "cosine"}]}
    rates = rates_of(table, 0.2, steps=STEPS + 1)
    assert rates[49] == rates[50] == rates.max() == 0.2
    assert rates[STEPS] == 0.0 < rates[STEPS - 1]


def test_points_are_joined():
    for _ in range(50):
        table = drawn("points", random)
        rates, steps = rates_of(table, 1.0, steps=330), np.array(table["steps"])
        assert np.array_equal(rates[steps], table["rates"])
        assert np.all(rates[: steps[0]] == table["rates"][0])
        assert np.all(rates[steps[-1] :] == table["rates"][-1])
        moves = np.diff(np.log(rates) if table["scale"] == "log" else rates)
        for left, right in pairwise(steps):
            assert np.allclose(moves[left:right], moves[left:right].mean(), rtol=1e-6, atol=1e-12), "a straight line"
