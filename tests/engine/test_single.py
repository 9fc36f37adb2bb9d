"""Leaves in single precision: their elementary functions against float64, their constants."""

from types import FunctionType

import numpy as np
import pytest

from gdsim.engine import circular, elementary, error_function, powers, random, single_elementary, single_random
from gdsim.engine.single import in_single, narrowed
from gdsim.engine.specialise import specialise
from gdsim.landscapes.formula.functions import FUNCTIONS
from tests.draws import fresh

NEAR, WIDE, PART, SMALL = (-1.0, 1.0), (-10.0, 10.0), (0.999, 1.0), ("size", -140, 0)
ANY, POSITIVE = ("size", -140, 127), ("positive", -148, 127)
REGIONS = {
    elementary.sin: (np.sin, [WIDE, (-5e5, 5e5), SMALL]),
    elementary.cos: (np.cos, [WIDE, (-5e5, 5e5), SMALL]),
    circular.tan: (np.tan, [(-4.0, 4.0), (-5e5, 5e5), SMALL]),
    circular.asin: (np.arcsin, [NEAR, PART, (0.45, 0.55), SMALL]),
    circular.acos: (np.arccos, [NEAR, PART, (0.45, 0.55), (-1.0, -0.999)]),
    circular.atan: (np.arctan, [NEAR, WIDE, (0.4, 0.45), (2.4, 2.45), ANY]),
    powers.square_root: (np.sqrt, [(0.0, 10.0), POSITIVE]),
    powers.sinh: (np.sinh, [NEAR, (0.9, 1.1), (-30.0, 30.0), (80.0, 89.4), SMALL]),
    powers.cosh: (np.cosh, [NEAR, (-30.0, 30.0), (80.0, 89.4)]),
    powers.log2: (np.log2, [(0.5, 2.0), (0.99, 1.01), POSITIVE]),
    powers.log10: (np.log10, [(0.5, 2.0), (0.99, 1.01), POSITIVE]),
    powers.steep_root: (lambda x: 1.0 / np.sqrt(x), [(0.1, 10.0), POSITIVE]),
}
INFINITY, NAN = np.inf, np.nan
EDGES = {
    circular.tan: [(0.0, 0.0), (-0.0, -0.0), (1e30, 0.0), (INFINITY, NAN)],
    circular.asin: [(1.0, np.pi / 2), (-1.0, -np.pi / 2), (-0.0, -0.0), (1.001, NAN), (INFINITY, NAN)],
    circular.acos: [(1.0, 0.0), (-1.0, np.pi), (1.001, NAN), (-INFINITY, NAN)],
    circular.atan: [(INFINITY, np.pi / 2), (-INFINITY, -np.pi / 2), (1.0, np.pi / 4), (-0.0, -0.0)],
    powers.sinh: [(-0.0, -0.0), (90.0, INFINITY), (-1e30, -INFINITY), (INFINITY, INFINITY)],
    powers.cosh: [(0.0, 1.0), (90.0, INFINITY), (-1e30, INFINITY), (-INFINITY, INFINITY)],
    powers.log2: [(0.0, -INFINITY), (INFINITY, INFINITY), (-1.0, NAN), *((2.0**k, float(k)) for k in range(-149, 128))],
    powers.log10: [(0.0, -INFINITY), (INFINITY, INFINITY), (-1.0, NAN), *((10.0**k, float(k)) for k in range(11))],
    powers.steep_root: [(4.0, 0.5), (0.0, 0.0), (-0.0, 0.0), (-1.0, NAN), (INFINITY, 0.0)],
}


def everywhere(x, out):
    for i in range(x.size):
        out[i] = leaf(x[i])  # noqa: F821


def in_pairs(x, y, out):
    for i in range(x.size):
        out[i] = leaf(x[i], y[i])  # noqa: F821


def values(function, *given):
    out = np.empty_like(given[0])
    specialise(everywhere if len(given) == 1 else in_pairs, leaf=in_single(function))(*given, out)
    return out


def drawn(rng, region, count):
    low, high = region[-2:]
    if region[0] not in ("size", "positive"):
        return rng.uniform(low, high, count)
    sign = rng.choice([-1.0, 1.0], count) if region[0] == "size" else 1.0
    return sign * np.ldexp(rng.uniform(1.0, 2.0, count), rng.integers(low, high, count))


def ulps(found, right):
    spacing = np.spacing(np.abs(right).astype(np.float32)).astype(np.float64)
    return np.max(np.abs(found.astype(np.float64) - right) / spacing)


@pytest.mark.parametrize("function", REGIONS, ids=lambda one: one.__name__)
def test_errors_are_at_most_2_ulp(function):
    """Beside float64, whose own errors are nothing here."""
    exact, regions = REGIONS[function]
    rng = fresh()
    quarters = [np.arange(-40, 41) * (np.pi / 4)] if function in (elementary.sin, elementary.cos) else []
    for x in [*(drawn(rng, region, 20_000) for region in regions), *quarters]:
        x = x.astype(np.float32)
        assert ulps(values(function, x), exact(x.astype(np.float64))) <= 2.0


