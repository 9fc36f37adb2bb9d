"""Sums in registers and products of matrices: what is compiled against plain Python's chains of fused multiply-adds, to the bit."""

import numpy as np
import pytest

from gdsim.engine.intrinsics import fma
from gdsim.engine.layout import pad
from gdsim.engine.products import accumulate, multiply_row
from gdsim.engine.specialise import specialise
from gdsim.engine.vectors import square_sum, width
from tests.draws import fresh

PRECISIONS = pytest.mark.parametrize("precision", ["float64", "float32"])


def squares(numbers, begin, count):
    return square_sum(numbers, begin, count)


def chain(start, left, right, kind):
    total = start
    for a, b in zip(left, right, strict=True):
        # The product of two float32 is exact in float64, but their sum is not: fma rounds twice there. Numbers of 8 bits leave room.
        total = kind(fma(a, b, total))
    return total


def short(shape, precision):
    """Numbers of 8 bits, of either sign and of several sizes."""
    draw = fresh()
    return (draw.integers(-128, 128, shape) * 2.0 ** draw.integers(-3, 4, shape)).astype(precision)


@PRECISIONS
@pytest.mark.parametrize("chains", [1, 2, 7])
def test_sums_of_squares(precision, chains):
    count, begin = 4 * pad(precision) * chains, 3
    numbers = short(begin + count, precision)
    assert specialise(squares)(numbers, begin, count) == squares(numbers, begin, count)
    assert squares(numbers, begin, count) == pytest.approx((numbers[begin:].astype(np.float64) ** 2).sum(), rel=1e-5)


@PRECISIONS
@pytest.mark.parametrize(("rows", "vectors", "terms"), [(1, 1, 1), (1, 7, 5), (2, 3, 1), (4, 2, 9), (7, 3, 4), (9, 1, 300)])
@pytest.mark.parametrize("alike", [True, False])
def test_products(precision, rows, vectors, terms, alike):
    columns, kind = vectors * width(precision), np.dtype(precision).type
    start, x, y = short((1 if alike else rows, columns), precision), short((rows, terms), precision), short((terms, columns), precision)
    memory = np.concatenate([start.reshape(-1), x.reshape(-1), y.reshape(-1), np.zeros(rows * columns, precision)])
    begin, out = start.size, start.size + x.size + y.size
    kernel = specialise(accumulate, WIDTH=width(precision))
    kernel(memory, out, columns, 0, 0 if alike else columns, begin, terms, 1, begin + x.size, columns, rows, columns, terms)
    expected = [[chain(start[0 if alike else m, n], x[m], y[:, n], kind) for n in range(columns)] for m in range(rows)]
    assert np.array_equal(memory[out:].reshape(rows, columns), expected)


@PRECISIONS
def test_products_with_a_single_column(precision):
    rows, terms, kind = 5, 19, np.dtype(precision).type
    start, x, y = short(1, precision), short((rows, terms), precision), short(terms, precision)
    memory = np.concatenate([start, x.reshape(-1), y, np.zeros(rows, precision)])
    specialise(multiply_row)(memory, 1 + x.size + terms, 0, 1, terms, 1 + x.size, rows, terms)
    assert np.array_equal(memory[-rows:], [chain(start[0], x[m], y, kind) for m in range(rows)])
