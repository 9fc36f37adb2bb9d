"""exp, log, tanh, the logistic and the error function in single precision: as in ``gdsim.engine.elementary``, with shorter polynomials.

Leaf functions of one float32, at most 2 ulp, for ``gdsim.engine.single``, which narrows the constants written here. Plain Python runs them
where it is given numpy.float32 and takes care that nothing becomes a float64.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.intrinsics import bits_32, fma, from_bits_32

ROUNDER = 12582912.0
"""1.5 * 2**23: what is added to it loses its fraction, and the sum's lowest bits are the integer."""

INFINITY, NAN = math.inf, math.nan
"""Names that are narrowed, as those of the module math are not."""

ONE_BITS = 0x3F80_0000
ROOT_HALF_BITS = 0x3F35_04F3
TWO_23_BITS = 0x4B00_0000
FRACTION = 0x007F_FFFF


def two_to_the(rounded):
    """2**k for ``rounded`` = ROUNDER + k, -126 <= k <= 127."""
    return from_bits_32((bits_32(rounded) + 127) << 23)


def exp(x):
    """e**x with gradual underflow: infinity from 88.73 on, 0 below -103.98."""
    x = 110.0 if x > 110.0 else x
    x = -110.0 if x < -110.0 else x
    growth, rounded = exp_of_remainder(x)
    k = rounded - ROUNDER
    half = fma(k, 0.5, ROUNDER)
    rest = k - (half - ROUNDER)
    return growth * two_to_the(half) * two_to_the(rest + ROUNDER)


def exp_of_remainder(x):
    """(g, ROUNDER + k): e**x is g * 2**k, for |x| <= 110."""
    rounded = fma(x, 1.442695, ROUNDER)
    k = rounded - ROUNDER
    r = fma(-k, 0.6931472, x)
    r = fma(-k, -1.9046543e-09, r)
    p = 0.0013814762
    p = fma(p, r, 0.00836872)
    p = fma(p, r, 0.041668385)
    p = fma(p, r, 0.16666521)
    p = fma(p, r, 0.49999994)
    return 1.0 + fma(r * r, p, r), rounded


def log(x):
    """Natural logarithm for every x > 0, subnormal ones too; -infinity at 0, NaN below."""
    tiny = x < 1.1754944e-38
    scaled = x * 16777216.0 if tiny else x
    shifted = bits_32(scaled) + (ONE_BITS - ROOT_HALF_BITS)
    k = from_bits_32(((shifted >> 23) & 0xFF) | TWO_23_BITS) - (8388759.0 if tiny else 8388735.0)
    m = from_bits_32((shifted & FRACTION) + ROOT_HALF_BITS)
    f = m - 1.0
    s = f / (2.0 + f)
    z = s * s
    p = 0.23581581
    p = fma(p, z, 0.28537342)
    p = fma(p, z, 0.40000334)
    p = fma(p, z, 0.6666666)
    square = 0.5 * f * f
    correction = fma(s, fma(z, p, square), k * -1.9046543e-09) - square
    result = fma(k, 0.6931472, f + correction)
    result = result if x < INFINITY else x
    result = result if x > 0.0 else -INFINITY
    return result if x >= 0.0 else NAN


def tanh(x):
    """Hyperbolic tangent."""
    a = abs(x)
    z = a * a
    p = -0.0062734885
    p = fma(p, z, 0.02107118)
    p = fma(p, z, -0.053852197)
    p = fma(p, z, 0.13332585)
    p = fma(p, z, -0.33333316)
    near = fma(a * z, p, a)
    far = 10.0 if a > 10.0 else a
    growth, rounded = exp_of_remainder(far + far)
    far = 1.0 - 2.0 / fma(growth, two_to_the(rounded), 1.0)
    return math.copysign(near if a < 0.55 else far, x)


def sigmoid(x):
    """The logistic function 1 / (1 + e**-x), with gradual underflow."""
    e = exp(-abs(x))
    numerator = e if x < 0.0 else 1.0
    denominator = 1.0 + e
    lost = (1.0 - denominator) + e
    inverse = 1.0 / denominator
    quotient = numerator * inverse
    return fma(fma(-quotient, denominator, numerator) - quotient * lost, inverse, quotient)


def erf(x):
    """The error function; it is 1 from 3.92 on."""
    a = abs(x)
    z = a * a
    p = -0.0006085815
    p = fma(p, z, 0.0050111245)
    p = fma(p, z, -0.026778374)
    p = fma(p, z, 0.11282127)
    p = fma(p, z, -0.37612522)
    near = fma(a, fma(p, z, 0.12837915), a)
    a_far = 4.1 if a > 4.1 else a
    q = 2.1561847e-05
    q = fma(q, a_far, -0.00043973647)
    q = fma(q, a_far, 0.0041959784)
    q = fma(q, a_far, -0.025183234)
    q = fma(q, a_far, 0.10837577)
    q = fma(q, a_far, 0.6332629)
    q = fma(q, a_far, 1.129555)
    q = fma(q, a_far, -0.00018267805)
    return math.copysign(near if a < 0.9 else 1.0 - exp(-q), x)
