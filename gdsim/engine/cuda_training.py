"""Kernel template for graphics cards: a block of threads is one training of ``gdsim.engine.lane_training``, summaries only, bit for bit.

Names that stand free are those of ``gdsim.engine.lane_training``; ``cuda`` is the compiler's module. NEAR says whether a training's numbers
lie in the memory that the threads of a block share, and not in the card's.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.clip import BESIDE, cut
from gdsim.engine.cuda_backprop import backward, forward, penalty, pull, square_sum, take_losses
from gdsim.engine.cuda_layout import COMMON, DENSE, GOING, LENGTH, RATES, SIZE, SUMS, TILE
from gdsim.engine.intrinsics import fma
from gdsim.engine.layout import BIAS, INPUTS, OUTPUTS, VALUE, WEIGHT
from gdsim.engine.templates import CONVERGED, DIVERGED, RUNNING
from gdsim.engine.vectors import get, put


def train_block(
    weights, rows, scalars, slots, hyper, layer_rates, pacing, pace_table, table, chains, flat, places, inputs, wanted, labels,
    first, steps, total, l1, l2, tolerance, limit, losses, gradient_norms, taken, status, said,
):  # fmt: skip
    """Takes the training with the block's number through ``steps`` points of its way, numbered from ``first``; point ``total`` is the last.

    ``weights`` (n, w) are read at first and written at the end; ``rows`` (n, any) keep a training between calls, and so do ``scalars``
    (n * (SHARED + CALM),). ``slots`` (SLOTS, layers, n) are those to begin with, ``hyper`` (HYPER and limits, n) and ``layer_rates``
    (layers, n) each training's own; all three are flat. ``flat`` (w,) has the places of weights in PyTorch's order, ``places`` those of all
    else (``gdsim.engine.cuda_layout``). What is told of a training is as in ``gdsim.engine.lane_training.train_lanes``.
    """
    run, mine, threads = cuda.blockIdx.x, cuda.threadIdx.x, cuda.blockDim.x
    if status[run] != RUNNING:
        return
    runs, layers, length, tile = status.size, table.shape[0], places[LENGTH], places[TILE]
    begin_at, dense, sums, common_at, rates_at = table[0, WEIGHT], places[DENSE], places[SUMS], places[COMMON], places[RATES]
    outputs, value = table[layers - 1, OUTPUTS], table[layers - 1, VALUE]
    points = inputs.size // table[0, INPUTS]
    numbers = points if CLASSES else points * outputs
    scale = NUMBER(1.0 / numbers)
    work = cuda.shared.array(0, rows.dtype) if NEAR else rows[run]
    if NEAR or first == 0:
        i = mine
        while i < places[SIZE]:
            put(work, i, NUMBER(0.0))
            i += threads
        cuda.syncthreads()
        for layer in range(layers):
            h = mine
            while h < HYPER:
                put(work, rates_at + layer * HYPER + h, NUMBER(hyper[h * runs + run]))
                h += threads
    if first == 0:
        i = mine
        while i < weights.shape[1]:
            put(work, flat[i], weights[run, i])
            i += threads
        for layer in range(layers):
            end = table[layer, BIAS] + table[layer, OUTPUTS]
            for s in range(SLOTS):
                i = table[layer, WEIGHT] + mine
                while i < end:
                    put(work, i + (s + 1) * length, slots[(s * layers + layer) * runs + run])
                    i += threads
    elif NEAR:
        i = mine
        while i < (SLOTS + 1) * length:
            put(work, begin_at + i, rows[run, i])
            i += threads
    cuda.syncthreads()
    # One thread looks at what a training has once: its loss, its schedule, what all weights share.
    leading = mine == threads - 1
    at = run * (SHARED + CALM)
    rates = gather_hyper(hyper, run, runs)
    base = rates
    common = gather_shared(scalars, at, 1)
    calmed = gather_calm(scalars, at + SHARED, 1)
    pace_numbers = gather_pace(pacing, 0, 1)
    k, ended = first, False
    while k < first + steps:
        whole = np.float64(0.0)
        for begin in range(0, points, tile):
            count = min(tile, points - begin)
            forward(work, inputs, table, begin, count, mine, threads)
            if ended:  # once more through all tiles, for what the network says
                i = mine
                while i < count * outputs:
                    said[run, begin * outputs + i] = get(work, value + i)
                    i += threads
                cuda.syncthreads()
                continue
            take_losses(work, table, begin, count, wanted, labels, scale, dense, mine, threads)
            if leading:
                for i in range(dense, dense + (count if CLASSES else count * outputs)):
                    whole += get(work, i)
            backward(work, inputs, table, length, begin, count, begin == 0, mine, threads)
        if ended:
            break
        if PENALISED:
            pull(work, table, length, NUMBER(l1), NUMBER(l2), mine, threads)
        square = square_sum(work, chains, sums, mine, threads)
        if leading:
            mean = whole / numbers
            if PENALISED:
                mean += penalty(work, table, NUMBER(l1), NUMBER(l2))
            losses[run, k] = mean
            diverged = not fma(0.0, mean, np.float64(square)) <= limit
            if diverged or square <= tolerance or k == total:
                put(work, GOING, NUMBER(0.0))
                status[run] = DIVERGED if diverged else CONVERGED if square <= tolerance else RUNNING
                taken[run] = k
                gradient_norms[run] = math.sqrt(square)
            else:
                put(work, GOING, NUMBER(1.0))
                rate = rates[0]
                if PACED:
                    rate, calmed = pace(base[0], pace_table[0, k - first], pace_table[1, k - first], mean, calmed, pace_numbers)
                    rates = (rate,) + base[1:]  # noqa: RUF005 (numba)
                common = advance(common, rates, 1 + k)
                scatter_shared(work, common_at, 1, common)
                for layer in range(layers):
                    own = rate * layer_rates[layer * runs + run] if LAYERED else rate
                    put(work, rates_at + layer * HYPER, NUMBER(own))
        cuda.syncthreads()
        if get(work, GOING) == NUMBER(0.0):
            ended = True
            continue
        if CUT_VALUES:
            most = NUMBER(hyper[HYPER * runs + run])
            i = begin_at - length + mine
            while i < begin_at:
                put(work, i, cut(get(work, i), most))
                i += threads
            cuda.syncthreads()
            if CUT_NORM:
                square = square_sum(work, chains, sums, mine, threads)
        if CUT_NORM:
            share = hyper[(HYPER + CUT_VALUES) * runs + run] / (np.float64(math.sqrt(square)) + BESIDE)
            if share < 1.0:
                less = NUMBER(share)
                i = begin_at - length + mine
                while i < begin_at:
                    put(work, i, get(work, i) * less)
                    i += threads
            cuda.syncthreads()
        own = gather_shared(work, common_at, 1)
        for layer in range(layers):
            given = gather_hyper(work, rates_at + layer * HYPER, 1)
            end = table[layer, BIAS] + table[layer, OUTPUTS]
            i = table[layer, WEIGHT] + mine
            while i < end:
                held = gather_slots(work, i + length, length)
                go, held = update(get(work, i), get(work, i - length), held, own, given, ON, NUMBER(1 + k))
                put(work, i, go)
                scatter_slots(work, i + length, length, held)
                i += threads
        cuda.syncthreads()
        k += 1
    if not ended:
        if leading:
            scatter_shared(scalars, at, 1, common)
            scatter_calm(scalars, at + SHARED, 1, calmed)
        if NEAR:
            i = mine
            while i < (SLOTS + 1) * length:
                rows[run, i] = get(work, begin_at + i)
                i += threads
        return
    i = k + 1 + mine
    while i < total + 1:
        losses[run, i] = math.nan
        i += threads
    i = mine
    while i < weights.shape[1]:
        weights[run, i] = get(work, flat[i])
        i += threads
