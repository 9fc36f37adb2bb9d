"""Backpropagation of one network by the threads of a block of a graphics card. Leaves for ``gdsim.engine.cuda_training``.

Every sum is the chain of fused multiply-adds that ``gdsim.engine.backprop`` has, in the same order, and all of it is one thread's; threads
differ in the sums that they work out. So no bit depends on their number. ``mine`` of ``threads`` is the thread that asks; a leaf that is
left by all of them is over, for they wait for each other in it. ``work`` and ``table`` are those of ``gdsim.engine.cuda_layout``.
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.intrinsics import fma
from gdsim.engine.layout import BIAS, ERROR, INPUTS, OUTPUTS, VALUE, WEIGHT, WIDE
from gdsim.engine.vectors import get, put

ZERO = 0
"""The place of a 0 in ``work``."""


def four_sums(a, x, x_row, rows, x_term, b, y, y_term, terms, p, q, r, s):
    """``p`` and the sum over k of ``a[x + k * x_term] * b[y + k * y_term]``; likewise for ``q``, ``r``, ``s`` and the next three rows of x.

    Four chains hide what an addition takes to finish, and share what they read of b. Where fewer ``rows`` are left the last is taken again.
    """
    left = rows - 1
    second, third, fourth = x + min(1, left) * x_row, x + min(2, left) * x_row, x + min(3, left) * x_row
    for _ in range(terms):
        one = get(b, y)
        p, q = fma(get(a, x), one, p), fma(get(a, second), one, q)
        r, s = fma(get(a, third), one, r), fma(get(a, fourth), one, s)
        x += x_term
        second += x_term
        third += x_term
        fourth += x_term
        y += y_term
    return p, q, r, s


def put_four(work, to, row, rows, p, q, r, s):
    """Four sums into the rows that are there."""
    put(work, to, p)
    if rows > 1:
        put(work, to + row, q)
    if rows > 2:
        put(work, to + 2 * row, r)
    if rows > 3:
        put(work, to + 3 * row, s)


def forward(work, inputs, table, first, count, mine, threads):
    """``count`` points from number ``first`` on through all layers."""
    last = table.shape[0] - 1
    for layer in range(last + 1):
        terms, outputs, wide, value = table[layer, INPUTS], table[layer, OUTPUTS], table[layer, WIDE], table[layer, VALUE]
        weight, bias, slope = table[layer, WEIGHT], table[layer, BIAS], table[layer, ERROR]
        group = mine
        while group < (count + 3 >> 2) * outputs:
            i, o = group // outputs * 4, group % outputs
            z, y, rows = get(work, bias + o), weight + o, count - i
            if layer == 0:
                p, q, r, s = four_sums(inputs, (first + i) * terms, terms, rows, 1, work, y, wide, terms, z, z, z, z)
            else:
                come = table[layer - 1, VALUE] + i * terms
                p, q, r, s = four_sums(work, come, terms, rows, 1, work, y, wide, terms, z, z, z, z)
            put_four(work, value + i * outputs + o, outputs, rows, p, q, r, s)
            group += threads
        cuda.syncthreads()
        if layer < last:
            activate(activation, work, value, slope, count * outputs, mine, threads)
        elif FINISHED:
            activate(finish, work, value, slope, count * outputs, mine, threads)


def activate(curve, work, value, slope, count, mine, threads):
    """Each of ``count`` values becomes that of ``curve``, whose slope goes to place ``slope`` and on."""
    i = mine
    while i < count:
        a, steep = curve(get(work, value + i))
        put(work, value + i, a)
        put(work, slope + i, steep)
        i += threads
    cuda.syncthreads()


def take_losses(work, table, first, count, wanted, labels, scale, dense, mine, threads):
    """The losses of the points, or of their outputs, into place ``dense`` and on; and the errors of the last layer, times ``scale``."""
    last = table.shape[0] - 1
    outputs, value, error = table[last, OUTPUTS], table[last, VALUE], table[last, ERROR]
    i = mine
    if CLASSES:
        while i < count:
            put(work, dense + i, cross_entropy(work, value + i * outputs, error + i * outputs, outputs, labels[first + i], scale))
            i += threads
    else:
        while i < count * outputs:
            v, s = loss(get(work, value + i), get(wanted, first * outputs + i))
            s = s * scale
            if FINISHED:  # an error takes the place of the slope
                s = s * get(work, error + i)
            put(work, dense + i, v)
            put(work, error + i, s)
            i += threads
    cuda.syncthreads()


def cross_entropy(work, value, error, outputs, label, scale):
    """The loss of one point, as in ``gdsim.engine.backprop.cross_entropy``."""
    top = get(work, value)
    for o in range(1, outputs):
        z = get(work, value + o)
        top = z if z > top else top
    for o in range(outputs):
        put(work, error + o, exponential(get(work, value + o) - top))
    whole = get(work, error)
    for o in range(1, outputs):
        whole += get(work, error + o)
    for o in range(outputs):
        s = get(work, error + o) / whole
        if o == label:
            s = s - NUMBER(1.0)
        put(work, error + o, s * scale)
    return logarithm(whole) - (get(work, value + label) - top)


def backward(work, inputs, table, length, first, count, fresh, mine, threads):
    """The errors of the last layer back through all layers; adds to the gradient, which lies ``length`` before the weights, or where
    ``fresh`` sets it.
    """
    none = NUMBER(0.0)
    for layer in range(table.shape[0] - 1, -1, -1):
        rows, outputs, wide, error = table[layer, INPUTS], table[layer, OUTPUTS], table[layer, WIDE], table[layer, ERROR]
        weight = table[layer, WEIGHT]
        group = mine
        while group < (rows + 3 >> 2) * outputs:
            j, o = group // outputs * 4, group % outputs
            left, to = rows - j, weight - length + j * wide + o
            p, q, r, s = none, none, none, none
            if not fresh:
                p, q = get(work, to), get(work, to + min(1, left - 1) * wide)
                r, s = get(work, to + min(2, left - 1) * wide), get(work, to + min(3, left - 1) * wide)
            if layer == 0:
                p, q, r, s = four_sums(inputs, first * rows + j, 1, left, rows, work, error + o, outputs, count, p, q, r, s)
            else:
                p, q, r, s = four_sums(work, table[layer - 1, VALUE] + j, 1, left, rows, work, error + o, outputs, count, p, q, r, s)
            put_four(work, to, wide, left, p, q, r, s)
            group += threads
        # From the other end: who had more of the weights has fewer of the biases.
        o = threads - 1 - mine
        while o < outputs:
            to = table[layer, BIAS] - length + o
            p = none if fresh else get(work, to)
            for i in range(count):
                p = p + get(work, error + i * outputs + o)
            put(work, to, p)
            o += threads
        if layer > 0:
            under = table[layer - 1, ERROR]
            group = mine
            while group < (count + 3 >> 2) * rows:
                i, j = group // rows * 4, group % rows
                left, to = count - i, under + i * rows + j
                p, q, r, s = four_sums(
                    work, error + i * outputs, outputs, left, 1, work, weight + j * wide, 1, outputs, none, none, none, none
                )
                p, q = fma(p, get(work, to), none), fma(q, get(work, to + min(1, left - 1) * rows), none)
                r, s = fma(r, get(work, to + min(2, left - 1) * rows), none), fma(s, get(work, to + min(3, left - 1) * rows), none)
                put_four(work, to, rows, left, p, q, r, s)
                group += threads
        cuda.syncthreads()


def pull(work, table, length, l1, l2, mine, threads):
    """Adds the slopes of the penalties on linear weights to the gradient."""
    one, none = NUMBER(1.0), NUMBER(0.0)
    for layer in range(table.shape[0]):
        i = table[layer, WEIGHT] + mine
        while i < table[layer, BIAS]:
            w = get(work, i)
            sign = one if w > none else -one if w < none else none
            put(work, i - length, get(work, i - length) + l2 * w + l1 * sign)
            i += threads
    cuda.syncthreads()


def penalty(work, table, l1, l2):
    """What the penalties cost: two chains over all linear weights, which no other thread can help with."""
    absolute, square = NUMBER(0.0), NUMBER(0.0)
    for layer in range(table.shape[0]):
        for j in range(table[layer, INPUTS]):
            begin = table[layer, WEIGHT] + j * table[layer, WIDE]
            for i in range(begin, begin + table[layer, OUTPUTS]):
                w = get(work, i)
                absolute += abs(w)
                square += w * w
    return l1 * absolute + l2 * square * NUMBER(0.5)


def square_sum(work, chains, sums, mine, threads):
    """The sum of squares of ``gdsim.engine.backprop.square_sum``, told to all. ``chains`` (most * 4 PAD,) says which places belong to each
    chain, filled up with that of a 0; ``sums`` is the place of 4 PAD numbers to work in.
    """
    chain = mine
    while chain < 4 * PAD:
        a = NUMBER(0.0)
        for k in range(chain, chains.size, 4 * PAD):
            v = get(work, chains[k])
            a = fma(v, v, a)
        put(work, sums + chain, a)
        chain += threads
    cuda.syncthreads()
    count = 4 * PAD
    while count > 2:  # two halvings at once
        quarter = count // 4
        i = sums + mine
        while i < sums + quarter:
            p, q = get(work, i) + get(work, i + 2 * quarter), get(work, i + quarter) + get(work, i + 3 * quarter)
            put(work, i, p + q)
            i += threads
        cuda.syncthreads()
        count = quarter
    return get(work, sums) + get(work, sums + 1) if count == 2 else get(work, sums)
