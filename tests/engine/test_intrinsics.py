"""The fused multiply-add and the bits of a float: compiled and in Python the same."""

import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.engine.intrinsics import bits, fma, from_bits
from gdsim.engine.specialise import specialise

FLOATS = st.floats(width=64)
FINITE = st.floats(allow_nan=False, allow_infinity=False)
LARGEST = math.ldexp(1.0 - 2.0**-53, 1024)
SMALLEST = math.ldexp(1.0, -1074)


def fuse(a, b, c):
    return fma(a, b, c)


def take_bits(x):
    return bits(x)


def shift_bits(x, count):
    return from_bits(bits(x) << count)


def same(a, b):
    return (math.isnan(a) and math.isnan(b)) or bits(a) == bits(b)


@settings(deadline=None)
@given(FLOATS, FLOATS, FLOATS)
def test_fma_is_the_machine_s(a, b, c):
    assert same(fma(a, b, c), specialise(fuse)(a, b, c))


@settings(deadline=None)
@given(FINITE, FINITE, st.integers(-2, 2))
def test_fma_where_the_sum_cancels(a, b, steps):
    c = -a * b
    for _ in range(abs(steps)):
        c = math.nextafter(c, math.copysign(math.inf, steps))
    assert same(fma(a, b, c), specialise(fuse)(a, b, c))


@settings(deadline=None)
@given(st.floats(-1e100, 1e100), st.floats(-1e100, 1e100), st.floats(-1e100, 1e100))
def test_fma_is_the_float_nearest_to_the_exact_sum(a, b, c):
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    got = fma(a, b, c)
    assert all(abs(Fraction(got) - exact) <= abs(Fraction(math.nextafter(got, to)) - exact) for to in (-math.inf, math.inf))


NARROW = st.floats(width=32).map(np.float32)


@settings(deadline=None)
@given(NARROW, NARROW, NARROW)
def test_fma_of_float32_is_the_machine_s(a, b, c):
    with np.errstate(all="ignore"):
        found = fma(a, b, c)
    assert isinstance(found, np.float32)
    assert same(float(found), float(specialise(fuse)(a, b, c)))


@settings(deadline=None)
@given(st.integers(1, 2**24 - 1), st.integers(1, 2**24 - 1), st.integers(-60, 60), st.sampled_from([-1, 1]))
def test_fma_of_float32_rounds_once(a, b, exponent, sign):
    """A product and a number far from it: their sum lies just beside the middle of two float32 numbers, where rounding twice goes wrong."""
    a, b, c = np.float32(a), np.float32(sign * b), np.float32(math.ldexp(1.0, exponent))
    assert same(float(fma(a, b, c)), float(specialise(fuse)(a, b, c)))


@pytest.mark.parametrize(
    ("a", "b", "c", "expected"),
    [
        (1.0 + 2.0**-52, 1.0 - 2.0**-52, -1.0, -(2.0**-104)),
        (LARGEST, 2.0, -LARGEST, LARGEST),
        (LARGEST, 2.0, 0.0, math.inf),
        (LARGEST, -2.0, 0.0, -math.inf),
        (SMALLEST, 0.5, 0.0, 0.0),
        (SMALLEST, -0.5, 0.0, -0.0),
        (SMALLEST, 0.5, SMALLEST, 2.0 * SMALLEST),
        (0.0, -1.0, -0.0, -0.0),
        (0.0, 1.0, -0.0, 0.0),
        (math.inf, 0.0, 1.0, math.nan),
        (math.inf, 1.0, -math.inf, math.nan),
        (LARGEST, 2.0, -math.inf, -math.inf),
        (math.nan, 0.0, 0.0, math.nan),
    ],
)
def test_fma_at_the_edges(a, b, c, expected):
    assert same(fma(a, b, c), expected)
    assert same(specialise(fuse)(a, b, c), expected)
    assert same(fma(np.float64(a), np.float64(b), np.float64(c)), expected)


@settings(deadline=None)
@given(FLOATS)
def test_bits_there_and_back(x):
    assert same(from_bits(bits(x)), x)
    if not math.isnan(x):
        assert bits(x) == specialise(take_bits)(x)


@settings(deadline=None)
@given(FLOATS.filter(lambda x: not math.isnan(x)), st.integers(0, 63))
def test_bits_shifted_out_are_lost(x, count):
    assert same(from_bits(bits(x) << count), specialise(shift_bits)(x, count))
