"""Products of matrices: every element is one chain of fused multiply-adds in the order of k, so its bits depend on nothing else.

All matrices lie row by row in one array; a matrix is named by the place of its first element and by strides. WIDTH, the count of numbers in
a vector, is bound at compile time.
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.intrinsics import fma
from gdsim.engine.vectors import get, put, tile_1_1, tile_1_2, tile_1_4, tile_4_1, tile_4_2

DEEP = 256
"""Terms that are added before the next columns have their turn: so much of y stays in the first-level cache."""


def accumulate(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, rows, columns, terms):
    """``out[m, n] = start[m, n] + sum over k of x[m, k] * y[k, n]`` for ``rows`` m, ``columns`` n (a multiple of WIDTH), ``terms`` k.

    ``out``, ``start``, ``x`` and ``y`` are places of first elements in ``a``; ``out_row``, ``start_row`` (0: every row starts alike) and
    ``x_row`` lie between rows, ``x_term`` and ``y_term`` between terms.
    """
    whole = rows // 4 * 4
    if whole > 0:
        accumulate_fours(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, whole, columns, terms)
    for m in range(whole, rows):
        accumulate_row(a, out + m * out_row, start + m * start_row, x + m * x_row, x_term, y, y_term, columns, terms)


def accumulate_fours(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, rows, columns, terms):
    """Rows four by four, so that what is loaded of y serves four times."""
    for done in range(0, terms, DEEP):
        count = min(DEEP, terms - done)
        n = 0
        while n < columns:
            two = n + 2 * WIDTH <= columns
            for m in range(0, rows, 4):
                o, s, i, j = out + m * out_row + n, start + m * start_row + n, x + m * x_row, y + n
                if two:
                    tile_4_2(a, o, out_row, s, start_row, i, x_row, x_term, j, y_term, count)
                else:
                    tile_4_1(a, o, out_row, s, start_row, i, x_row, x_term, j, y_term, count)
            n += 2 * WIDTH if two else WIDTH
        start, start_row = out, out_row
        x += count * x_term
        y += count * y_term


def accumulate_row(a, out, start, x, x_term, y, y_term, columns, terms):
    """A single row: four vectors side by side hide what an addition takes to finish."""
    n = 0
    while n < columns:
        o, s, j = out + n, start + n, y + n
        if n + 4 * WIDTH <= columns:
            tile_1_4(a, o, 0, s, 0, x, 0, x_term, j, y_term, terms)
            n += 4 * WIDTH
        elif n + 2 * WIDTH <= columns:
            tile_1_2(a, o, 0, s, 0, x, 0, x_term, j, y_term, terms)
            n += 2 * WIDTH
        else:
            tile_1_1(a, o, 0, s, 0, x, 0, x_term, j, y_term, terms)
            n += WIDTH


def multiply_row(a, out, start, x, x_row, y, rows, terms):
    """``out[m] = start + sum over k of x[m, k] * y[k]`` for a single column y, which lies side by side as ``out`` does."""
    for m in range(rows):
        total = get(a, start)
        for k in range(terms):
            total = fma(get(a, x + m * x_row + k), get(a, y + k), total)
        put(a, out + m, total)
