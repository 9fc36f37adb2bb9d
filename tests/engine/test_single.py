"""Leaves in single precision: their elementary functions against float64, their constants."""

import numpy as np
import pytest

from gdsim.engine import elementary, powers
from gdsim.engine.single import in_single, narrowed
from gdsim.engine.specialise import specialise
from tests.draws import fresh

RANGES = {
    elementary.sin: (np.sin, 5e5),
    elementary.cos: (np.cos, 5e5),
    powers.square_root: (np.sqrt, 1e38),
}


def everywhere(x, out):
    for i in range(x.size):
        out[i] = leaf(x[i])  # noqa: F821


def values(function, x):
    out = np.empty_like(x)
    specialise(everywhere, leaf=in_single(function))(x, out)
    return out


@pytest.mark.parametrize("function", RANGES, ids=lambda one: one.__name__)
def test_errors_are_at_most_2_ulp(function):
    exact, far = RANGES[function]
    rng = fresh()
    near = np.arange(-40, 41) * (np.pi / 4)
    x = np.concatenate((rng.uniform(-10, 10, 10**5), rng.uniform(-far, far, 10**5), near, 10.0 ** rng.uniform(-30, 1, 1000))).astype(
        np.float32
    )
    x = np.abs(x) if function is powers.square_root else x
    right = exact(x.astype(np.float64))
    ulp = np.spacing(np.abs(right).astype(np.float32)).astype(np.float64)
    assert np.max(np.abs(values(function, x).astype(np.float64) - right) / ulp) <= 2.0


def test_what_is_no_number_goes_through():
    odd = np.array([np.nan, np.inf, -np.inf], np.float32)
    assert np.all(np.isnan(values(elementary.sin, odd)))
    assert np.all(np.isnan(values(elementary.cos, odd)))
    zeros = np.array([0.0, -0.0], np.float32)
    assert np.array_equal(np.signbit(values(elementary.sin, zeros)), [False, True])
    assert np.isnan(values(powers.square_root, np.array([-1.0], np.float32)))


def test_a_constant_that_keeps_away_from_zero_stays_positive():
    assert narrowed(1e-300) == np.finfo(np.float32).tiny
    assert narrowed(-1e-300) == -np.finfo(np.float32).tiny
    assert narrowed(0.0) == 0.0
    assert narrowed(1e300) == np.inf
    assert narrowed(0.1) == np.float32(0.1)


def test_functions_of_the_bits_of_a_float64_are_refused():
    with pytest.raises(ValueError, match="log_in_two has no single precision"):
        in_single(powers.log_in_two)
