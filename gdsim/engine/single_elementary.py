"""The numbers that ``gdsim.engine.elementary``, ``circular``, ``powers`` and ``error_function`` have in single precision.

``gdsim.engine.single`` takes what stands here for what has the same name there: constants, and functions whose polynomials are shorter.
All else that is written there holds for float32 as well, with errors of at most 2 ulp too. Constants are narrowed by whoever takes them.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.elementary import cos_near_zero, nearest_quarter, sin_near_zero
from gdsim.engine.intrinsics import bits_32, fma, from_bits_32

ROUNDER = 12582912.0
"""1.5 * 2**23."""
FARTHEST = 524288.0
"""2**19."""
FARTHEST_POWER = 110.0
EVERY_WHOLE = 4194304.0
"""2**22."""
TANH_IS_ONE, ERF_IS_ONE = 10.0, 4.1
INFINITY, NAN = math.inf, math.nan

PI, PI_LOW = 3.1415927, -8.742278e-08
HALF_PI, HALF_PI_LOW, HALF_PI_LOWEST = 1.5707964, -4.371139e-08, -1.7151245e-15
LOG_2, LOG_2_LOW = 0.6931472, -1.9046543e-09
LOG2_E, LOG2_E_LOW = 1.442695, 1.925963e-08
LOG10_E, LOG10_E_LOW = 0.4342945, -1.010305e-08

FRACTION_BITS, EXPONENT_BITS, BIAS = 23, 0xFF, 127
FRACTION = 0x007F_FFFF
ONE_BITS = 0x3F80_0000
ROOT_HALF_BITS = 0x3F35_04F3
UNIT_BITS = 0x4B00_0000
UNIT_BIAS = 8388735.0
LEAST_NORMAL, LIFT, LIFTED = 1.1754944e-38, 16777216.0, 24.0


def sin_rest(z):
    p = -0.00019517234
    p = fma(p, z, 0.008332178)
    return fma(p, z, -0.16666655)


def cos_rest(z):
    p = 2.4390369e-05
    p = fma(p, z, -0.0013886763)
    p = fma(p, z, 0.041666623)
    return fma(p, z, -0.5)


def sincos(x):
    r, n = nearest_quarter(abs(x))
    s, c = sin_near_zero(r), cos_near_zero(r)
    swapped = (n & 1) == 1
    sine = c if swapped else s
    cosine = s if swapped else c
    # Signs are changed by what vectors of float32 have, which is not the shift of 64 bits.
    sine = -sine if (n & 2) == 2 else sine
    cosine = -cosine if ((n + 1) & 2) == 2 else cosine
    return from_bits_32(bits_32(sine) ^ (bits_32(x) & -0x8000_0000)), cosine


def exp_rest(r):
    p = 0.0013814762
    p = fma(p, r, 0.00836872)
    p = fma(p, r, 0.041668385)
    p = fma(p, r, 0.16666521)
    return fma(p, r, 0.49999994)


def log_series(z):
    p = 0.23581581
    p = fma(p, z, 0.28537342)
    p = fma(p, z, 0.40000334)
    return fma(p, z, 0.6666666)


def tanh_rest(z):
    p = -0.0062734885
    p = fma(p, z, 0.02107118)
    p = fma(p, z, -0.053852197)
    p = fma(p, z, 0.13332585)
    return fma(p, z, -0.33333316)


def atan_rest(z):
    p = -0.060781427
    p = fma(p, z, 0.105937846)
    p = fma(p, z, -0.1424353)
    p = fma(p, z, 0.19998471)
    return fma(p, z, -0.33333316)


def asin_rest(r):
    z = r * r
    p = 0.03752947
    p = fma(p, z, 0.014429753)
    p = fma(p, z, 0.031809945)
    p = fma(p, z, 0.0445167)
    p = fma(p, z, 0.075005054)
    p = fma(p, z, 0.1666666)
    return r * z * p


def sinh_rest(z):
    p = 2.816957e-06
    p = fma(p, z, 0.0001983616)
    p = fma(p, z, 0.00833335)
    return fma(p, z, 0.16666667)


def erf_near(z):
    p = -0.0006085815
    p = fma(p, z, 0.0050111245)
    p = fma(p, z, -0.026778374)
    p = fma(p, z, 0.11282127)
    p = fma(p, z, -0.37612522)
    return fma(p, z, 0.12837915)


def minus_log_of_rest(a):
    p = 2.1561847e-05
    p = fma(p, a, -0.00043973647)
    p = fma(p, a, 0.0041959784)
    p = fma(p, a, -0.025183234)
    p = fma(p, a, 0.10837577)
    p = fma(p, a, 0.6332629)
    p = fma(p, a, 1.129555)
    return fma(p, a, -0.00018267805)
