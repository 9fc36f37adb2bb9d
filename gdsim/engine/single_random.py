"""Random numbers in single precision: those of ``gdsim.engine.random``, from the same words of the same names."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

import numpy as np

from gdsim.engine.random import LOW_32, philox
from gdsim.engine.single_circular import sincos
from gdsim.engine.single_elementary import log

BELOW_ONE = 1.0 - 2.0**-24
"""The largest float32 below 1."""


def unit_interval(high, low):
    """The float32 nearest to what float64 makes of the same bits, rounded once; never 0, and where that would be 1 the one below."""
    fraction = (high << 20) | (low >> 12)
    u = np.float32(2 * fraction + 1) * 1.1102230246251565e-16
    return u if u < BELOW_ONE else BELOW_ONE


def uniforms(seed, stream, step, draw):
    """Two independent numbers, uniform on (0, 1), named by (seed, stream, step, draw)."""
    seed, stream, step, draw = int(seed), int(stream), int(step), int(draw)
    w0, w1, w2, w3 = philox(step & LOW_32, (step >> 32) & LOW_32, draw & LOW_32, stream & LOW_32, seed & LOW_32, (seed >> 32) & LOW_32)
    return unit_interval(w0, w1), unit_interval(w2, w3)


def normals(seed, stream, step, draw):
    """Two independent standard normal numbers named by (seed, stream, step, draw)."""
    u, v = uniforms(seed, stream, step, draw)
    radius = math.sqrt(-2.0 * log(u))
    sine, cosine = sincos(6.283185307179586 * v)
    return radius * cosine, radius * sine
