"""tan, asin, acos and atan, to the standard of ``gdsim.engine.elementary``: no branch, the same bits everywhere, at most 2 ulp."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.elementary import (
    FARTHEST,
    HALF_PI,
    HALF_PI_LOW,
    HALF_PI_LOWEST,
    NAN,
    ROUNDER,
    cos_near_zero,
    cos_rest,
    sin_near_zero,
    sin_rest,
)
from gdsim.engine.intrinsics import bits, divide, fma

PI, PI_LOW = 3.141592653589793, 1.2246467991473532e-16


def tan(x):
    """Tangent of x radians, at most 2 ulp for |x| <= 2**48; NaN at infinity.

    Beyond, where neighbouring numbers lie 1/16 and more apart, it is 0 with the sign of x.
    """
    distance = abs(float(x))
    near = distance if distance <= FARTHEST else distance - distance
    rounded = fma(near, 0.6366197723675814, ROUNDER)
    n = rounded - ROUNDER
    # The reduced angle as a sum r + lost: what one number alone loses by rounding would be the largest error of the quotient.
    first = fma(-n, HALF_PI, near)
    second = n * HALF_PI_LOW
    r = first - second
    back = r - first
    lost = (first - (r - back)) - (second + back)
    lost = fma(n, -HALF_PI_LOWEST, lost - fma(n, HALF_PI_LOW, -second))
    whole = r + lost
    lost = (r - whole) + lost
    sine, cosine = sin_near_zero(whole), cos_near_zero(whole)
    z = whole * whole
    sine_low = (whole - sine) + whole * z * sin_rest(z) + lost * cosine
    cosine_low = (1.0 - cosine) + z * cos_rest(z) - lost * sine
    odd = (bits(rounded) & 1) == 1
    numerator, numerator_low = (-cosine, -cosine_low) if odd else (sine, sine_low)
    denominator, denominator_low = (sine, sine_low) if odd else (cosine, cosine_low)
    quotient = divide(numerator, denominator)
    correction = divide(fma(-quotient, denominator, numerator) + (numerator_low - quotient * denominator_low), denominator)
    return math.copysign(1.0, x) * (quotient + correction)


def atan_rest(z):
    """(atan t - t) / t**3 for z = t**2, |t| <= tan(pi/8)."""
    p = -0.01790404450140816
    p = fma(p, z, 0.03806123421561039)
    p = fma(p, z, -0.05039154917231682)
    p = fma(p, z, 0.05847851431123663)
    p = fma(p, z, -0.0666309813280935)
    p = fma(p, z, 0.07692059624007754)
    p = fma(p, z, -0.09090897720059248)
    p = fma(p, z, 0.11111110781977108)
    p = fma(p, z, -0.14285714280163062)
    p = fma(p, z, 0.19999999999953214)
    return fma(p, z, -0.333333333333332)


def atan(x):
    """Arc tangent in radians, at most 2 ulp everywhere."""
    a = abs(float(x))
    high, middle = a > 2.414213562373095, a > 0.4142135623730951
    # atan a is pi/2 - atan(1/a), or pi/4 + atan((a - 1)/(a + 1)): the argument of the polynomial stays within tan(pi/8).
    numerator = -1.0 if high else (a - 1.0 if middle else a)
    denominator = a if high else (a + 1.0 if middle else 1.0)
    base = HALF_PI if high else (0.5 * HALF_PI if middle else 0.0)
    base_low = HALF_PI_LOW if high else (0.5 * HALF_PI_LOW if middle else 0.0)
    t = numerator / denominator
    z = t * t
    return math.copysign(base + (fma(t * z, atan_rest(z), base_low) + t), x)


def asin_rest(r):
    """asin r - r for |r| <= 1/2."""
    z = r * r
    p = 0.03265428253325587
    p = fma(p, z, -0.021039113750608834)
    p = fma(p, z, 0.021735043144089528)
    p = fma(p, z, 0.0036953634226470815)
    p = fma(p, z, 0.010783096381123913)
    p = fma(p, z, 0.011398419695829526)
    p = fma(p, z, 0.013980878869519332)
    p = fma(p, z, 0.01735160731182803)
    p = fma(p, z, 0.022372215239807453)
    p = fma(p, z, 0.03038194269919679)
    p = fma(p, z, 0.04464285717478269)
    p = fma(p, z, 0.0749999999997063)
    p = fma(p, z, 0.1666666666666676)
    return r * z * p


def half_chord(a):
    """(h, lost): h + lost is sqrt((1 - a) / 2) for 1/2 <= a <= 1, whose arc sine is half the arc cosine of a; NaN for a > 1."""
    square = 0.5 * (1.0 - a)
    root = math.sqrt(abs(square))
    h = root if square >= 0.0 else NAN
    return h, fma(-h, h, square) / (2.0 * h if h > 0.0 else 1.0)


def asin(x):
    """Arc sine in radians, at most 2 ulp on [-1, 1]; NaN beyond."""
    a = abs(float(x))
    h, lost = half_chord(1.0 if a < 0.5 else a)
    r = a if a < 0.5 else h
    rest = asin_rest(r)
    chord = h + h
    right_angle = HALF_PI - chord
    left_over = (HALF_PI - right_angle) - chord
    far = right_angle + (left_over - (2.0 * (rest + lost) - HALF_PI_LOW))
    return math.copysign(r + rest if a < 0.5 else far, x)


def acos(x):
    """Arc cosine in radians, at most 2 ulp on [-1, 1]; NaN beyond."""
    x = float(x)
    a = abs(x)
    h, lost = half_chord(1.0 if a < 0.5 else a)
    r = x if a < 0.5 else h
    angle = r + asin_rest(r)
    near = HALF_PI - (angle - HALF_PI_LOW)
    right = 2.0 * (angle + lost)
    left = PI - (right - PI_LOW)
    far = right if x > 0.0 else left
    return near if a < 0.5 else far
