"""Square root, general powers, sinh, cosh and the other logarithms, to the standard of ``gdsim.engine.elementary``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.elementary import (
    FARTHEST_POWER,
    INFINITY,
    LOG2_E,
    LOG2_E_LOW,
    LOG_2,
    LOG_2_LOW,
    NAN,
    ROUNDER,
    exp,
    exp_of_remainder,
    fraction_and_exponent,
    log_series,
    scaled,
)
from gdsim.engine.intrinsics import bits, fma

EVERY_WHOLE = 2251799813685248.0
"""2**51: ROUNDER tells whether a number is whole, and whether it is odd, below it."""

LOG10_E, LOG10_E_LOW = 0.4342944819032518, 1.098319650216765e-17


def square_root(x):
    """Square root, correctly rounded; NaN below zero, where Python's own raises."""
    x = float(x)
    root = math.sqrt(abs(x))
    return root if x >= 0.0 else NAN


def log_in_two(x):
    """(high, low) with high + low the natural logarithm of x >= 0, its absolute error below 2**-60 and the relative one below 2**-58."""
    m, k = fraction_and_exponent(x)
    f = m - 1.0
    t = 2.0 + f
    s = f / t
    s_low = (fma(-s, t, f) - s * ((2.0 - t) + f)) / t
    z = s * s
    p = log_series(z)
    exponent = k * LOG_2
    exponent_low = fma(k, LOG_2_LOW, fma(k, LOG_2, -exponent))
    mantissa = s + s
    high = exponent + mantissa
    back = high - exponent
    low = (exponent - (high - back)) + (mantissa - back)
    low = low + (exponent_low + (s_low + s_low) + s * z * p)
    total = high + low
    low = (high - total) + low
    total = total if x < INFINITY else x
    total = total if x > 0.0 else (-INFINITY if x == 0.0 else NAN)
    return total, low if abs(total) < INFINITY else 0.0


def power(a, b):
    """a**b, at most 2 ulp for |b| <= 64 and about |b| / 50 ulp beyond; ``math.pow``'s values at zeros, infinities and NaN.

    For a < 0 it is defined where b is an integer (every |b| >= 2**51 counts as an even one), and NaN elsewhere; nothing raises.
    """
    a, b = float(a), float(b)
    base = abs(a)
    high, low = log_in_two(base)
    y = b * high
    y_low = fma(b, low, fma(b, high, -y))
    y_low = y_low if abs(y_low) < 0.5 else 0.0
    e = exp(y)
    corrected = fma(e, y_low, e)
    size = corrected if e < INFINITY else e
    size = 1.0 if (b == 0.0) | (base == 1.0) else size
    small = abs(b) < EVERY_WHOLE
    rounded = (b if small else 0.0) + ROUNDER
    whole = (not small) | (rounded - ROUNDER == b)
    odd = small & whole & ((bits(rounded) & 1) == 1)
    negative = bits(a) < 0
    signed = -size if negative & odd else size
    signed = signed if (not negative) | whole | (base == 0.0) | (base == INFINITY) else NAN
    signed = 1.0 if (a == 1.0) | (b == 0.0) else signed
    undefined = ((a != a) & (b != 0.0)) | ((b != b) & (a != 1.0))
    return NAN if undefined else signed


def steep(a, b):
    """a**b, and 0 at a = 0 also where b < 0: the slope that stands where a root is infinitely steep, or a cone has its tip."""
    return 0.0 if (a == 0.0) & (b < 0.0) else power(a, b)


def steep_root(a):
    """1 / sqrt(a), and 0 at a = 0, as ``steep`` has it."""
    root = square_root(a)
    return 0.0 if root == 0.0 else 1.0 / (1.0 if root == 0.0 else root)


def halves(a):
    """(e**a / 2, e**-a / 2) for a >= 0; the first does not overflow before its value does."""
    bounded = FARTHEST_POWER if a > FARTHEST_POWER else a
    growth, rounded = exp_of_remainder(bounded)
    large = scaled(growth, rounded, 1.0)
    return large, 0.25 / large


def sinh_rest(z):
    """(sinh a - a) / a**3 for z = a**2, a <= 1."""
    p = 7.758759680813591e-13
    p = fma(p, z, 1.605725942613816e-10)
    p = fma(p, z, 2.5052123140897526e-08)
    p = fma(p, z, 2.755731915704716e-06)
    p = fma(p, z, 0.00019841269841431946)
    p = fma(p, z, 0.008333333333333148)
    return fma(p, z, 0.16666666666666669)


def sinh(x):
    """Hyperbolic sine, at most 2 ulp everywhere."""
    a = abs(float(x))
    z = a * a
    near = fma(a * z, sinh_rest(z), a)
    large, small = halves(a)
    return math.copysign(near if a < 1.0 else large - small, x)


def cosh(x):
    """Hyperbolic cosine, at most 2 ulp everywhere."""
    large, small = halves(abs(float(x)))
    return large + small


def times_in_two(high, low, factor, factor_low):
    """(high + low) * (factor + factor_low), for an infinite ``high`` too."""
    y = high * factor
    return y + fma(low, factor, fma(high, factor_low, fma(high, factor, -y))) if abs(y) < INFINITY else y


def log2(x):
    """Logarithm to base 2, at most 2 ulp; exact for powers of two."""
    high, low = log_in_two(float(x))
    return times_in_two(high, low, LOG2_E, LOG2_E_LOW)


def log10(x):
    """Logarithm to base 10, at most 2 ulp; exact for powers of ten."""
    high, low = log_in_two(float(x))
    return times_in_two(high, low, LOG10_E, LOG10_E_LOW)
