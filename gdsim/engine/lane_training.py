"""Kernel template for many trainings of one network at once, summaries only: each lane of a vector is a network, as a run is in
``gdsim.engine.templates.block``. Names that stand free are those of ``gdsim.engine.training``; LANES is the count of numbers in a vector,
and TILE how many are moved together.

Every step sees all points, in their order. What a training alone computes (``gdsim.engine.training.train``) it computes here to the bit.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.clip import BESIDE, cut
from gdsim.engine.intrinsics import borrowed, fma
from gdsim.engine.lane_backprop import backward, forward, give_weights, penalise, square_sums, take_loss, take_weights
from gdsim.engine.layout import BIAS, OUTPUTS, VALUE, WEIGHT
from gdsim.engine.templates import CONVERGED, DIVERGED, RUNNING
from gdsim.engine.vectors import fill_registers, get, put


def train_lanes(
    weights, slots, shared, calm, hyper, layer_rates, pacing, pace_table, table, chains, length, work, tile, one, points, wanted, labels,
    steps, l1, l2, tolerance, limit, low, high, losses, gradient_norms, taken, status, said,
):  # fmt: skip
    """Trainings ``low`` to ``high``. ``weights`` (n, w) are moved on; ``slots`` (SLOTS, layers, n), ``shared`` and ``calm`` are those that
    all begin with, ``hyper`` (HYPER and limits, n) and ``layer_rates`` (layers, n) each training's own.

    ``work`` holds zeros, a one at place ``one``, the points and room for all else, at the places of ``table``. ``losses`` (n, steps + 1)
    gets the loss of every point of the way and is left as it is behind the end; ``taken`` steps were taken, ``gradient_norms`` and ``said``
    (n, outputs of all points) are those where it ended.
    """
    fill_registers()
    work, table, wanted, labels, chains, losses = (
        borrowed(work),
        borrowed(table),
        borrowed(wanted),
        borrowed(labels),
        borrowed(chains),
        borrowed(losses),
    )
    layers, last = table.shape[0], table.shape[0] - 1
    outputs, value = table[last, OUTPUTS], table[last, VALUE]
    numbers = points if CLASSES else points * outputs
    scale = NUMBER(1.0 / numbers)
    begin_at, most = table[0, WEIGHT], chains.size // (4 * PAD)
    gradient_at = begin_at + length
    kind = work.dtype
    ends = np.empty(length, kind)
    kept = np.empty(SLOTS * (length + layers * TILE), kind)
    dense = np.empty(tile * outputs * LANES, kind)
    sums = np.empty(4 * PAD * LANES, kind)
    penalties = np.empty(3 * LANES, kind)
    near_hyper, near_shared = np.zeros((HYPER + 1) * TILE, kind), np.zeros((SHARED + 1) * TILE, kind)
    far_hyper, far_shared, far_calm = np.empty((HYPER + 1) * LANES), np.empty((SHARED + 1) * LANES), np.empty((CALM + 1) * LANES)
    totals, squares, rates, shares = np.empty(LANES), np.empty(LANES, kind), np.empty(LANES), np.ones(LANES)
    over = np.empty(LANES, np.bool_)
    pace_numbers = gather_pace(pacing, 0, 1)
    for first_run in range(low, high, LANES):
        going = min(LANES, high - first_run)
        for lane in range(LANES):
            run = min(first_run + lane, high - 1)
            over[lane] = lane >= going
            take_weights(weights[run], lane, work, table)
            for h in range(HYPER):
                far_hyper[h * LANES + lane] = hyper[h, run]
            for s in range(SHARED):
                far_shared[s * LANES + lane] = shared[s]
            for s in range(CALM):
                far_calm[s * LANES + lane] = calm[s]
            at = 0
            for layer in range(layers):
                for _ in range(table[layer, WEIGHT], table[layer, BIAS] + table[layer, OUTPUTS] * LANES, TILE):
                    for s in range(SLOTS):
                        for i in range(lane, TILE, LANES):
                            kept[at + s * TILE + i] = slots[s, layer, run]
                    at += SLOTS * TILE
        for h in range(HYPER):
            spread_lanes(far_hyper, h, near_hyper)
        for k in range(steps + 1):
            step = 1 + k
            totals[:] = 0.0
            for begin in range(0, points, tile):
                count = min(tile, points - begin)
                forward(work, table, begin, count)
                take_loss(totals, work, table, begin, count, wanted, labels, scale, dense)
                backward(work, table, length, one, begin, count, begin == 0)
            for lane in range(LANES):
                totals[lane] = totals[lane] / numbers
            if PENALISED:
                penalise(work, table, length, NUMBER(l1), NUMBER(l2), penalties)
                for lane in range(LANES):
                    totals[lane] += penalties[lane]
            square_sums(work, gradient_at, chains, most, sums)
            for lane in range(LANES):
                squares[lane] = sums[lane]
            for lane in range(LANES):
                if over[lane]:
                    continue
                run, loss, square = first_run + lane, totals[lane], squares[lane]
                losses[run, k] = loss
                diverged = not fma(0.0, loss, square) <= limit
                if diverged or square <= tolerance or k == steps:
                    over[lane] = True
                    going -= 1
                    status[run] = DIVERGED if diverged else CONVERGED if square <= tolerance else RUNNING
                    taken[run] = k
                    gradient_norms[run] = math.sqrt(square)
                    for i in range(lane, length, LANES):
                        ends[i] = work[begin_at + i]
            if going == 0:
                break
            for lane in range(LANES):
                rates[lane] = far_hyper[lane]
                if PACED:
                    before = gather_calm(far_calm, lane, LANES)
                    rates[lane], after = pace(
                        hyper[0, min(first_run + lane, high - 1)], pace_table[0, k], pace_table[1, k], totals[lane], before, pace_numbers
                    )
                    scatter_calm(far_calm, lane, LANES, after)
                    far_hyper[lane] = rates[lane]
            if CUT_VALUES or CUT_NORM:
                shorten(work, gradient_at, length, chains, most, sums, squares, hyper, shares, first_run, high)
            for lane in range(LANES):
                common = advance(gather_shared(far_shared, lane, LANES), gather_hyper(far_hyper, lane, LANES), step)
                scatter_shared(far_shared, lane, LANES, common)
            for s in range(SHARED):
                spread_lanes(far_shared, s, near_shared)
            at = 0
            for layer in range(layers):
                if LAYERED:
                    for lane in range(LANES):
                        far_hyper[lane] = rates[lane] * layer_rates[layer, min(first_run + lane, high - 1)]
                if LAYERED or PACED:
                    spread_lanes(far_hyper, 0, near_hyper)
                end = table[layer, BIAS] + table[layer, OUTPUTS] * LANES
                for begin in range(table[layer, WEIGHT], end, TILE):
                    count = min(TILE, end - begin)
                    come, slope = work[begin : begin + count], work[length + begin : length + begin + count]
                    move(come, slope, kept[at : at + SLOTS * TILE], near_shared, near_hyper, step)
                    at += SLOTS * TILE
            if LAYERED:
                for lane in range(LANES):
                    far_hyper[lane] = rates[lane]
        for i in range(length):
            work[begin_at + i] = ends[i]
        going = min(LANES, high - first_run)
        for lane in range(going):
            give_weights(work, lane, weights[first_run + lane], table)
        for begin in range(0, points, tile):
            count = min(tile, points - begin)
            forward(work, table, begin, count)
            for i in range(count * outputs):
                for lane in range(going):
                    said[first_run + lane, begin * outputs + i] = work[value + i * LANES + lane]


def spread_lanes(far, row, near):
    """The numbers of the lanes over and over, as far as a tile goes, in the networks' precision."""
    for i in range(0, TILE, LANES):
        for lane in range(LANES):
            near[row * TILE + i + lane] = far[row * LANES + lane]


