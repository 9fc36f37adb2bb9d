"""Kernel templates for networks: training step by step, loss and gradient of given points, outputs. ``gdsim.engine.learning`` calls them.

``specialise`` gives the names that stand free here and in ``gdsim.engine.backprop`` their meaning: leaves of a network, an optimizer and a
schedule, switches, WIDTH (numbers in a vector), PAD (numbers that rows are padded to) and NUMBER, the type that all arithmetic has.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.backprop import (
    backward,
    cross_entropy,
    elementwise_losses,
    forward,
    gather_up,
    penalise,
    spread_out,
    take_loss,
    take_points,
    turn,
)
from gdsim.engine.clip import BESIDE, cut
from gdsim.engine.intrinsics import borrowed, fma
from gdsim.engine.layout import INPUTS, OUTPUTS, VALUE, WEIGHT, WIDE
from gdsim.engine.templates import CONVERGED, DIVERGED, RUNNING
from gdsim.engine.vectors import fill_registers, get, put, square_sum


def outputs_of(weights, buffers, table, places, length, work, tile, inputs, out):
    """The outputs (n, outputs), flat, for all points of ``inputs``."""
    base, last = table[0, WEIGHT], table.shape[0] - 1
    spread_out(weights, work[base : base + length], places)
    value, wide, outputs = table[last, VALUE], table[last, WIDE], table[last, OUTPUTS]
    points = out.size // outputs
    everything = np.arange(points)
    for begin in range(0, points, tile):
        count = min(tile, points - begin)
        take_points(inputs, everything, begin, count, work, table)
        forward(buffers, work, table, count, False, 0, 0, 0, 0, 0)
        for i in range(count):
            for o in range(outputs):
                out[(begin + i) * outputs + o] = work[value + i * wide + o]


def slope(buffers, table, length, work, tile, dense, inputs, targets, labels, chosen, count, seed, stream, step, threshold):
    """The mean loss of the first ``count`` points of ``chosen``; its gradient is put behind the weights in ``work``."""
    outputs = table[table.shape[0] - 1, OUTPUTS]
    numbers = count if CLASSES else count * outputs
    scale = NUMBER(1.0 / numbers)
    total = 0.0
    turn(work, table)
    for begin in range(0, count, tile):
        together = min(tile, count - begin)
        take_points(inputs, chosen, begin, together, work, table)
        forward(buffers, work, table, together, True, seed, stream, step, begin, threshold)
        total = take_loss(total, work, table, together, chosen, begin, targets, labels, scale, dense)
        backward(work, table, length, together, begin == 0)
    return total / numbers


def mean_loss(said, outputs, targets, labels):
    """The mean loss of outputs ``said``, flat."""
    dense = np.empty(4 * said.size, said.dtype)
    dense[: said.size] = said
    points = said.size // outputs
    everything = np.arange(points)
    if CLASSES:
        return cross_entropy(0.0, dense, said.size, outputs, points, everything, 0, labels) / points
    return elementwise_losses(0.0, dense, said.size, outputs, points, everything, 0, targets) / said.size


def slopes(weights, buffers, table, places, length, work, tile, inputs, targets, labels, chosen, size, l1, l2, losses, gradients):
    """Losses and gradients, in PyTorch's order, of as many batches as ``losses`` has places, each of ``size`` of the points ``chosen``."""
    base = table[0, WEIGHT]
    dense = np.empty(4 * tile * table[table.shape[0] - 1, OUTPUTS], weights.dtype)
    spread_out(weights, work[base : base + length], places)
    for k in range(losses.size):
        some = chosen[k * size : (k + 1) * size]
        losses[k] = slope(buffers, table, length, work, tile, dense, inputs, targets, labels, some, size, 0, 0, 0, 0)
        if PENALISED:
            losses[k] += penalise(work, table, length, NUMBER(l1), NUMBER(l2))
        gather_up(work[base + length : base + 2 * length], gradients[k], places)


