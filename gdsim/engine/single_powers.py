"""Powers, sinh, cosh and the other logarithms in single precision: as in ``gdsim.engine.powers``; see ``single_elementary``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.intrinsics import bits_32, fma, from_bits_32
from gdsim.engine.single_elementary import (
    FRACTION,
    INFINITY,
    NAN,
    ONE_BITS,
    ROOT_HALF_BITS,
    ROUNDER,
    TWO_23_BITS,
    exp,
    exp_of_remainder,
    two_to_the,
)


def log_in_two(x):
    """(high, low) with high + low the natural logarithm of x >= 0, its relative error below 2**-29."""
    tiny = x < 1.1754944e-38
    scaled = x * 16777216.0 if tiny else x
    shifted = bits_32(scaled) + (ONE_BITS - ROOT_HALF_BITS)
    k = from_bits_32(((shifted >> 23) & 0xFF) | TWO_23_BITS) - (8388759.0 if tiny else 8388735.0)
    m = from_bits_32((shifted & FRACTION) + ROOT_HALF_BITS)
    f = m - 1.0
    t = 2.0 + f
    s = f / t
    s_low = (fma(-s, t, f) - s * ((2.0 - t) + f)) / t
    z = s * s
    p = 0.23581581
    p = fma(p, z, 0.28537342)
    p = fma(p, z, 0.40000334)
    p = fma(p, z, 0.6666666)
    exponent = k * 0.6931472
    exponent_low = fma(k, -1.9046543e-09, fma(k, 0.6931472, -exponent))
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
    """a**b, at most 2 ulp for |b| <= 32 and about |b| / 30 ulp beyond; ``math.pow``'s values at zeros, infinities and NaN.

    For a < 0 it is defined where b is an integer (every |b| >= 2**22 counts as an even one), and NaN elsewhere; nothing raises.
    """
    base = abs(a)
    high, low = log_in_two(base)
    y = b * high
    y_low = fma(b, low, fma(b, high, -y))
    y_low = y_low if abs(y_low) < 0.5 else 0.0
    e = exp(y)
    corrected = fma(e, y_low, e)
    size = corrected if e < INFINITY else e
    size = 1.0 if (b == 0.0) | (base == 1.0) else size
    small = abs(b) < 4194304.0
    rounded = (b if small else 0.0) + ROUNDER
    whole = (not small) | (rounded - ROUNDER == b)
    odd = small & whole & ((bits_32(rounded) & 1) == 1)
    negative = (bits_32(a) >> 31) != 0
    signed = -size if negative & odd else size
    signed = signed if (not negative) | whole | (base == 0.0) | (base == INFINITY) else NAN
    signed = 1.0 if (a == 1.0) | (b == 0.0) else signed
    undefined = ((a != a) & (b != 0.0)) | ((b != b) & (a != 1.0))
    return NAN if undefined else signed


def halves(a):
    """(e**a / 2, e**-a / 2) for a >= 0; the first does not overflow before its value does."""
    bounded = 110.0 if a > 110.0 else a
    growth, rounded = exp_of_remainder(bounded)
    k = rounded - ROUNDER
    half = fma(k, 0.5, ROUNDER)
    rest = k - (half - ROUNDER)
    large = growth * two_to_the(half) * two_to_the(rest + (ROUNDER - 1.0))
    return large, 0.25 / large


def sinh(x):
    """Hyperbolic sine."""
    a = abs(x)
    z = a * a
    p = 2.816957e-06
    p = fma(p, z, 0.0001983616)
    p = fma(p, z, 0.00833335)
    p = fma(p, z, 0.16666667)
    near = fma(a * z, p, a)
    large, small = halves(a)
    return math.copysign(near if a < 1.0 else large - small, x)


def cosh(x):
    """Hyperbolic cosine."""
    large, small = halves(abs(x))
    return large + small


def log2(x):
    """Logarithm to base 2; exact for powers of two."""
    high, low = log_in_two(x)
    y = high * 1.442695
    return y + fma(low, 1.442695, fma(high, 1.925963e-08, fma(high, 1.442695, -y))) if abs(y) < INFINITY else y


def log10(x):
    """Logarithm to base 10; exact for powers of ten."""
    high, low = log_in_two(x)
    y = high * 0.4342945
    return y + fma(low, 0.4342945, fma(high, -1.010305e-08, fma(high, 0.4342945, -y))) if abs(y) < INFINITY else y
