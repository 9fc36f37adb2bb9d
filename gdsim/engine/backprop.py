"""Backpropagation: some points forward through all layers of a network and back again. Leaves for ``gdsim.engine.training``.

``activation`` and ``finish`` (of the output) give a value and its slope, ``loss`` a point's loss and its slope at one output; ``table`` and
the places in it are those of ``gdsim.engine.layout``. BATCH_NORM, DROPOUT, FINISHED (whether the output has an activation) and CLASSES
(whether the loss is cross-entropy) choose code.

Sums over the points of a batch are chains in the batch's order, whatever their number, so no bit depends on how many go together.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

from gdsim.engine.layout import (
    BIAS,
    ERROR,
    FACTOR,
    FROM,
    INPUTS,
    OUTPUTS,
    RUNNING,
    SCALED,
    SHIFT,
    SLOPE,
    SPREAD,
    STRIDE,
    TURNED,
    UNIT,
    VALUE,
    WEIGHT,
    WIDE,
)
from gdsim.engine.products import accumulate, multiply_row
from gdsim.engine.vectors import get, load, multiply_add, put, spread, store, transpose

ZEROS = 0
EPS = 1e-5
MOMENTUM = 0.1
"""What batch normalisation adds to a variance, and the share of a new mean in the running one: torch's."""

DROPOUT_DRAW = 0xC000_0000
"""First number of the draws that say which units a step leaves out; batches use those below."""


def spread_out(flat, padded, places):
    """The weights in their padded places, from PyTorch's order; all other places 0."""
    padded[:] = NUMBER(0.0)
    for i in range(flat.size):
        padded[places[i]] = flat[i]


def gather_up(padded, flat, places):
    """The inverse."""
    for i in range(flat.size):
        flat[i] = padded[places[i]]


def turn(work, table):
    """The matrices of all layers but the first, turned: what errors are sent back through. A single row is a column as it lies."""
    for layer in range(1, table.shape[0]):
        if table[layer, WIDE] == 1:
            break
        wide, stride = table[layer, WIDE], table[layer, STRIDE]
        come, go, inputs, outputs = table[layer, WEIGHT], table[layer, TURNED], table[layer, INPUTS], table[layer, OUTPUTS]
        whole_inputs = inputs // WIDTH * WIDTH
        for j in range(0, whole_inputs, WIDTH):
            for o in range(0, wide, WIDTH):
                transpose(work, go + o * stride + j, stride, work, come + j * wide + o, wide)
        for j in range(whole_inputs, inputs):
            for o in range(outputs):
                put(work, go + o * stride + j, get(work, come + j * wide + o))


def take_points(inputs, chosen, begin, count, work, table):
    """The inputs of points ``chosen[begin : begin + count]`` into the scratch array."""
    features = table[0, INPUTS]
    at = table[0, FROM]
    for i in range(count):
        come = chosen[begin + i] * features
        for j in range(features):
            put(work, at + j, get(inputs, come + j))
        at += features


