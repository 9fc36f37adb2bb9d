"""Sine, cosine, tangent, their inverses and square root in single precision: as in ``gdsim.engine.circular``; see ``single_elementary``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.intrinsics import bits_32, divide, fma, from_bits_32
from gdsim.engine.single_elementary import NAN, ROUNDER

FARTHEST = 524288.0
"""2**19: sine and cosine have nothing to say beyond it."""

HALF_PI, HALF_PI_LOW = 1.5707964, -4.371139e-08
PI, PI_LOW = 3.1415927, -8.742278e-08


def sincos(x):
    """(sin x, cos x), at most 2 ulp for |x| <= 2**19; NaN at infinity, and as at 0 beyond, where neighbours lie 1/16 and more apart."""
    distance = abs(x)
    near = distance if distance <= FARTHEST else distance - distance
    rounded = fma(near, 0.63661975, ROUNDER)
    n = rounded - ROUNDER
    r = fma(-n, 1.5707964, near)
    r = fma(-n, -4.371139e-08, r)
    r = fma(-n, -1.7151245e-15, r)
    z = r * r
    p = -0.00019517234
    p = fma(p, z, 0.008332178)
    p = fma(p, z, -0.16666655)
    s = fma(r * z, p, r)
    q = 2.4390369e-05
    q = fma(q, z, -0.0013886763)
    q = fma(q, z, 0.041666623)
    q = fma(q, z, -0.5)
    c = fma(z, q, 1.0)
    turns = bits_32(rounded)
    swapped = (turns & 1) == 1
    sine = c if swapped else s
    cosine = s if swapped else c
    # n mod 4 decides the sign of both; the sine is odd.
    sine = -sine if (turns & 2) == 2 else sine
    cosine = -cosine if ((turns + 1) & 2) == 2 else cosine
    return from_bits_32(bits_32(sine) ^ (bits_32(x) & -0x8000_0000)), cosine


def sin(x):
    """Sine of x radians; see ``sincos``."""
    sine, _ = sincos(x)
    return sine


def cos(x):
    """Cosine of x radians; see ``sincos``."""
    _, cosine = sincos(x)
    return cosine


def tan(x):
    """Tangent of x radians, at most 2 ulp for |x| <= 2**19; NaN at infinity, and 0 beyond."""
    distance = abs(x)
    near = distance if distance <= FARTHEST else distance - distance
    rounded = fma(near, 0.63661975, ROUNDER)
    n = rounded - ROUNDER
    # The reduced angle as a sum r + lost, as in gdsim.engine.circular.
    first = fma(-n, 1.5707964, near)
    second = n * -4.371139e-08
    r = first - second
    back = r - first
    lost = (first - (r - back)) - (second + back)
    lost = fma(n, 1.7151245e-15, lost - fma(n, -4.371139e-08, -second))
    whole = r + lost
    lost = (r - whole) + lost
    z = whole * whole
    sine_rest = fma(fma(-0.00019517234, z, 0.008332178), z, -0.16666655)
    cosine_rest = fma(fma(fma(2.4390369e-05, z, -0.0013886763), z, 0.041666623), z, -0.5)
    sine, cosine = fma(whole * z, sine_rest, whole), fma(z, cosine_rest, 1.0)
    sine_low = (whole - sine) + whole * z * sine_rest + lost * cosine
    cosine_low = (1.0 - cosine) + z * cosine_rest - lost * sine
    odd = (bits_32(rounded) & 1) == 1
    numerator, numerator_low = (-cosine, -cosine_low) if odd else (sine, sine_low)
    denominator, denominator_low = (sine, sine_low) if odd else (cosine, cosine_low)
    quotient = divide(numerator, denominator)
    correction = divide(fma(-quotient, denominator, numerator) + (numerator_low - quotient * denominator_low), denominator)
    return math.copysign(1.0, x) * (quotient + correction)


def square_root(x):
    """Square root, correctly rounded; NaN below zero."""
    root = math.sqrt(abs(x))
    return root if x >= 0.0 else NAN


def atan(x):
    """Arc tangent in radians."""
    a = abs(x)
    high, middle = a > 2.4142137, a > 0.41421357
    numerator = -1.0 if high else (a - 1.0 if middle else a)
    denominator = a if high else (a + 1.0 if middle else 1.0)
    base = HALF_PI if high else (0.7853982 if middle else 0.0)
    rest = HALF_PI_LOW if high else (-2.1855694e-08 if middle else 0.0)
    t = numerator / denominator
    z = t * t
    p = -0.060781427
    p = fma(p, z, 0.105937846)
    p = fma(p, z, -0.1424353)
    p = fma(p, z, 0.19998471)
    p = fma(p, z, -0.33333316)
    return math.copysign(base + (fma(t * z, p, rest) + t), x)


def asin_rest(r):
    """asin r - r for |r| <= 1/2."""
    z = r * r
    p = 0.03752947
    p = fma(p, z, 0.014429753)
    p = fma(p, z, 0.031809945)
    p = fma(p, z, 0.0445167)
    p = fma(p, z, 0.075005054)
    p = fma(p, z, 0.1666666)
    return r * z * p


def half_chord(a):
    """(h, lost): h + lost is sqrt((1 - a) / 2) for 1/2 <= a <= 1; NaN for a > 1."""
    square = 0.5 * (1.0 - a)
    root = math.sqrt(abs(square))
    h = root if square >= 0.0 else NAN
    return h, fma(-h, h, square) / (2.0 * h if h > 0.0 else 1.0)


def asin(x):
    """Arc sine in radians on [-1, 1]; NaN beyond."""
    a = abs(x)
    h, lost = half_chord(1.0 if a < 0.5 else a)
    r = a if a < 0.5 else h
    rest = asin_rest(r)
    chord = h + h
    right_angle = HALF_PI - chord
    left_over = (HALF_PI - right_angle) - chord
    far = right_angle + (left_over - (2.0 * (rest + lost) - HALF_PI_LOW))
    return math.copysign(r + rest if a < 0.5 else far, x)


def acos(x):
    """Arc cosine in radians on [-1, 1]; NaN beyond."""
    a = abs(x)
    h, lost = half_chord(1.0 if a < 0.5 else a)
    r = x if a < 0.5 else h
    angle = r + asin_rest(r)
    near = HALF_PI - (angle - HALF_PI_LOW)
    right = 2.0 * (angle + lost)
    left = PI - (right - PI_LOW)
    far = right if x > 0.0 else left
    return near if a < 0.5 else far
