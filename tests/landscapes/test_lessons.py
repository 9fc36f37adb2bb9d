"""What the teaching curves promise, seen with the plainest gradient descent."""

import itertools
import math

import pytest

from gdsim.landscapes import LANDSCAPES


def descend(name, rate, steps=200, start=None):
    """Every position of a run, from the default start if no other is given, or what there is of it when it leaves the float64 numbers."""
    landscape = LANDSCAPES[name]
    x, y = (*(start or landscape.start), 0.0)[:2]
    path = [(x, y)]
    for _ in range(steps):
        _, gx, gy = landscape.value_and_gradient(x, y, landscape.values)
        x, y = x - rate * gx, y - rate * gy
        if not math.isfinite(x) or abs(x) > 1e100:
            break
        path.append((x, y))
    return path


def ends_at(path, point):
    return math.dist(path[-1][: len(point.position)], point.position) < 1e-3


@pytest.mark.parametrize("rate", [0.01, 0.03, 0.1])
def test_small_steps_end_in_the_false_minimum(rate):
    _, false = LANDSCAPES["double_well"].minima
    assert ends_at(descend("double_well", rate), false)


@pytest.mark.parametrize("rate", [0.13, 0.15, 0.18, 0.2])
def test_a_larger_first_step_leaps_over_the_ridge(rate):
    true, _ = LANDSCAPES["double_well"].minima
    assert ends_at(descend("double_well", rate), true)


@pytest.mark.parametrize(
    ("rate", "arrives"), [(0.01, False), (0.1, False), (0.5, False), (1.0, True), (1.5, True), (1.8, True), (2.5, False)]
)
def test_the_shallow_slope_wants_a_rate_as_large_as_the_valley_bears(rate, arrives):
    (valley,) = LANDSCAPES["shallow_slope"].minima
    path = descend("shallow_slope", rate)
    assert ends_at(path, valley) == arrives
    if rate < 1.0:
        assert path[-1][0] < -2.0


@pytest.mark.parametrize("rate", [0.01, 0.02, 0.03, 0.045])
def test_a_rate_that_the_narrow_valley_bears_ends_in_it(rate):
    narrow, _ = LANDSCAPES["narrow_valley"].minima
    assert ends_at(descend("narrow_valley", rate), narrow)


@pytest.mark.parametrize("rate", [0.2, 0.3, 0.5, 0.8, 1.0, 1.2, 1.5])
def test_a_rate_that_suits_the_wide_valley_jumps_over_the_narrow_one(rate):
    narrow, wide = LANDSCAPES["narrow_valley"].minima
    assert wide.loss > narrow.loss
    assert ends_at(descend("narrow_valley", rate), wide)


@pytest.mark.parametrize("name", ["double_well", "narrow_valley"])
def test_no_valley_bears_a_rate_above_its_limit(name):
    landscape = LANDSCAPES[name]
    for point in landscape.minima:
        limit = 2.0 / float(landscape.hessian(*point.position)[0, 0])
        assert not ends_at(descend(name, 1.02 * limit), point)


def test_the_default_start_of_the_two_pits_leads_to_the_shallow_one():
    _, shallow = LANDSCAPES["local_minimum"].minima
    assert ends_at(descend("local_minimum", 0.01, steps=1000), shallow)


@pytest.mark.parametrize(("name", "rate"), [("saddle", 0.05), ("monkey_saddle", 0.05)])
def test_runs_linger_at_a_saddle_and_leave_it(name, rate):
    path = descend(name, rate, steps=300)
    lengths = [math.dist(a, b) for a, b in itertools.pairwise(path)]
    slowest = lengths.index(min(lengths))
    assert 0 < slowest < len(lengths) - 10
    assert math.hypot(*path[slowest]) < 0.3
    assert lengths[-1] > 10.0 * lengths[slowest]


@pytest.mark.parametrize(("name", "rate"), [("quadratic", 0.15), ("himmelblau", 0.01), ("styblinski_tang", 0.02), ("rastrigin", 0.001)])
def test_a_fair_rate_ends_in_some_minimum(name, rate):
    path = descend(name, rate, steps=500)
    assert any(ends_at(path, point) for point in LANDSCAPES[name].minima)


@pytest.mark.parametrize("rate", [0.001, 0.01])
def test_ackleys_tip_lets_no_constant_rate_settle(rate):
    distances = [math.hypot(*position) for position in descend("ackley", rate, steps=1000, start=(0.1, 0.07))]
    assert max(distances[500:]) < 0.2
    assert min(distances[500:]) > 0.3 * rate
    for distance in (1e-3, 1e-6, 1e-9):
        assert math.hypot(*LANDSCAPES["ackley"].gradient(distance, 0.0)) > 2.0
