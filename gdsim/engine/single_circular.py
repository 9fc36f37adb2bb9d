"""Sine, cosine and square root in single precision: as in ``gdsim.engine.elementary`` and ``powers``; see ``single_elementary``."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.intrinsics import bits_32, fma, from_bits_32
from gdsim.engine.single_elementary import NAN, ROUNDER

FARTHEST = 524288.0
"""2**19: sine and cosine have nothing to say beyond it."""


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


def square_root(x):
    """Square root, correctly rounded; NaN below zero."""
    root = math.sqrt(abs(x))
    return root if x >= 0.0 else NAN
