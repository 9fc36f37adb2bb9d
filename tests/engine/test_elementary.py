"""The elementary functions against mpmath, at their edges, and the same to the bit however they are run."""

import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numba import config, njit

from gdsim.engine import elementary
from gdsim.engine.intrinsics import bits
from gdsim.engine.specialise import specialise
from tests import derive_coefficients, naive
from tests.draws import fresh

FUNCTIONS = {name: getattr(elementary, name) for name in naive.ELEMENTARY}
EVERY_FUNCTION = pytest.mark.parametrize("name", FUNCTIONS)
LARGEST_ERROR = 2.0
POINTS = 200 if config.DISABLE_JIT else 2000

# (low, high): points spread evenly. ("log", a, b): points of either sign whose sizes spread evenly over the powers of two a to b.
REGIONS = {
    "sin": [(-4.0, 4.0), (-100.0, 100.0), ("log", -1074, 0), ("log", 0, 48)],
    "cos": [(-4.0, 4.0), (-100.0, 100.0), ("log", -1074, 0), ("log", 0, 48)],
    "exp": [(-1.0, 1.0), (-708.0, 709.7), (-745.2, -708.0), ("log", -1074, 0)],
    "log": [(0.5, 2.0), (0.99, 1.01), ("log", -1074, -1022), ("log", -1022, 1024)],
    "tanh": [(-1.0, 1.0), (-20.0, 20.0), (0.5, 0.6), ("log", -1074, 1024)],
    "sigmoid": [(-5.0, 5.0), (-40.0, 40.0), (-745.2, -708.0), ("log", -1074, 9)],
}

INFINITY, NAN = math.inf, math.nan
SPECIAL = [
    *(("sin", x, y) for x, y in [(0.0, 0.0), (5e-324, 5e-324), (1e300, 0.0), (INFINITY, NAN)]),
    *(("sin", -x, -y) for x, y in [(0.0, 0.0), (5e-324, 5e-324), (1e300, 0.0), (INFINITY, NAN)]),
    *(("cos", x, y) for x, y in [(0.0, 1.0), (-0.0, 1.0), (1e300, 1.0), (-1e300, 1.0), (INFINITY, NAN), (-INFINITY, NAN)]),
    *(("exp", x, y) for x, y in [(0.0, 1.0), (-0.0, 1.0), (709.782712893385, INFINITY), (1e300, INFINITY), (INFINITY, INFINITY)]),
    *(("exp", x, y) for x, y in [(-745.1332191019411, 5e-324), (-745.1332191019412, 0.0), (-1e300, 0.0), (-INFINITY, 0.0)]),
    *(("log", x, y) for x, y in [(1.0, 0.0), (0.0, -INFINITY), (-0.0, -INFINITY), (INFINITY, INFINITY)]),
    *(("log", x, NAN) for x in [-5e-324, -1.0, -1e300, -INFINITY]),
    *(("tanh", x, y) for x, y in [(0.0, 0.0), (5e-324, 5e-324), (1e300, 1.0), (INFINITY, 1.0)]),
    *(("tanh", -x, -y) for x, y in [(0.0, 0.0), (5e-324, 5e-324), (1e300, 1.0), (INFINITY, 1.0)]),
    *(("sigmoid", x, y) for x, y in [(0.0, 0.5), (-0.0, 0.5), (1e300, 1.0), (INFINITY, 1.0)]),
    *(("sigmoid", x, y) for x, y in [(-745.1332191019411, 5e-324), (-1e300, 0.0), (-INFINITY, 0.0)]),
    *((name, NAN, NAN) for name in FUNCTIONS),
]


def once(x):
    return function(x)  # noqa: F821


def over(x, out):
    for i in range(x.size):
        out[i] = function(x[i])  # noqa: F821


def over_array(name, x):
    out = np.empty_like(x)
    specialise(over, function=FUNCTIONS[name])(x, out)
    return out


def points(region):
    draw = fresh()
    if region[0] != "log":
        return draw.uniform(*region, POINTS)
    _, low, high = region
    sizes = np.ldexp(draw.uniform(1.0, 2.0, POINTS), draw.integers(low, high, POINTS))
    return sizes * draw.choice([-1.0, 1.0], POINTS)


def mixed_points():
    """Every kind of float: random bits (subnormals, huge ones, NaN), ordinary sizes, and the special ones."""
    draw = fresh()
    patterns = draw.integers(-(2**63), 2**63 - 1, 300).view(np.float64)
    return np.concatenate((patterns, draw.normal(0.0, 1.0, 200), draw.normal(0.0, 300.0, 200), [x for _, x, _ in SPECIAL]))


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or bits(a) == bits(b)