def train(
    weights, slots, shared, buffers, calm, hyper, pacing, pace_table, table, places, length, work, tile, inputs, targets, labels,
    order, chosen, real, moved, kept, dense, near_rates, far_shared, near_shared, still,
    layer_rates, ordered, first, steps, stages, shuffled, replacement, threshold, l1, l2, tolerance, limit, seed, stream,
    losses, gradient_norms, weight_norms, step_lengths, used_rates,
):  # fmt: skip
    """A training, every step recorded as the point before it; returns (rows recorded, status, ordered). State (the first five) is moved on.

    ``layer_rates`` (layers,) multiply the learning rate where LAYERED. ``order`` is that of epoch ``ordered``, or as points stand where
    that is -1. Steps are numbered from ``first``; ``stages`` say how they cut the points into batches. ``tolerance`` and ``limit`` are
    squares of gradient norms. The arrays of the second row are scratch space of the caller's, and like the data they are borrowed: to count
    references would take longer than a step on one point.
    """
    fill_registers()
    work, table, buffers, inputs, targets = borrowed(work), borrowed(table), borrowed(buffers), borrowed(inputs), borrowed(targets)
    labels, order, chosen, real, moved = borrowed(labels), borrowed(order), borrowed(chosen), borrowed(real), borrowed(moved)
    kept, dense, pace_table = borrowed(kept), borrowed(dense), borrowed(pace_table)
    near_rates, far_shared, near_shared, still = borrowed(near_rates), borrowed(far_shared), borrowed(near_shared), borrowed(still)
    stages, places = borrowed(stages), borrowed(places)
    losses, gradient_norms, weight_norms = borrowed(losses), borrowed(gradient_norms), borrowed(weight_norms)
    step_lengths, used_rates = borrowed(step_lengths), borrowed(used_rates)
    points = inputs.size // table[0, INPUTS]
    base = table[0, WEIGHT]
    padded, gradient = work[base : base + length], work[base + length : base + 2 * length]
    spread_out(np.ones(weights.size, weights.dtype), real, places)
    spread_out(weights, padded, places)
    for row in range(SLOTS):
        spread_out(slots[row], kept[row * length : (row + 1) * length], places)
    rates = gather_hyper(hyper, 0, 1)
    base = rates
    near_rates[:HYPER] = hyper[:HYPER]
    common = gather_shared(shared, 0, 1)
    calmed = gather_calm(calm, 0, 1)
    numbers = gather_pace(pacing, 0, 1)
    status, rows = RUNNING, 0
    for k in range(steps):
        step = first + k
        at, low, size = place(stages, 0, stages.shape[0], step)
        count = min(size, points - low)
        if replacement:
            count = size
            for i in range(size):
                chosen[i] = drawn(points, seed, stream, step, i)
        else:
            if shuffled and size < points and ordered != at:
                shuffle(order, seed, stream, at)
                ordered = at
            for i in range(count):
                chosen[i] = order[low + i]
        if BATCH_NORM:
            still[:] = buffers
        loss = slope(buffers, table, length, work, tile, dense, inputs, targets, labels, chosen, count, seed, stream, step, threshold)
        if PENALISED:
            loss += penalise(work, table, length, NUMBER(l1), NUMBER(l2))
        square = float(square_sum(gradient, 0, length))
        losses[k] = loss
        gradient_norms[k] = math.sqrt(square)
        weight_norms[k] = math.sqrt(square_sum(padded, 0, length))
        step_lengths[k] = math.nan
        rows = k + 1
        if PACED:
            rate, following = pace(base[0], pace_table[0, k], pace_table[1, k], loss, calmed, numbers)
            used_rates[k] = rate
        if not fma(0.0, loss, square) <= limit:
            status = DIVERGED
        elif square <= tolerance:
            status = CONVERGED
        if status != RUNNING:
            if BATCH_NORM:
                buffers[:] = still  # a step that is not taken moves no running statistics
            break
        if PACED:
            calmed = following
            rates = (rate,) + base[1:]  # noqa: RUF005 (numba)
            near_rates[0] = rate
        if CUT_VALUES:
            most = NUMBER(hyper[HYPER])
            for i in range(length):
                gradient[i] = cut(gradient[i], most)
        if CUT_NORM:
            norm = math.sqrt(square_sum(gradient, 0, length)) if CUT_VALUES else math.sqrt(square)
            share = hyper[HYPER + CUT_VALUES] / (norm + BESIDE)
            if share < 1.0:
                less = NUMBER(share)
                for i in range(length):
                    gradient[i] = gradient[i] * less
        common = advance(common, rates, step)
        scatter_shared(far_shared, 0, 1, common)
        for i in range(SHARED):
            near_shared[i] = far_shared[i]
        own = gather_shared(near_shared, 0, 1)
        if LAYERED:
            for layer in range(table.shape[0]):
                near_rates[0] = rates[0] * layer_rates[layer]
                begin = table[layer, WEIGHT] - table[0, WEIGHT]
                end = table[layer + 1, WEIGHT] - table[0, WEIGHT] if layer + 1 < table.shape[0] else length
                move(padded, gradient, kept, real, moved, begin, end, own, gather_hyper(near_rates, 0, 1), step)
        else:
            move(padded, gradient, kept, real, moved, 0, length, own, gather_hyper(near_rates, 0, 1), step)
        step_lengths[k] = math.sqrt(square_sum(moved, 0, length))
    gather_up(padded, weights, places)
    for row in range(SLOTS):
        gather_up(kept[row * length : (row + 1) * length], slots[row], places)
    scatter_shared(shared, 0, 1, common)
    scatter_calm(calm, 0, 1, calmed)
    return rows, status, ordered


def move(padded, gradient, kept, real, moved, begin, end, own, given, step):
    """One step of the weights from place ``begin`` to ``end``; what only fills rows stays 0."""
    for i in range(begin, end):
        held = gather_slots(kept, i, padded.size)
        come = get(padded, i)
        go, held = update(come, get(gradient, i), held, own, given, ON, NUMBER(step))
        go = go if get(real, i) > NUMBER(0.0) else NUMBER(0.0)
        scatter_slots(kept, i, padded.size, held)
        put(padded, i, go)
        put(moved, i, go - come)
