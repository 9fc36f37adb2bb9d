"""Tangent, inverse and hyperbolic functions, powers and choices: mpmath, their edges, and the same bits compiled and in Python."""

import itertools
import math

import mpmath
import numpy as np
import pytest
from numba import config

from gdsim.engine import circular, elementary, intrinsics, kinks, powers
from gdsim.engine.intrinsics import bits
from gdsim.engine.specialise import specialise
from tests import derive_coefficients, naive
from tests.draws import fresh

POINTS = 100 if config.DISABLE_JIT else 2000
INFINITY, NAN = math.inf, math.nan

ONE = {
    "tan": (circular.tan, mpmath.tan),
    "asin": (circular.asin, mpmath.asin),
    "acos": (circular.acos, mpmath.acos),
    "atan": (circular.atan, mpmath.atan),
    "sinh": (powers.sinh, mpmath.sinh),
    "cosh": (powers.cosh, mpmath.cosh),
    "log2": (powers.log2, lambda x: mpmath.log(x, 2)),
    "log10": (powers.log10, mpmath.log10),
    "sqrt": (powers.square_root, mpmath.sqrt),
    "steep_root": (powers.steep_root, lambda x: 1 / mpmath.sqrt(x)),
}
TWO = {"power": powers.power, "divide": intrinsics.divide, "smaller": kinks.smaller, "larger": kinks.larger, "steep": powers.steep}

REGIONS = {
    "tan": [(-4.0, 4.0), (-100.0, 100.0), ("log", -1074, 0), ("log", 0, 48)],
    "asin": [(-1.0, 1.0), (0.45, 0.55), (0.999, 1.0), ("log", -1074, -1)],
    "acos": [(-1.0, 1.0), (0.45, 0.55), (0.999, 1.0), (-1.0, -0.999), ("log", -1074, -1)],
    "atan": [(-1.0, 1.0), (-10.0, 10.0), (0.4, 0.45), (2.4, 2.45), ("log", -1074, 1023)],
    "sinh": [(-1.0, 1.0), (0.9, 1.1), (-30.0, 30.0), (700.0, 710.4), ("log", -1074, 3)],
    "cosh": [(-1.0, 1.0), (-30.0, 30.0), (700.0, 710.4), ("log", -1074, 3)],
    "log2": [(0.5, 2.0), (0.99, 1.01), ("size", -1074, 1023)],
    "log10": [(0.5, 2.0), (0.99, 1.01), ("size", -1074, 1023)],
    "sqrt": [(0.0, 10.0), ("size", -1074, 1023)],
    "steep_root": [(0.1, 10.0), ("size", -1074, 1023)],
}

EDGES = [
    *(("tan", x, y) for x, y in [(0.0, 0.0), (5e-324, 5e-324), (1e300, 0.0), (INFINITY, NAN), (-0.0, -0.0)]),
    *(("asin", x, y) for x, y in [(1.0, math.pi / 2), (-1.0, -math.pi / 2), (0.0, 0.0), (-0.0, -0.0), (1.0000000000000002, NAN)]),
    *(("asin", x, NAN) for x in [-1.1, 2.0, INFINITY, -INFINITY]),
    *(("acos", x, y) for x, y in [(1.0, 0.0), (-1.0, math.pi), (0.0, math.pi / 2), (1.0000000000000002, NAN), (-INFINITY, NAN)]),
    *(("atan", x, y) for x, y in [(INFINITY, math.pi / 2), (-INFINITY, -math.pi / 2), (1.0, math.pi / 4), (0.0, 0.0), (-0.0, -0.0)]),
    *(("sinh", x, y) for x, y in [(0.0, 0.0), (-0.0, -0.0), (711.0, INFINITY), (-1e300, -INFINITY), (INFINITY, INFINITY)]),
    *(("cosh", x, y) for x, y in [(0.0, 1.0), (711.0, INFINITY), (-1e300, INFINITY), (-INFINITY, INFINITY)]),
    *((f, x, y) for f in ("log2", "log10") for x, y in [(1.0, 0.0), (0.0, -INFINITY), (INFINITY, INFINITY), (-1.0, NAN), (-INFINITY, NAN)]),
    *(("log2", 2.0**k, float(k)) for k in (-1074, -3, 1, 52, 1023)),
    *(("log10", 10.0**k, float(k)) for k in range(23)),
    *(("sqrt", x, y) for x, y in [(4.0, 2.0), (0.0, 0.0), (-1.0, NAN), (-5e-324, NAN), (INFINITY, INFINITY)]),
    *(("steep_root", x, y) for x, y in [(4.0, 0.5), (0.0, 0.0), (-0.0, 0.0), (-1.0, NAN), (INFINITY, 0.0)]),
    *((name, NAN, NAN) for name in ONE),
]

STRANGE = [0.0, -0.0, 1.0, -1.0, 0.5, 2.0, -2.0, 3.0, -3.0, 2.0**51, -(2.0**60), 1e300, 5e-324, INFINITY, -INFINITY, NAN]
EVERY_STRANGE_PAIR = pytest.mark.parametrize(("a", "b"), list(itertools.product(STRANGE, STRANGE)))


def over(x, out):
    for i in range(x.size):
        out[i] = function(x[i])  # noqa: F821


def over_pairs(x, y, out):
    for i in range(x.size):
        out[i] = function(x[i], y[i])  # noqa: F821


def compiled(function, *arrays):
    out = np.empty(len(arrays[0]))
    specialise(over if len(arrays) == 1 else over_pairs, function=function)(*arrays, out)
    return out