@pytest.mark.parametrize(("name", "region"), [(name, region) for name, regions in REGIONS.items() for region in regions])
def test_accurate_to_two_ulp(name, region):
    x = np.abs(points(region)) if name == "log" else points(region)
    worst, where = max((naive.ulps(got, name, at), at) for got, at in zip(over_array(name, x).tolist(), x.tolist(), strict=True))
    assert worst <= LARGEST_ERROR, f"{name}({where!r}) is {worst:.2f} ulp off"


@pytest.mark.parametrize("name", ["sin", "cos"])
def test_accurate_where_range_reduction_cancels_most(name):
    x = np.array(naive.hardest_angles(elementary.FARTHEST))
    assert np.min(np.abs(np.cos(x) * np.sin(x))) < 1e-15
    worst, where = max((naive.ulps(got, name, at), at) for got, at in zip(over_array(name, x).tolist(), x.tolist(), strict=True))
    assert worst <= LARGEST_ERROR, f"{name}({where!r}) is {worst:.2f} ulp off"


@pytest.mark.parametrize(("name", "x", "expected"), SPECIAL)
def test_right_at_the_edges(name, x, expected):
    for got in (FUNCTIONS[name](x), FUNCTIONS[name](np.float64(x)), specialise(once, function=FUNCTIONS[name])(x)):
        assert same(got, expected), f"{name}({x}) gave {got}"


@EVERY_FUNCTION
def test_same_bits_in_python_compiled_and_vectorised(name):
    x = mixed_points()
    scalar = specialise(once, function=FUNCTIONS[name])
    for at, vectorised in zip(x.tolist(), over_array(name, x).tolist(), strict=True):
        python = FUNCTIONS[name](at)
        assert same(python, scalar(at)), f"{name}({at!r}): Python and compiled"
        assert same(python, vectorised), f"{name}({at!r}): Python and vectorised"


@EVERY_FUNCTION
def test_same_bits_wherever_in_an_array(name):
    x = mixed_points()
    whole = over_array(name, x)
    for begin, end in [(k, k + size) for k in (0, 1, 3) for size in range(1, 20)]:
        piece = over_array(name, x[begin:end].copy())
        assert np.array_equal(piece.view(np.int64)[~np.isnan(piece)], whole[begin:end].view(np.int64)[~np.isnan(piece)])


@pytest.mark.skipif(bool(config.BOUNDSCHECK or config.DISABLE_JIT), reason="checked or interpreted loops are not vectorised")
@EVERY_FUNCTION
def test_a_loop_vectorises(name):
    kernel = specialise(over, function=FUNCTIONS[name])
    anew = njit(nogil=True, error_model="numpy")(kernel.py_func)  # what comes from the disk cache has no intermediate code left
    anew.compile("(float64[::1], float64[::1])")
    (code,) = anew.inspect_llvm().values()
    assert re.search(r"call <\d+ x double> @llvm\.fma\.v\d+f64", code)
    assert not re.search(r"call double @(?!llvm\.)", code), "a call to a library would be made element by element"


@settings(deadline=None)
@given(st.floats(-elementary.FARTHEST, elementary.FARTHEST))
def test_sine_and_cosine(x):
    sine, cosine = elementary.sincos(x)
    assert (bits(sine), bits(cosine)) == (bits(elementary.sin(x)), bits(elementary.cos(x)))
    assert max(abs(sine), abs(cosine)) <= 1.0
    assert bits(elementary.sin(-x)) == bits(-sine)
    assert bits(elementary.cos(-x)) == bits(cosine)
    assert sine * sine + cosine * cosine == pytest.approx(1.0, rel=1e-15)


@settings(deadline=None)
@given(st.floats(allow_nan=False))
def test_saturating_functions_stay_in_bounds(x):
    assert bits(elementary.tanh(-x)) == bits(-elementary.tanh(x))
    assert abs(elementary.tanh(x)) <= min(1.0, abs(x))
    assert 0.0 <= elementary.sigmoid(x) <= 1.0
    assert elementary.sigmoid(x) + elementary.sigmoid(-x) == pytest.approx(1.0, rel=1e-15)


@settings(deadline=None)
@given(st.floats(-700.0, 700.0))
def test_log_undoes_exp(x):
    assert elementary.log(elementary.exp(x)) == pytest.approx(x, rel=1e-15, abs=5e-16)


@pytest.mark.parametrize(
    ("polynomial", "leaf"),
    [
        ("sin", elementary.sin_rest),
        ("cos", elementary.cos_rest),
        ("exp", elementary.exp_rest),
        ("log", elementary.log_series),
        ("tanh", elementary.tanh_rest),
    ],
)
def test_coefficients_are_those_derived(polynomial, leaf):
    (wanted,) = [it for name, it in derive_coefficients.APPROXIMATIONS.items() if name.startswith(polynomial)]
    found = derive_coefficients.coefficients(wanted)
    assert set(found) <= set(leaf.__code__.co_consts)
    assert derive_coefficients.largest_error(wanted, found) < 2.0**-56