def forward(buffers, work, table, count, training, seed, stream, step, first, threshold):
    """The first ``count`` points of the scratch array through all layers. Where ``training`` with what only training does: statistics of
    the batch, units left out, for which ``first`` is the place of the first point in its batch.
    """
    last = table.shape[0] - 1
    for layer in range(last + 1):
        inputs, wide, weight, bias, come, stride, value = (
            table[layer, INPUTS],
            table[layer, WIDE],
            table[layer, WEIGHT],
            table[layer, BIAS],
            table[layer, FROM],
            table[layer, STRIDE],
            table[layer, VALUE],
        )
        if wide == 1:
            multiply_row(work, value, bias, come, stride, weight, count, inputs)
        else:
            accumulate(work, value, wide, bias, 0, come, stride, 1, weight, wide, count, wide, inputs)
        if layer < last:
            if BATCH_NORM:
                if training:
                    take_statistics(buffers, work, table, layer, count)
                else:
                    recall_statistics(buffers, work, table, layer, count)
                scaled, factor, shift = table[layer, SCALED], table[layer, FACTOR], table[layer, SHIFT]
                for i in range(0, count * wide, wide):
                    for u in range(wide):
                        put(work, value + i + u, get(work, factor + u) * get(work, scaled + i + u) + get(work, shift + u))
            # Whole rows: a compiler that knows it leaves out what would be left over.
            activate(activation, work, value, table[layer, SLOPE], count * wide // PAD * PAD)
            if DROPOUT and training:
                drop(work, table, layer, count, seed, stream, step, first, threshold)
        elif FINISHED:
            activate(finish, work, value, table[layer, SLOPE], count * wide)


def activate(curve, work, value, slope, count):
    """Each of ``count`` values becomes that of ``curve``, whose slope goes to place ``slope`` and on."""
    for i in range(count):
        a, s = curve(get(work, value + i))
        put(work, value + i, a)
        put(work, slope + i, s)


def take_statistics(buffers, work, table, layer, count):
    """Batch normalisation in training: values less the batch's mean, over its deviation; the running numbers move towards both."""
    wide, value, scaled, inverses, outputs = (
        table[layer, WIDE],
        table[layer, VALUE],
        table[layer, SCALED],
        table[layer, SPREAD],
        table[layer, OUTPUTS],
    )
    for u in range(wide):
        total = NUMBER(0.0)
        for i in range(count):
            total += get(work, value + i * wide + u)
        centre = total / NUMBER(count)
        total = NUMBER(0.0)
        for i in range(count):
            away = get(work, value + i * wide + u) - centre
            total += away * away
        inverse = NUMBER(1.0) / math.sqrt(total / NUMBER(count) + NUMBER(EPS))
        put(work, inverses + u, inverse)
        for i in range(count):
            put(work, scaled + i * wide + u, (get(work, value + i * wide + u) - centre) * inverse)
        if u < outputs:
            at = table[layer, RUNNING] + u
            buffers[at] = NUMBER(1.0 - MOMENTUM) * buffers[at] + NUMBER(MOMENTUM) * centre
            at += outputs
            buffers[at] = NUMBER(1.0 - MOMENTUM) * buffers[at] + NUMBER(MOMENTUM) * (total / NUMBER(count - 1))


def recall_statistics(buffers, work, table, layer, count):
    """Batch normalisation in use: by the running mean and variance."""
    wide, value, scaled, outputs = table[layer, WIDE], table[layer, VALUE], table[layer, SCALED], table[layer, OUTPUTS]
    for u in range(outputs):
        centre = buffers[table[layer, RUNNING] + u]
        inverse = NUMBER(1.0) / math.sqrt(buffers[table[layer, RUNNING] + outputs + u] + NUMBER(EPS))
        for i in range(count):
            put(work, scaled + i * wide + u, (get(work, value + i * wide + u) - centre) * inverse)


def drop(work, table, layer, count, seed, stream, step, first, threshold):
    """Leaves units out, and makes up for them by making the others larger; the same for the slopes."""
    wide, value, slope = table[layer, WIDE], table[layer, VALUE], table[layer, SLOPE]
    units = table[table.shape[0] - 1, UNIT]
    kept = NUMBER(4294967296.0 / (4294967296 - threshold))
    for i in range(count):
        draw = DROPOUT_DRAW + (first + i) * units + table[layer, UNIT]
        for u in range(table[layer, OUTPUTS]):
            stays = word(seed, stream, step, draw + u) >= threshold
            factor = kept if stays else NUMBER(0.0)
            at = i * wide + u
            put(work, value + at, get(work, value + at) * factor)
            put(work, slope + at, get(work, slope + at) * factor)


def take_loss(total, work, table, count, chosen, begin, targets, labels, scale, dense):
    """``total`` and the points' losses, one after the other; and their derivatives, times ``scale``, by what the last layer sums up.

    ``dense`` holds 4 numbers for every output of every point.
    """
    layer = table.shape[0] - 1
    wide, value, error, outputs = table[layer, WIDE], table[layer, VALUE], table[layer, ERROR], table[layer, OUTPUTS]
    numbers = count * outputs
    for i in range(count):
        for o in range(outputs):
            put(dense, i * outputs + o, get(work, value + i * wide + o))
    if CLASSES:
        total = cross_entropy(total, dense, numbers, outputs, count, chosen, begin, labels)
    else:
        total = elementwise_losses(total, dense, numbers, outputs, count, chosen, begin, targets)
    for i in range(count):
        for o in range(outputs, wide):
            put(work, error + i * wide + o, NUMBER(0.0))
        for o in range(outputs):
            s = get(dense, 3 * numbers + i * outputs + o) * scale
            if FINISHED:
                s = s * get(work, table[layer, SLOPE] + i * wide + o)
            put(work, error + i * wide + o, s)
    return total


def elementwise_losses(total, dense, numbers, outputs, count, chosen, begin, targets):
    """``total`` and the losses of outputs ``dense[:numbers]``; their slopes are put into its last quarter."""
    for i in range(count):
        come = chosen[begin + i] * outputs
        for o in range(outputs):
            put(dense, numbers + i * outputs + o, get(targets, come + o))
    for i in range(numbers):
        v, s = loss(get(dense, i), get(dense, numbers + i))
        put(dense, 2 * numbers + i, v)
        put(dense, 3 * numbers + i, s)
    for i in range(2 * numbers, 3 * numbers):
        total += get(dense, i)
    return total


def cross_entropy(total, dense, numbers, outputs, count, chosen, begin, labels):
    """As ``elementwise_losses``: -log of the share that the right class has in the sum of e^z. The largest z is taken off first, so that no
    exponential overflows.
    """
    for i in range(count):
        top = get(dense, i * outputs)
        for o in range(1, outputs):
            z = get(dense, i * outputs + o)
            top = z if z > top else top
        for o in range(outputs):
            put(dense, i * outputs + o, get(dense, i * outputs + o) - top)
    for i in range(numbers):
        put(dense, numbers + i, exponential(get(dense, i)))
    for i in range(count):
        label = labels[chosen[begin + i]]
        whole = get(dense, numbers + i * outputs)
        for o in range(1, outputs):
            whole += get(dense, numbers + i * outputs + o)
        total += logarithm(whole) - get(dense, i * outputs + label)
        for o in range(outputs):
            put(dense, 3 * numbers + i * outputs + o, get(dense, numbers + i * outputs + o) / whole)
        at = 3 * numbers + i * outputs + label
        put(dense, at, get(dense, at) - NUMBER(1.0))
    return total


def backward(work, table, length, count, fresh):
    """The errors of the last layer back through all layers; adds to the gradient, or where ``fresh`` sets it."""
    nothing = load(work, ZEROS)
    for layer in range(table.shape[0] - 1, -1, -1):
        wide, error, stride = table[layer, WIDE], table[layer, ERROR], table[layer, STRIDE]
        if BATCH_NORM and layer < table.shape[0] - 1:
            through_statistics(work, table, layer, length, count)
        if count == 1 and fresh:
            set_gradient(work, table, layer, length)
        else:
            add_gradient(work, table, layer, length, count, fresh)
        if layer > 0:
            under, slope, outputs = table[layer - 1, ERROR], table[layer - 1, SLOPE], table[layer, OUTPUTS]
            accumulate(work, under, stride, ZEROS, 0, error, wide, 1, table[layer, TURNED], stride, count, stride, outputs)
            for i in range(0, count * stride, WIDTH):
                store(work, under + i, multiply_add(load(work, under + i), load(work, slope + i), nothing))


def add_gradient(work, table, layer, length, count, fresh):
    """A layer's share in the gradient of so many points; that of the biases is of a row of weights whose input is the one."""
    wide, error, inputs = table[layer, WIDE], table[layer, ERROR], table[layer, INPUTS]
    weight, bias = table[layer, WEIGHT] + length, table[layer, BIAS] + length
    for to, come, stride, many in ((weight, table[layer, FROM], table[layer, STRIDE], inputs), (bias, table[0, WEIGHT] - PAD, 0, 1)):
        x, x_row, x_term, y, y_term, rows, columns = come, 1, stride, error, wide, many, wide
        if wide == 1:  # a column of errors meets rows of inputs
            x, x_row, x_term, y, y_term, rows, columns = error, 0, 1, come, stride, 1, -(-many // PAD) * PAD
        accumulate(work, to, wide, ZEROS if fresh else to, 0 if fresh else wide, x, x_row, x_term, y, y_term, rows, columns, count)
    if wide == 1:
        clear_filling(work, weight + inputs, bias)


def clear_filling(work, begin, bias):
    """Behind the last input and behind the bias there is no weight: what fills up rows met what fills up those of the inputs."""
    kept = get(work, bias)
    for i in range(begin, bias + PAD):
        put(work, i, NUMBER(0.0))
    put(work, bias, kept)


def set_gradient(work, table, layer, length):
    """As ``add_gradient`` for a single point, and fresh: there is no sum, so nothing is to be kept in registers."""
    wide, error, inputs, come = table[layer, WIDE], table[layer, ERROR], table[layer, INPUTS], table[layer, FROM]
    weight, bias = table[layer, WEIGHT] + length, table[layer, BIAS] + length
    nothing = load(work, ZEROS)
    if wide == 1:
        factor = spread(work, error)
        for j in range(0, inputs, WIDTH):
            store(work, weight + j, multiply_add(load(work, come + j), factor, nothing))
        put(work, bias, get(work, error) + NUMBER(0.0))  # as in a sum, -0 becomes 0
        clear_filling(work, weight + inputs, bias)
    else:
        one = spread(work, table[0, WEIGHT] - PAD)
        for o in range(0, wide, WIDTH):
            factor, at = load(work, error + o), weight + o
            for j in range(inputs):
                store(work, at, multiply_add(spread(work, come + j), factor, nothing))
                at += wide
            store(work, at, multiply_add(one, factor, nothing))


def through_statistics(work, table, layer, length, count):
    """The errors of normalised values become those of the values; the whole batch is there, so the gradient is set."""
    wide, error, scaled, inverses = table[layer, WIDE], table[layer, ERROR], table[layer, SCALED], table[layer, SPREAD]
    for u in range(wide):
        shift, factor = NUMBER(0.0), NUMBER(0.0)
        for i in range(count):
            e = get(work, error + i * wide + u)
            shift += e
            factor += e * get(work, scaled + i * wide + u)
        work[table[layer, FACTOR] + length + u] = factor
        work[table[layer, SHIFT] + length + u] = shift
        share = work[table[layer, FACTOR] + u] * work[inverses + u]
        shift, factor = shift / NUMBER(count), factor / NUMBER(count)
        for i in range(count):
            at = i * wide + u
            put(work, error + at, share * (get(work, error + at) - shift - get(work, scaled + at) * factor))


def penalise(work, table, length, l1, l2):
    """Adds the slopes of the penalties on linear weights to the gradient; returns the penalties."""
    absolute, square = NUMBER(0.0), NUMBER(0.0)
    for layer in range(table.shape[0]):
        begin, end = table[layer, WEIGHT], table[layer, BIAS]
        pull(work, begin, end, length, l1, l2)
        for i in range(begin, end):
            w = get(work, i)
            absolute += abs(w)
            square += w * w
    return l1 * absolute + l2 * square * NUMBER(0.5)


def pull(work, begin, end, length, l1, l2):
    """Adds the slopes of the penalties on the weights in places ``begin`` to ``end`` to the gradient."""
    one, none = NUMBER(1.0), NUMBER(0.0)
    for i in range(begin, end):
        w = get(work, i)
        sign = one if w > none else -one if w < none else none
        put(work, length + i, get(work, length + i) + l2 * w + l1 * sign)