def points(region):
    draw = fresh()
    if region[0] not in ("log", "size"):
        return draw.uniform(*region, POINTS)
    kind, low, high = region
    sizes = np.ldexp(draw.uniform(1.0, 2.0, POINTS), draw.integers(low, high, POINTS))
    return sizes * draw.choice([-1.0, 1.0], POINTS) if kind == "log" else sizes


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or bits(a) == bits(b)


def ulps(got, exact):
    if exact == 0:
        return 0.0 if got == 0.0 else math.inf
    exponent = max(mpmath.frexp(exact)[1] - 1, -1022)
    return float(abs(mpmath.mpf(got) - exact) / mpmath.mpf(2) ** (exponent - 52))


@pytest.mark.parametrize(("name", "region"), [(name, region) for name, regions in REGIONS.items() for region in regions])
def test_accurate_to_two_ulp(name, region):
    function, exact = ONE[name]
    x = points(region)
    with mpmath.workprec(1200 if region[0] == "log" else 250):
        worst, where = max(
            (ulps(got, exact(mpmath.mpf(at))), at) for got, at in zip(compiled(function, x).tolist(), x.tolist(), strict=True)
        )
    assert worst <= 2.0, f"{name}({where!r}) is {worst:.2f} ulp off"


def test_tangent_is_accurate_where_range_reduction_cancels_most():
    x = np.array(naive.hardest_angles(elementary.FARTHEST))
    with mpmath.workprec(1200):
        worst, where = max(
            (ulps(got, mpmath.tan(mpmath.mpf(at))), at) for got, at in zip(compiled(circular.tan, x).tolist(), x.tolist(), strict=True)
        )
    assert worst <= 2.0, f"tan({where!r}) is {worst:.2f} ulp off"


@pytest.mark.parametrize(("name", "x", "expected"), EDGES)
def test_right_at_the_edges(name, x, expected):
    assert same(ONE[name][0](x), expected), ONE[name][0](x)


@pytest.mark.parametrize("name", ONE)
def test_same_bits_in_python_and_compiled(name):
    draw = fresh()
    patterns = draw.integers(-(2**63), 2**63 - 1, 200).view(np.float64)
    x = np.concatenate((patterns, draw.normal(0.0, 1.0, 200), draw.normal(0.0, 30.0, 200), STRANGE))
    for at, got in zip(x.tolist(), compiled(ONE[name][0], x).tolist(), strict=True):
        assert same(ONE[name][0](at), got), at


@pytest.mark.parametrize("name", TWO)
def test_pairs_have_the_same_bits_in_python_and_compiled(name):
    draw = fresh()
    mixed = np.concatenate((draw.normal(0.0, 3.0, 40), draw.integers(-5, 6, 20), STRANGE))
    x, y = np.array(list(itertools.product(mixed, mixed))).T
    for a, b, got in zip(x.tolist(), y.tolist(), compiled(TWO[name], x.copy(), y.copy()).tolist(), strict=True):
        assert same(TWO[name](a, b), got), (a, b)


def test_powers_are_accurate():
    draw = fresh()
    x = np.concatenate((draw.uniform(0.0, 10.0, POINTS), np.exp(draw.uniform(-10.0, 10.0, POINTS)), -draw.uniform(0.0, 10.0, POINTS)))
    y = np.concatenate((draw.uniform(-64.0, 64.0, 2 * POINTS), draw.integers(-64, 65, POINTS)))
    with mpmath.workprec(250):
        found = zip(compiled(powers.power, x, y).tolist(), x.tolist(), y.tolist(), strict=True)
        worst = max((ulps(got, mpmath.mpf(a) ** mpmath.mpf(b)), a, b) for got, a, b in found)
    assert worst[0] <= 2.0, worst


@EVERY_STRANGE_PAIR
def test_powers_of_strange_numbers_are_those_of_c(a, b):
    try:
        expected = math.pow(a, b)
    except OverflowError:
        expected = math.copysign(INFINITY, -1.0 if a < 0.0 and b % 2.0 == 1.0 else 1.0)
    except ValueError:  # a negative number to a broken power, or zero to a negative one
        expected = NAN if a != 0.0 else math.copysign(INFINITY, a) if b % 2.0 == 1.0 else INFINITY
    got = powers.power(a, b)
    assert same(got, expected) or got == pytest.approx(expected, rel=1e-15), got


@EVERY_STRANGE_PAIR
def test_division_is_that_of_the_machine(a, b):
    with np.errstate(all="ignore"):
        assert same(intrinsics.divide(a, b), float(np.float64(a) / np.float64(b)))


@EVERY_STRANGE_PAIR
def test_choices(a, b):
    assert same(abs(kinks.smaller(a, b)), abs(float(np.minimum(a, b))))
    assert same(abs(kinks.larger(a, b)), abs(float(np.maximum(a, b))))
    expected = 3.0 if a < b else 5.0 if a > b else 4.0
    assert kinks.of_smaller(a, b, 3.0, 5.0) == expected
    assert same(kinks.sign(a), float(np.sign(a))) or a == 0.0
    assert powers.steep(0.0, -0.5) == powers.steep(-0.0, -1.5) == 0.0


@pytest.mark.parametrize(
    ("polynomial", "leaf"), [("arcsine", circular.asin_rest), ("arctangent", circular.atan_rest), ("hyperbolic sine", powers.sinh_rest)]
)
def test_coefficients_are_those_derived(polynomial, leaf):
    (wanted,) = [it for name, it in derive_coefficients.APPROXIMATIONS.items() if name.startswith(polynomial)]
    found = derive_coefficients.coefficients(wanted)
    assert set(found) <= set(leaf.__code__.co_consts)
    assert derive_coefficients.largest_error(wanted, found) < 2.0**-56
