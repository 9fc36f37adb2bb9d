"""sin, cos, exp, log, tanh and the logistic function without a branch or a table, so that a loop over them vectorises.

Leaf functions: plain Python of one float64, compiled and inlined where a leaf names them. Compiled alone, compiled in a vectorised loop
and run by Python they give the same bits, on every processor, for nothing here is left to a compiler or a system's library: every
rounding is written down. Errors are at most 2 units in the last place (ulp); infinities, NaN and signed zeros come out as in C99 annex F,
and nothing raises.

Numbers that belong to float64 have names, or stand in polynomials: ``gdsim.engine.single`` puts those of float32 in their place.

The method is the classical one (Cody and Waite, Software Manual for the Elementary Functions, 1980; Muller, Elementary Functions, 2016):
reduce the argument, approximate by a polynomial, scale back. The reductions subtract a multiple of a constant written as a sum of
float64 numbers, by fused multiply-adds; the first of them is exact. ``tests/derive_coefficients.py`` computes the polynomials.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.intrinsics import bits, fma, from_bits

ROUNDER = 6755399441055744.0
"""1.5 * 2**52: what is added to it loses its fraction, and the sum's lowest bits are the integer (two's complement, below 2**51)."""

FARTHEST = 281474976710656.0
"""2**48: sin and cos have nothing to say beyond it."""
FARTHEST_POWER = 1000.0
"""Beyond it e**x is infinite, and e**-x is 0."""
TANH_IS_ONE = 20.0
INFINITY, NAN = math.inf, math.nan

# Constants as sums: what the first leaves to the exact value is in the second, and so on.
HALF_PI, HALF_PI_LOW, HALF_PI_LOWEST = 1.5707963267948966, 6.123233995736766e-17, -1.4973849048591698e-33
LOG_2, LOG_2_LOW = 0.6931471805599453, 2.3190468138462996e-17
LOG2_E, LOG2_E_LOW = 1.4426950408889634, 2.0355273740931033e-17

FRACTION_BITS, EXPONENT_BITS, BIAS = 52, 0x7FF, 1023
FRACTION = 0x000F_FFFF_FFFF_FFFF
ONE_BITS = 0x3FF0_0000_0000_0000
ROOT_HALF_BITS = 0x3FE6_A09E_667F_3BCD
UNIT_BITS = 0x4330_0000_0000_0000
"""Those of 2**FRACTION_BITS, whose fraction counts in ones."""
UNIT_BIAS = 4503599627371519.0
"""2**FRACTION_BITS + BIAS."""
LEAST_NORMAL, LIFT, LIFTED = 2.2250738585072014e-308, 18014398509481984.0, 54.0
"""Below the first numbers are subnormal; times the second, 2 to the third, none is."""


def two_to_the(rounded):
    """2**k for ``rounded`` = ROUNDER + k, -1022 <= k <= 1023: k becomes the exponent's bits."""
    return from_bits((bits(rounded) + BIAS) << FRACTION_BITS)


def nearest_quarter(distance):
    """(r, n): ``distance`` >= 0 is r + n pi/2, |r| <= pi/4, n an integer in its lowest bits."""
    near = distance if distance <= FARTHEST else distance - distance
    rounded = fma(near, 0.6366197723675814, ROUNDER)
    n = rounded - ROUNDER
    r = fma(-n, HALF_PI, near)
    r = fma(-n, HALF_PI_LOW, r)
    r = fma(-n, HALF_PI_LOWEST, r)
    return r, bits(rounded)


def sin_near_zero(r):
    """sin r for |r| <= pi/4."""
    z = r * r
    return fma(r * z, sin_rest(z), r)


def sin_rest(z):
    """(sin r - r) / r**3 for z = r**2."""
    p = 1.589614668268819e-10
    p = fma(p, z, -2.505074636699912e-08)
    p = fma(p, z, 2.755731361277017e-06)
    p = fma(p, z, -0.0001984126982956563)
    p = fma(p, z, 0.00833333333332209)
    return fma(p, z, -0.1666666666666663)


def cos_near_zero(r):
    """cos r for |r| <= pi/4."""
    z = r * r
    return fma(z, cos_rest(z), 1.0)


def cos_rest(z):
    """(cos r - 1) / r**2 for z = r**2."""
    p = -1.135322097340098e-11
    p = fma(p, z, 2.087558092100098e-09)
    p = fma(p, z, -2.755731310790085e-07)
    p = fma(p, z, 2.480158728405886e-05)
    p = fma(p, z, -0.0013888888888861932)
    p = fma(p, z, 0.04166666666666647)
    return fma(p, z, -0.5)


def sincos(x):
    """(sin x, cos x) for little more than the price of one; see ``sin``."""
    r, n = nearest_quarter(abs(float(x)))
    s, c = sin_near_zero(r), cos_near_zero(r)
    swapped = (n & 1) == 1
    sine = c if swapped else s
    cosine = s if swapped else c
    # n mod 4 decides the sign of both; the sine is odd.
    return from_bits(bits(sine) ^ (((n >> 1) ^ (bits(x) >> 63)) << 63)), from_bits(bits(cosine) ^ (((n + 1) >> 1) << 63))


def sin(x):
    """Sine of x radians, at most 2 ulp for |x| <= 2**48; NaN at infinity.

    Beyond, where neighbouring numbers lie 1/16 and more apart, it is 0 with the sign of x.
    """
    sine, _ = sincos(x)
    return sine


def cos(x):
    """Cosine of x radians, at most 2 ulp for |x| <= 2**48; NaN at infinity.

    Beyond, where neighbouring numbers lie 1/16 and more apart, it is 1.
    """
    _, cosine = sincos(x)
    return cosine


