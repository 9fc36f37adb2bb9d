"""Counter-based random numbers: a number is named, not remembered, so it is the same alone, in a sweep, on any thread or device.

Philox-4x32-10 (Salmon, Moraes, Dror and Shaw, Parallel random numbers: as easy as 1, 2, 3, SC'11) turns a key and a counter into four
32-bit words. Here they are

    key      (seed's low half, seed's high half)
    counter  (step's low half, step's high half, draw, stream)

so that no two names (seed, stream, step, draw) share a number: ``seed`` and ``step`` 0 to 2**63 - 1, ``stream`` (a run) and ``draw``
(which number of that step) 0 to 2**32 - 1. Leaf functions: the same bits compiled, vectorised and run by Python. Integers are signed 64-bit
and every one is cut to its low 32 bits before it is used, so a product that wraps where compiled does no harm.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.elementary import log, sincos
from gdsim.engine.intrinsics import from_bits

LOW_32 = 0xFFFF_FFFF
ROUNDS = 10


def philox(counter0, counter1, counter2, counter3, key0, key1):
    """Four words of 32 random bits from four words of counter and two of key, all integers 0 to 2**32 - 1."""
    c0, c1, c2, c3 = int(counter0), int(counter1), int(counter2), int(counter3)
    k0, k1 = int(key0), int(key1)
    for _ in range(ROUNDS):
        first = c0 * 0xD2511F53
        second = c2 * 0xCD9E8D57
        c0, c1 = ((second >> 32) & LOW_32) ^ c1 ^ k0, second & LOW_32
        c2, c3 = ((first >> 32) & LOW_32) ^ c3 ^ k1, first & LOW_32
        k0 = (k0 + 0x9E3779B9) & LOW_32
        k1 = (k1 + 0xBB67AE85) & LOW_32
    return c0, c1, c2, c3


def unit_interval(high, low):
    """The middle of one of 2**52 equal parts of (0, 1), chosen by 32 bits and the upper 20 of another 32: never 0, never 1."""
    fraction = (high << 20) | (low >> 12)
    return from_bits(0x3FF0_0000_0000_0000 | fraction) - (1.0 - 1.1102230246251565e-16)


def uniforms(seed, stream, step, draw):
    """Two independent numbers, uniform on (0, 1), named by (seed, stream, step, draw)."""
    seed, stream, step, draw = int(seed), int(stream), int(step), int(draw)
    w0, w1, w2, w3 = philox(step & LOW_32, (step >> 32) & LOW_32, draw & LOW_32, stream & LOW_32, seed & LOW_32, (seed >> 32) & LOW_32)
    return unit_interval(w0, w1), unit_interval(w2, w3)


def normals(seed, stream, step, draw):
    """Two independent standard normal numbers named by (seed, stream, step, draw); none is larger than 8.58.

    Box and Muller, Annals of Mathematical Statistics 29 (1958) 610, from ``uniforms`` of the same name.
    """
    u, v = uniforms(seed, stream, step, draw)
    radius = math.sqrt(-2.0 * log(u))
    sine, cosine = sincos(6.283185307179586 * v)
    return radius * cosine, radius * sine
