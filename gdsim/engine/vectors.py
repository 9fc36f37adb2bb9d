"""Some numbers of an array at once, in one register: what LLVM's vectoriser does not find by itself in a product of matrices.

Only elementwise operations, so that the count of numbers in a vector, which depends on the processor, changes no bit. Indices are not
checked. As in ``gdsim.engine.intrinsics`` each operation has a Python body beside the machine's.
"""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.intrinsics import Intrinsic, fma
from gdsim.engine.layout import pad

Numbers = NDArray[Any]


@cache
def width(precision: str) -> int:
    """How many numbers of ``precision`` a vector holds here."""
    return vector_bytes() // np.dtype(precision).itemsize


@cache
def vector_bytes() -> int:
    """The size of a register: 64 bytes where there is AVX-512, 32 with AVX, else 16."""
    from llvmlite import binding
    from numba import config

    features = {} if getattr(config, "CPU_NAME", None) == "generic" else binding.get_host_cpu_features()
    return 64 if features.get("avx512f") else 32 if features.get("avx") else 16


@Intrinsic
def load(array: Numbers, i: int) -> Numbers:
    """The numbers from place ``i`` on."""
    return array[i : i + width(array.dtype.name)].copy()


@Intrinsic
def store(array: Numbers, i: int, numbers: Numbers) -> None:
    """Puts them from place ``i`` on."""
    array[i : i + len(numbers)] = numbers


@Intrinsic
def spread(array: Numbers, i: int) -> Numbers:
    """The number at place ``i``, in every place."""
    return np.full(width(array.dtype.name), array[i])


@Intrinsic
def multiply_add(a: Numbers, b: Numbers, c: Numbers) -> Numbers:
    """``a * b + c``, rounded once, place by place."""
    return np.array([fma(*three) for three in zip(a, b, c, strict=True)], dtype=a.dtype)


@Intrinsic
def get(array: Numbers, i: int) -> Any:
    """``array[i]`` for an i that is not negative, which a compiler does not know: a loop over it vectorises."""
    return array[i]


@Intrinsic
def put(array: Numbers, i: int, number: Any) -> None:
    """``array[i] = number`` likewise."""
    array[i] = number


@Intrinsic
def transpose(out: Numbers, o: int, out_stride: int, array: Numbers, i: int, stride: int) -> None:
    """A square as wide as a vector, rows become columns: ``stride`` lies from row to row, from place ``i`` to place ``o``."""
    count = width(array.dtype.name)
    for row in range(count):
        out[o : o + count * out_stride : out_stride][:count] = array[i + row * stride : i + row * stride + count]
        o += 1


@Intrinsic
def square_sum(array: Numbers, i: int, count: int) -> Any:
    """The sum of the squares of ``count`` numbers (a multiple of 4 pads) from place ``i`` on.

    Number k is of chain k modulo 4 pads, a chain of fused multiply-adds; the chains are added in halves.
    """
    sums = np.zeros(4 * pad(array.dtype.name), array.dtype)
    for k in range(i, i + count, len(sums)):
        sums = multiply_add(array[k : k + len(sums)], array[k : k + len(sums)], sums)
    while len(sums) > 1:
        sums = sums[: len(sums) // 2] + sums[len(sums) // 2 :]
    return sums[0]


@Intrinsic
def fill_registers() -> None:
    """Said once in a kernel: its loops may fill whole registers. Of those of 64 bytes LLVM by itself uses halves on most processors."""


def tile(rows: int, vectors: int) -> Intrinsic:
    """The product of matrices for so many rows and vectors of columns: all sums stay in registers until the last term is added."""

    def product(
        array: Numbers, out: int, out_row: int, start: int, start_row: int,
        x: int, x_row: int, x_term: int, y: int, y_term: int, terms: int,
    ) -> None:  # fmt: skip
        columns = vectors * width(array.dtype.name)
        for m in range(rows):
            sums = array[start + m * start_row :][:columns].copy()
            for k in range(terms):
                factor = array[x + m * x_row + k * x_term]
                sums = multiply_add(np.full(columns, factor), array[y + k * y_term :][:columns], sums)
            array[out + m * out_row :][:columns] = sums

    product.__name__ = f"tile_{rows}_{vectors}"
    return Intrinsic(product)


TILES = {(rows, vectors): tile(rows, vectors) for rows, vectors in ((4, 2), (4, 1), (1, 4), (1, 2), (1, 1))}
tile_4_2, tile_4_1, tile_1_4, tile_1_2, tile_1_1 = TILES.values()