def exp(x):
    """e**x, at most 2 ulp everywhere, with gradual underflow: infinity from 709.79 on, 0 below -745.14."""
    x = FARTHEST_POWER if x > FARTHEST_POWER else x
    x = -FARTHEST_POWER if x < -FARTHEST_POWER else x
    growth, rounded = exp_of_remainder(x)
    return scaled(growth, rounded, 0.0)


def scaled(number, rounded, less):
    """``number`` * 2**(k - less) for ``rounded`` = ROUNDER + k."""
    k = rounded - ROUNDER
    # Two factors, since 2**k alone may be out of range where the product is not; only the second product can round.
    half = fma(k, 0.5, ROUNDER)
    rest = k - (half - ROUNDER)
    return number * two_to_the(half) * two_to_the(rest + (ROUNDER - less))


def exp_rest(r):
    """(e**r - 1 - r) / r**2 for |r| <= log(2) / 2."""
    p = 2.0826776441636867e-09
    p = fma(p, r, 2.5112042667104872e-08)
    p = fma(p, r, 2.755758144385787e-07)
    p = fma(p, r, 2.755723484556727e-06)
    p = fma(p, r, 2.4801586926997948e-05)
    p = fma(p, r, 0.00019841269896399782)
    p = fma(p, r, 0.0013888888889115514)
    p = fma(p, r, 0.008333333333317029)
    p = fma(p, r, 0.041666666666666095)
    p = fma(p, r, 0.16666666666666682)
    return fma(p, r, 0.5)


def exp_of_remainder(x):
    """(g, ROUNDER + k): e**x is g * 2**k, 0.7 < g < 1.42, for |x| <= FARTHEST_POWER."""
    rounded = fma(x, LOG2_E, ROUNDER)
    k = rounded - ROUNDER
    r = fma(-k, LOG_2, x)
    r = fma(-k, LOG_2_LOW, r)
    return 1.0 + fma(r * r, exp_rest(r), r), rounded


def fraction_and_exponent(x):
    """(m, k) with x = m * 2**k and m in [sqrt(1/2), sqrt(2)), for every x > 0, subnormal ones too."""
    tiny = x < LEAST_NORMAL
    scaled = x * LIFT if tiny else x
    # The exponent moves up by one where the fraction is above that of sqrt(1/2).
    shifted = bits(scaled) + (ONE_BITS - ROOT_HALF_BITS)
    k = from_bits(((shifted >> FRACTION_BITS) & EXPONENT_BITS) | UNIT_BITS) - (UNIT_BIAS + LIFTED if tiny else UNIT_BIAS)
    return from_bits((shifted & FRACTION) + ROOT_HALF_BITS), k


def log_series(z):
    """p with log((1 + s) / (1 - s)) = 2 s + s z p for z = s * s, s the image of [sqrt(1/2), sqrt(2))."""
    p = 0.14795611249016982
    p = fma(p, z, 0.1531408583976646)
    p = fma(p, z, 0.18183562889080168)
    p = fma(p, z, 0.22222198601938403)
    p = fma(p, z, 0.2857142874209712)
    p = fma(p, z, 0.39999999999416025)
    return fma(p, z, 0.6666666666666734)


def log(x):
    """Natural logarithm, at most 2 ulp for every x > 0, subnormal ones too; -infinity at 0, NaN below."""
    x = float(x)
    m, k = fraction_and_exponent(x)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = log_series(z)
    # log m = 2 s + z s p(z), and 2 s = f - f**2 / 2 + s f**2 / 2: in this form the largest term, f, has no error.
    square = 0.5 * f * f
    correction = fma(s, fma(z, p, square), k * LOG_2_LOW) - square
    result = fma(k, LOG_2, f + correction)
    result = result if x < INFINITY else x
    result = result if x > 0.0 else -INFINITY
    return result if x >= 0.0 else NAN


def tanh_rest(z):
    """(tanh a - a) / a**3 for z = a**2, a <= 0.55."""
    p = -1.9489705055508557e-05
    p = fma(p, z, 8.330853769324982e-05)
    p = fma(p, z, -0.0002333761575422594)
    p = fma(p, z, 0.0005884424035021298)
    p = fma(p, z, -0.0014555423495955001)
    p = fma(p, z, 0.003592091954875932)
    p = fma(p, z, -0.008863232594099508)
    p = fma(p, z, 0.021869488385415387)
    p = fma(p, z, -0.053968253963745445)
    p = fma(p, z, 0.13333333333326594)
    return fma(p, z, -0.333333333333333)


def tanh(x):
    """Hyperbolic tangent, at most 2 ulp everywhere."""
    a = abs(float(x))
    z = a * a
    near = fma(a * z, tanh_rest(z), a)
    far = TANH_IS_ONE if a > TANH_IS_ONE else a
    growth, rounded = exp_of_remainder(far + far)
    far = 1.0 - 2.0 / fma(growth, two_to_the(rounded), 1.0)
    return math.copysign(near if a < 0.55 else far, x)


def sigmoid(x):
    """The logistic function 1 / (1 + e**-x), at most 2 ulp everywhere, with gradual underflow."""
    e = exp(-abs(float(x)))
    numerator = e if x < 0.0 else 1.0
    denominator = 1.0 + e
    lost = (1.0 - denominator) + e
    inverse = 1.0 / denominator
    quotient = numerator * inverse
    # One Newton step on the exact denominator: the error of e then is nearly the only one.
    return fma(fma(-quotient, denominator, numerator) - quotient * lost, inverse, quotient)