@pytest.mark.parametrize("function", EDGES, ids=lambda one: one.__name__)
def test_edges(function):
    x, right = np.array([*EDGES[function], (NAN, NAN)], np.float32).T.copy()
    found = values(function, x)
    assert np.array_equal(found, right, equal_nan=True)
    known = ~np.isnan(right)
    assert np.array_equal(np.signbit(found[known]), np.signbit(right[known]))


@pytest.mark.parametrize("reach", [1.0, 3.0, 16.0, 32.0])
def test_powers_are_within_2_ulp(reach):
    rng = fresh()
    a = np.exp(rng.uniform(-80.0 / reach, 80.0 / reach, 100_000)).astype(np.float32)
    b = rng.uniform(-reach, reach, a.size).astype(np.float32)
    assert ulps(values(powers.power, a, b), a.astype(np.float64) ** b.astype(np.float64)) <= 2.0


def test_powers_of_strange_numbers_are_those_of_float64():
    odd = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, -3.0, 2.0**22, -(2.0**30), 1e38, 1e-45, INFINITY, -INFINITY, NAN]
    a, b = (side.ravel().copy() for side in np.meshgrid(np.float32(odd), np.float32(odd)))
    with np.errstate(all="ignore"):
        right = np.array([powers.power(float(x), float(y)) for x, y in zip(a, b, strict=True)]).astype(np.float32)
    found = values(powers.power, a, b)
    exact = np.isnan(right) | np.isinf(right) | (right == 0.0) | (np.abs(right) == 1.0)
    assert np.array_equal(found[exact], right[exact], equal_nan=True)
    assert np.array_equal(np.signbit(found[~exact]), np.signbit(right[~exact]))
    near = ~exact & (np.abs(b) <= 32.0)
    assert ulps(found[near], right[near].astype(np.float64)) <= 2.5  # the right ones are rounded themselves


def test_every_function_of_a_formula_has_single_precision():
    for name, function in FUNCTIONS.items():
        if isinstance(function.leaf, FunctionType):
            assert in_single(function.leaf) is not None, name


def draws(names, out):
    for i in range(out.shape[0]):
        out[i, 0], out[i, 1] = leaf(names[i, 0], names[i, 1], names[i, 2], names[i, 3])  # noqa: F821


@pytest.mark.parametrize("function", [random.uniforms, random.normals], ids=lambda one: one.__name__)
def test_random_numbers_are_those_of_float64_narrowed(function):
    names = fresh().integers(0, 2**63, (20_000, 4))
    names[:, 1] >>= 31
    names[:, 3] >>= 31
    wide, narrow = np.empty((len(names), 2)), np.empty((len(names), 2), np.float32)
    specialise(draws, leaf=function)(names, wide)
    specialise(draws, leaf=in_single(function))(names, narrow)
    if function is random.uniforms:
        assert np.array_equal(narrow, np.minimum(wide.astype(np.float32), np.float32(1.0 - 2.0**-24)))
    else:
        # A uniform number near 1 is rounded by up to 2**-24, which moves the radius sqrt(-2 log u) by up to sqrt(2**-23) = 3.5e-4.
        assert np.max(np.abs(narrow - wide)) < 4e-4
        assert np.median(np.abs(narrow - wide)) < 1e-6


@pytest.mark.parametrize(("high", "low"), [(0, 0), (2**32 - 1, 2**32 - 1), (2**32 - 128, 0), (2**32 - 129, 2**32 - 1)])
def test_uniform_numbers_stay_between_0_and_1(high, low):
    found = np.float32(in_single(single_random.unit_interval)(high, low))
    assert 0.0 < found < 1.0
    assert found == min(np.float32(random.unit_interval(high, low)), np.float32(1.0 - 2.0**-24))


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


@pytest.mark.parametrize("module", [elementary, circular, powers, error_function], ids=lambda one: one.__name__.rpartition(".")[2])
def test_every_elementary_function_has_single_precision(module):
    for name, function in vars(module).items():
        if isinstance(function, FunctionType):
            assert in_single(function).__name__ == name


def test_a_number_of_float64_without_a_counterpart_is_refused(monkeypatch):
    monkeypatch.delattr(single_elementary, "LOG_2")
    with pytest.raises(ValueError, match="log_in_two has no single precision"):
        in_single.__wrapped__(powers.log_in_two)


def test_a_leaf_that_makes_floats_makes_narrow_ones():
    def leaf(x):
        return float(x) / 3.0

    x = np.arange(5.0, dtype=np.float32)
    assert np.array_equal(values(leaf, x), x / np.float32(3.0))
    assert in_single(leaf)(2).dtype == np.float32