def shorten(work, gradient_at, length, chains, most, sums, squares, hyper, shares, first_run, high):
    """Cuts the gradients by value, then by norm."""
    if CUT_VALUES:
        for i in range(gradient_at, gradient_at + length, LANES):
            for lane in range(LANES):
                most_of_it = NUMBER(hyper[HYPER, min(first_run + lane, high - 1)])
                put(work, i + lane, cut(get(work, i + lane), most_of_it))
    if CUT_NORM:
        if CUT_VALUES:
            square_sums(work, gradient_at, chains, most, sums)
        for lane in range(LANES):
            norm = math.sqrt(sums[lane]) if CUT_VALUES else math.sqrt(squares[lane])
            shares[lane] = hyper[HYPER + CUT_VALUES, min(first_run + lane, high - 1)] / (norm + BESIDE)
        for lane in range(LANES):
            if shares[lane] < 1.0:
                less = NUMBER(shares[lane])
                for i in range(gradient_at + lane, gradient_at + length, LANES):
                    put(work, i, get(work, i) * less)


def move(weights, gradient, kept, near_shared, near_hyper, step):
    """One step of a tile of numbers, all of one layer; a tile has its slots side by side."""
    for i in range(weights.size):
        held, own, given = gather_slots(kept, i, TILE), gather_shared(near_shared, i, TILE), gather_hyper(near_hyper, i, TILE)
        go, held = update(get(weights, i), get(gradient, i), held, own, given, ON, NUMBER(step))
        put(weights, i, go)
        scatter_slots(kept, i, TILE, held)
