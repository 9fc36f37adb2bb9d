"""Operations on numbers that Python's operators lack and every processor has: fused multiply-add, division by zero, a float's bits.

Each is an ``Intrinsic``: compiled code gets the machine's operation, which vectorises, and plain Python the same result, bit for bit. So
a leaf function that uses them runs compiled and uncompiled, and ``specialise`` has nothing to bind.
"""

import math
import struct
from collections.abc import Callable
from typing import Any

import numpy as np

MASK_64 = 0xFFFF_FFFF_FFFF_FFFF
MASK_32 = 0xFFFF_FFFF


class Intrinsic:
    """A function with one meaning and two bodies: the one given here, and where compiled the one in ``gdsim.engine.lowering``."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.__name__ = function.__name__
        self.__doc__ = function.__doc__
        self._function = function

    def __call__(self, *numbers: Any) -> Any:
        return self._function(*numbers)

    @property
    def _numba_type_(self) -> Any:
        # Numba asks this of an object that it meets in a function. So numba is imported where something is compiled, and not before.
        from gdsim.engine import lowering

        return lowering.TYPES[self]


@Intrinsic
def fma(a: float, b: float, c: float) -> float | np.float32:
    """``a * b + c``, rounded once (IEEE 754 fusedMultiplyAdd). All three are floats, of float32 the result is one too."""
    if isinstance(a, np.float32) and isinstance(b, np.float32) and isinstance(c, np.float32):
        return _fma_32(float(a), float(b), float(c))
    a, b, c = float(a), float(b), float(c)
    if not (math.isfinite(a) and math.isfinite(b)):
        return a * b + c
    if not math.isfinite(c):  # whatever the size of the product
        return c
    (p, q), (r, s), (t, u) = a.as_integer_ratio(), b.as_integer_ratio(), c.as_integer_ratio()
    numerator = p * r * u + t * q * s
    if numerator == 0:  # the rounded operations are exact here, and know the sign of zero
        return a * b + c
    try:
        return numerator / (q * s * u)  # Python rounds a quotient of integers once
    except OverflowError:
        return math.inf if numerator > 0 else -math.inf


def _fma_32(a: float, b: float, c: float) -> np.float32:
    """In float64 the product is exact. The sum is rounded to odd, after which another rounding does what one alone would (Boldo and
    Melquiond, Emulation of a FMA and correctly rounded sums, IEEE Transactions on Computers 57 (2008) 462).
    """
    product = a * b
    total = product + c
    back = total - product
    rest = (product - (total - back)) + (c - back)
    if rest != 0.0 and math.isfinite(rest) and not bits(total) & 1:
        total = math.nextafter(total, math.copysign(math.inf, rest))
    return np.float32(total)


@Intrinsic
def divide(a: float, b: float) -> float:
    """``a / b`` as IEEE 754 has it: a quotient by zero is infinite or NaN, where Python's own operator raises."""
    if b == 0.0:
        return a * math.copysign(math.inf, b)
    return a / b


@Intrinsic
def bits(x: float) -> int:
    """The 64 bits of a float64 as a signed integer."""
    return int.from_bytes(struct.pack("<d", x), "little", signed=True)


@Intrinsic
def from_bits(i: int) -> float:
    """The float64 whose bits are the lowest 64 of ``i``.

    Compiled integers wrap and Python's do not. Sums, products, left shifts and bitwise operations still agree here, because the lowest
    bits of their results depend on the lowest bits of their arguments only.
    """
    x: float = struct.unpack("<d", (i & MASK_64).to_bytes(8, "little"))[0]
    return x


@Intrinsic
def bits_32(x: float) -> int:
    """The 32 bits of a float32 as a signed integer."""
    return int.from_bytes(struct.pack("<f", x), "little", signed=True)


@Intrinsic
def from_bits_32(i: int) -> np.float32:
    """The float32 whose bits are the lowest 32 of ``i``."""
    return np.float32(struct.unpack("<f", (i & MASK_32).to_bytes(4, "little"))[0])


@Intrinsic
def borrowed(array: Any) -> Any:
    """The same array, whose references are not counted where compiled: counting is an atomic operation for each look at a tuple that holds
    it. Whoever borrows keeps the array itself for as long.
    """
    return array
