"""Products of matrices: every element is one chain of fused multiply-adds in the order of k, so its bits depend on nothing else.

All matrices lie row by row in one array; a matrix is named by the place of its first element and by strides. WIDTH, the count of numbers in
a vector, is bound at compile time.
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.vectors import load, multiply_add, spread, store

DEEP = 256
"""Terms that are added before the next columns have their turn: so much of y stays in the first-level cache."""


def accumulate(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, rows, columns, terms):
    """``out[m, n] = start[m, n] + sum over k of x[m, k] * y[k, n]`` for ``rows`` m, ``columns`` n (a multiple of WIDTH), ``terms`` k.

    ``out``, ``start``, ``x`` and ``y`` are places of first elements in ``a``; ``out_row``, ``start_row`` (0: every row starts alike) and
    ``x_row`` lie between rows, ``x_term`` and ``y_term`` between terms.
    """
    for done in range(0, terms, DEEP):
        count = min(DEEP, terms - done)
        n = 0
        while n + 2 * WIDTH <= columns:
            m = 0
            while m + 4 <= rows:
                four_by_two(
                    a,
                    out + m * out_row + n,
                    out_row,
                    start + m * start_row + n,
                    start_row,
                    x + m * x_row,
                    x_row,
                    x_term,
                    y + n,
                    y_term,
                    count,
                )
                m += 4
            while m < rows:
                one_by_two(a, out + m * out_row + n, start + m * start_row + n, x + m * x_row, x_term, y + n, y_term, count)
                m += 1
            n += 2 * WIDTH
        if n < columns:
            m = 0
            while m + 4 <= rows:
                four_by_one(
                    a,
                    out + m * out_row + n,
                    out_row,
                    start + m * start_row + n,
                    start_row,
                    x + m * x_row,
                    x_row,
                    x_term,
                    y + n,
                    y_term,
                    count,
                )
                m += 4
            while m < rows:
                one_by_one(a, out + m * out_row + n, start + m * start_row + n, x + m * x_row, x_term, y + n, y_term, count)
                m += 1
        start, start_row = out, out_row
        x += count * x_term
        y += count * y_term


def four_by_two(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, terms):
    c0, d0 = load(a, start), load(a, start + WIDTH)
    c1, d1 = load(a, start + start_row), load(a, start + start_row + WIDTH)
    c2, d2 = load(a, start + 2 * start_row), load(a, start + 2 * start_row + WIDTH)
    c3, d3 = load(a, start + 3 * start_row), load(a, start + 3 * start_row + WIDTH)
    for _ in range(terms):
        p, q = load(a, y), load(a, y + WIDTH)
        v = spread(a, x)
        c0, d0 = multiply_add(v, p, c0), multiply_add(v, q, d0)
        v = spread(a, x + x_row)
        c1, d1 = multiply_add(v, p, c1), multiply_add(v, q, d1)
        v = spread(a, x + 2 * x_row)
        c2, d2 = multiply_add(v, p, c2), multiply_add(v, q, d2)
        v = spread(a, x + 3 * x_row)
        c3, d3 = multiply_add(v, p, c3), multiply_add(v, q, d3)
        x += x_term
        y += y_term
    store(a, out, c0)
    store(a, out + WIDTH, d0)
    store(a, out + out_row, c1)
    store(a, out + out_row + WIDTH, d1)
    store(a, out + 2 * out_row, c2)
    store(a, out + 2 * out_row + WIDTH, d2)
    store(a, out + 3 * out_row, c3)
    store(a, out + 3 * out_row + WIDTH, d3)


def four_by_one(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, terms):
    c0, c1, c2, c3 = load(a, start), load(a, start + start_row), load(a, start + 2 * start_row), load(a, start + 3 * start_row)
    for _ in range(terms):
        p = load(a, y)
        c0 = multiply_add(spread(a, x), p, c0)
        c1 = multiply_add(spread(a, x + x_row), p, c1)
        c2 = multiply_add(spread(a, x + 2 * x_row), p, c2)
        c3 = multiply_add(spread(a, x + 3 * x_row), p, c3)
        x += x_term
        y += y_term
    store(a, out, c0)
    store(a, out + out_row, c1)
    store(a, out + 2 * out_row, c2)
    store(a, out + 3 * out_row, c3)


def one_by_two(a, out, start, x, x_term, y, y_term, terms):
    c, d = load(a, start), load(a, start + WIDTH)
    for _ in range(terms):
        v = spread(a, x)
        c, d = multiply_add(v, load(a, y), c), multiply_add(v, load(a, y + WIDTH), d)
        x += x_term
        y += y_term
    store(a, out, c)
    store(a, out + WIDTH, d)


def one_by_one(a, out, start, x, x_term, y, y_term, terms):
    c = load(a, start)
    for _ in range(terms):
        c = multiply_add(spread(a, x), load(a, y), c)
        x += x_term
        y += y_term
    store(a, out, c)
