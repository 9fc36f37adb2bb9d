"""The measure of a training's course, and dimensions of borders that are known."""

import math

import numpy as np
import pytest

from gdsim.simulation.trainability import MOST, border, box_count_dimension, trainability
from tests.draws import fresh

SIDE = 512


def sierpinski():
    """Pascal's triangle modulo 2: dimension log 3 / log 2."""
    n = np.arange(SIDE)
    return (n[:, np.newaxis] & n) == 0


def test_dimensions_of_what_is_known():
    y, x = np.mgrid[:SIDE, :SIDE]
    assert box_count_dimension(sierpinski()) == pytest.approx(math.log2(3.0), abs=1e-12)
    assert box_count_dimension(np.ones((SIDE, SIDE), bool)) == pytest.approx(2.0, abs=1e-12)
    assert box_count_dimension(x == y) == pytest.approx(1.0, abs=1e-12)
    dust = (x & 0b101010101 == 0) & (y & 0b101010101 == 0)  # every second bit of each place is free: log 4 / log 4
    assert box_count_dimension(dust) == pytest.approx(1.0, abs=0.15)
    for _ in range(5):
        a, b = fresh().uniform(-0.3, 0.3), fresh().uniform(0.4, 0.6)  # from side to side
        assert box_count_dimension(border(y > SIDE * b + a * (x - SIDE / 2))) == pytest.approx(1.0, abs=0.1)


def test_a_circle_has_a_smooth_border_and_noise_has_not():
    y, x = np.mgrid[:SIDE, :SIDE]
    assert box_count_dimension(border((x - 250.0) ** 2 + (y - 260.0) ** 2 < 180.0**2)) == pytest.approx(1.0, abs=0.1)
    assert box_count_dimension(border(fresh().random((SIDE, SIDE)) < 0.5)) > 1.9


def test_without_a_border_there_is_no_dimension():
    assert math.isnan(box_count_dimension(border(np.ones((SIDE, SIDE), bool))))
    assert math.isnan(box_count_dimension(np.ones((20, 500), bool)))


def test_a_border_is_where_neighbours_differ():
    inside = np.zeros((4, 5), bool)
    inside[1:3, 2] = True
    found = border(inside)
    assert sorted(zip(*np.nonzero(found), strict=True)) == [(0, 2), (1, 1), (1, 2), (2, 1), (2, 2)]
    assert np.array_equal(border(~inside), found)


def test_trained_is_below_zero_and_the_sum_of_losses():
    falls = np.array([[2.0, 1.0, *([0.5] * 30)]])
    assert trainability(falls, np.array([31])) == pytest.approx(-(1.0 + 0.5 + 30 * 0.25))
    faster = np.array([[2.0, *([0.1] * 31)]])
    assert trainability(falls, np.array([31])) < trainability(faster, np.array([31])) < 0.0


def test_thrown_out_is_above_zero_and_the_sum_of_inverse_losses():
    climbs = np.array([[1.0, 4.0, 16.0, np.inf, *([np.nan] * 28)]])
    expected = 1.0 + 1 / 4 + 1 / 16 + 29 / MOST
    assert trainability(climbs, np.array([3])) == pytest.approx(expected)
    slower = np.array([[1.0, 2.0, 4.0, 8.0, np.nan, *([np.nan] * 27)]])
    assert trainability(slower, np.array([4])) > expected


def test_a_run_that_converged_early_stands_still():
    ended = np.array([[1.0, 0.5, *([np.nan] * 30)]])
    whole = np.array([[1.0, *([0.5] * 31)]])
    assert trainability(ended, np.array([1])) == trainability(whole, np.array([31]))


def test_of_random_courses_it_is_what_the_paper_sums():
    """Losses that rise and fall, in pure Python: over the first one, the mean of the last twenty tells trained from not."""
    rng = fresh()
    losses = np.exp(rng.normal(scale=1.5, size=(200, 41)).cumsum(axis=1) * rng.choice([0.2, 1.0], (200, 1)))
    taken = rng.integers(0, 41, 200)
    for row, last, found in zip(losses.tolist(), taken.tolist(), trainability(losses, taken), strict=True):
        shares = [min(loss / row[0], MOST) for loss in row[: last + 1]]
        shares += [shares[-1]] * (40 - last)
        trained = sum(shares[-20:]) / 20 < 1.0
        expected = -sum(shares) if trained else sum(1.0 / max(share, 1.0 / MOST) for share in shares)
        assert found == pytest.approx(expected, rel=1e-12)
