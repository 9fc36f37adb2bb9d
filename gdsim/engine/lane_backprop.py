"""Backpropagation of as many networks as a vector has places: lane l of every vector is a number of network l. Leaves for
``gdsim.engine.lane_training``.

All networks have one shape and see the same points. Every sum is the chain of fused multiply-adds that ``gdsim.engine.backprop`` has, in
the same order, so that a network in its lane has the bits that it has alone; there it fills vectors with its outputs, and here with its
like.
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.backprop import activate, pull
from gdsim.engine.layout import BIAS, ERROR, FLAT_BIAS, FLAT_WEIGHT, FROM, INPUTS, OUTPUTS, SLOPE, VALUE, WEIGHT
from gdsim.engine.products import accumulate
from gdsim.engine.vectors import get, load, multiply_add, put, store

ZEROS = 0


def take_weights(flat, lane, work, table):
    """One network's weights, in PyTorch's order, into its lane."""
    for layer in range(table.shape[0]):
        inputs, outputs = table[layer, INPUTS], table[layer, OUTPUTS]
        for o in range(outputs):
            for j in range(inputs):
                work[table[layer, WEIGHT] + (j * outputs + o) * LANES + lane] = flat[table[layer, FLAT_WEIGHT] + o * inputs + j]
            work[table[layer, BIAS] + o * LANES + lane] = flat[table[layer, FLAT_BIAS] + o]


def give_weights(work, lane, flat, table):
    """The inverse."""
    for layer in range(table.shape[0]):
        inputs, outputs = table[layer, INPUTS], table[layer, OUTPUTS]
        for o in range(outputs):
            for j in range(inputs):
                flat[table[layer, FLAT_WEIGHT] + o * inputs + j] = work[table[layer, WEIGHT] + (j * outputs + o) * LANES + lane]
            flat[table[layer, FLAT_BIAS] + o] = work[table[layer, BIAS] + o * LANES + lane]


def multiply(a, out, out_row, start, start_row, start_column, x, x_row, x_term, y, y_term, y_column, rows, columns, terms):
    """``out[m, n] = start[m, n] + sum over k of x[m, k] * y[k, n]``, lane by lane: matrices whose elements are vectors.

    As in ``gdsim.engine.products``, places of first elements in ``a``, and strides; a row of ``out`` is contiguous.
    """
    for n in range(0, columns, 2):
        two = n + 2 <= columns
        m = 0
        while m < rows:
            o, s, i, j = out + m * out_row + n * LANES, start + m * start_row + n * start_column, x + m * x_row, y + n * y_column
            if m + 4 <= rows:
                if two:
                    four_by_two(a, o, out_row, s, start_row, start_column, i, x_row, x_term, j, y_term, y_column, terms)
                else:
                    four_by_one(a, o, out_row, s, start_row, i, x_row, x_term, j, y_term, terms)
                m += 4
            else:
                one_by_one(a, o, s, i, x_term, j, y_term, terms)
                if two:
                    one_by_one(a, o + LANES, s + start_column, i, x_term, j + y_column, y_term, terms)
                m += 1


def four_by_two(a, out, out_row, start, start_row, start_column, x, x_row, x_term, y, y_term, y_column, terms):
    p, q = load(a, start), load(a, start + start_column)
    r, s = load(a, start + start_row), load(a, start + start_row + start_column)
    t, u = load(a, start + 2 * start_row), load(a, start + 2 * start_row + start_column)
    v, w = load(a, start + 3 * start_row), load(a, start + 3 * start_row + start_column)
    for _ in range(terms):
        left, right = load(a, y), load(a, y + y_column)
        one = load(a, x)
        p, q = multiply_add(one, left, p), multiply_add(one, right, q)
        one = load(a, x + x_row)
        r, s = multiply_add(one, left, r), multiply_add(one, right, s)
        one = load(a, x + 2 * x_row)
        t, u = multiply_add(one, left, t), multiply_add(one, right, u)
        one = load(a, x + 3 * x_row)
        v, w = multiply_add(one, left, v), multiply_add(one, right, w)
        x += x_term
        y += y_term
    store(a, out, p)
    store(a, out + LANES, q)
    store(a, out + out_row, r)
    store(a, out + out_row + LANES, s)
    store(a, out + 2 * out_row, t)
    store(a, out + 2 * out_row + LANES, u)
    store(a, out + 3 * out_row, v)
    store(a, out + 3 * out_row + LANES, w)


def four_by_one(a, out, out_row, start, start_row, x, x_row, x_term, y, y_term, terms):
    p, q, r, s = load(a, start), load(a, start + start_row), load(a, start + 2 * start_row), load(a, start + 3 * start_row)
    for _ in range(terms):
        one = load(a, y)
        p, q = multiply_add(load(a, x), one, p), multiply_add(load(a, x + x_row), one, q)
        r, s = multiply_add(load(a, x + 2 * x_row), one, r), multiply_add(load(a, x + 3 * x_row), one, s)
        x += x_term
        y += y_term
    store(a, out, p)
    store(a, out + out_row, q)
    store(a, out + 2 * out_row, r)
    store(a, out + 3 * out_row, s)


def one_by_one(a, out, start, x, x_term, y, y_term, terms):
    p = load(a, start)
    for _ in range(terms):
        p = multiply_add(load(a, x), load(a, y), p)
        x += x_term
        y += y_term
    store(a, out, p)


def forward(work, table, first, count):
    """``count`` points from number ``first`` on through all layers."""
    last = table.shape[0] - 1
    for layer in range(last + 1):
        inputs, outputs, value, come = table[layer, INPUTS], table[layer, OUTPUTS], table[layer, VALUE], table[layer, FROM]
        wide, weight, bias = outputs * LANES, table[layer, WEIGHT], table[layer, BIAS]
        if layer == 0:  # the points are the same for all: one number of a point meets a row of weights of all networks
            accumulate(work, value, wide, bias, 0, come + first * inputs, inputs, 1, weight, wide, count, wide, inputs)
        else:
            multiply(work, value, wide, bias, 0, LANES, come, inputs * LANES, LANES, weight, wide, LANES, count, outputs, inputs)
        if layer < last:
            activate(activation, work, value, table[layer, SLOPE], count * wide)
        elif FINISHED:
            activate(finish, work, value, table[layer, SLOPE], count * wide)


def take_loss(totals, work, table, first, count, wanted, labels, scale, dense):
    """Adds the points' losses to ``totals`` (LANES,); the last layer's errors are put in their place, times ``scale``."""
    last = table.shape[0] - 1
    outputs, value, error = table[last, OUTPUTS], table[last, VALUE], table[last, ERROR]
    numbers = count * outputs
    if CLASSES:
        cross_entropy(totals, work, value, error, first, count, outputs, labels, dense)
    else:
        at = first * outputs * LANES
        for i in range(numbers * LANES):
            v, s = loss(get(work, value + i), get(wanted, at + i))
            put(dense, i, v)
            put(work, error + i, s)
        for i in range(numbers):
            for lane in range(LANES):
                totals[lane] += get(dense, i * LANES + lane)
    if FINISHED:
        slope = table[last, SLOPE]
        for i in range(numbers * LANES):
            put(work, error + i, get(work, error + i) * scale * get(work, slope + i))
    else:
        for i in range(numbers * LANES):
            put(work, error + i, get(work, error + i) * scale)


def cross_entropy(totals, work, value, error, first, count, outputs, labels, dense):
    """As ``gdsim.engine.backprop.cross_entropy``, lane by lane."""
    for i in range(count):
        at, label = i * outputs * LANES, labels[first + i] * LANES
        for lane in range(LANES):
            top = get(work, value + at + lane)
            for o in range(1, outputs):
                z = get(work, value + at + o * LANES + lane)
                top = z if z > top else top
            put(dense, lane, top)
        for o in range(outputs):
            for lane in range(LANES):
                k = at + o * LANES + lane
                put(work, error + k, exponential(get(work, value + k) - get(dense, lane)))
        for lane in range(LANES):
            whole = get(work, error + at + lane)
            for o in range(1, outputs):
                whole += get(work, error + at + o * LANES + lane)
            totals[lane] += logarithm(whole) - (get(work, value + at + label + lane) - get(dense, lane))
            for o in range(outputs):
                k = error + at + o * LANES + lane
                put(work, k, get(work, k) / whole)
            k = error + at + label + lane
            put(work, k, get(work, k) - NUMBER(1.0))


def backward(work, table, length, one, first, count, fresh):
    """The errors of the last layer back through all layers; adds to the gradient, which lies ``length`` behind the weights, or where
    ``fresh`` sets it. ``one`` is the place of a 1.
    """
    nothing = load(work, ZEROS)
    for layer in range(table.shape[0] - 1, -1, -1):
        inputs, outputs, error, come = table[layer, INPUTS], table[layer, OUTPUTS], table[layer, ERROR], table[layer, FROM]
        weight, wide = table[layer, WEIGHT], outputs * LANES
        to = weight + length
        start, row, column = (ZEROS, 0, 0) if fresh else (to, wide, LANES)
        if layer == 0:
            accumulate(work, to, wide, start, row, come + first * inputs, 1, inputs, error, wide, inputs, wide, count)
        else:
            stride = inputs * LANES
            multiply(work, to, wide, start, row, column, come, LANES, stride, error, wide, LANES, inputs, outputs, count)
            under, slope = table[layer - 1, ERROR], table[layer - 1, SLOPE]
            multiply(work, under, stride, ZEROS, 0, 0, error, wide, LANES, weight, LANES, wide, count, inputs, outputs)
            for i in range(0, count * stride, LANES):
                store(work, under + i, multiply_add(load(work, under + i), load(work, slope + i), nothing))
        to = table[layer, BIAS] + length
        accumulate(work, to, wide, ZEROS if fresh else to, 0, one, 0, 0, error, wide, 1, wide, count)


def penalise(work, table, length, l1, l2, penalties):
    """Adds the slopes of the penalties on linear weights to the gradient; ``penalties`` (LANES,) is what they cost. ``penalties`` has twice
    as many places more, to work in.
    """
    penalties[:] = NUMBER(0.0)
    for layer in range(table.shape[0]):
        begin, end = table[layer, WEIGHT], table[layer, BIAS]
        pull(work, begin, end, length, l1, l2)
        for i in range(begin, end, LANES):
            for lane in range(LANES):
                w = get(work, i + lane)
                penalties[LANES + lane] += abs(w)
                penalties[2 * LANES + lane] += w * w
    for lane in range(LANES):
        penalties[lane] = l1 * penalties[LANES + lane] + l2 * penalties[2 * LANES + lane] * NUMBER(0.5)


def square_sums(work, begin, chains, most, sums):
    """The sums of squares of ``gdsim.engine.backprop.square_sum``, into ``sums[:LANES]``: ``chains`` (4 PAD * most,) says which places
    belong to each of the chains, from ``begin`` on, filled up with the place of a 0.
    """
    nothing = load(work, ZEROS)
    for chain in range(4 * PAD):
        a = nothing
        for k in range(chain * most, chain * most + most):
            v = load(work, begin + chains[k])
            a = multiply_add(v, v, a)
        store(sums, chain * LANES, a)
    half = 2 * PAD
    while half > 0:
        for i in range(half * LANES):
            put(sums, i, get(sums, i) + get(sums, half * LANES + i))
        half //= 2
