"""Kernel templates: the loops. ``specialise`` gives the names that stand free here their functions and constants.

``value_and_gradient``, ``update`` and ``advance`` are the leaves of a landscape and an optimizer (see their records); ``gather_*`` and
``scatter_*`` come from ``gdsim.engine.gather``; SLOTS, SHARED, PARAMS and HYPER count them, ON the optimizer's switches, LANES the
width of a block, SHARED_BY_ALL whether every run of the block shares the optimizer's ``shared`` numbers.

A run ends at the first point that is not finite or steeper than the limit (diverged), or not steeper than the tolerance (converged).
Both are functions of the position alone, so a run that has ended stays where it is without a flag.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import numpy as np

from gdsim.engine.intrinsics import fma

RUNNING, CONVERGED, DIVERGED = 0, 1, 2


def at_points(x, y, params, out):
    """``out[:, i] = three_numbers(x[i], y[i], params)``."""
    values = gather_params(params, 0, 1)
    for i in range(x.size):
        out[0, i], out[1, i], out[2, i] = three_numbers(x[i], y[i], values)


def record(weights, slots, shared, params, hyper, first, steps, closing, tolerance, limit, positions, losses, gradients):
    """One run, every step recorded; returns (points recorded, status). ``weights``, ``slots`` and ``shared`` are updated in place.

    Takes ``steps`` steps, numbered from ``first`` (1 for a new run), each recorded as the point before it; where ``closing`` the point
    after the last one is recorded too. ``tolerance`` and ``limit`` are squares of gradient norms.
    """
    values = gather_params(params, 0, 1)
    rates = gather_hyper(hyper, 0, 1)
    common = gather_shared(shared, 0, 1)
    x, y = weights[0], weights[1]
    slots_x = gather_slots(slots, 0, 1)
    slots_y = gather_slots(slots, SLOTS, 1)
    status = RUNNING
    points = 0
    for k in range(steps + closing):
        loss, gx, gy = value_and_gradient(x, y, values)
        positions[k, 0] = x
        positions[k, 1] = y
        losses[k] = loss
        gradients[k, 0] = gx
        gradients[k, 1] = gy
        points = k + 1
        square = fma(gx, gx, gy * gy)
        if not fma(0.0, loss, square) <= limit:
            status = DIVERGED
            break
        if square <= tolerance:
            status = CONVERGED
            break
        if k == steps:
            break
        common = advance(common, rates, first + k)
        x, slots_x = update(x, gx, slots_x, common, rates, ON, first + k)
        y, slots_y = update(y, gy, slots_y, common, rates, ON, first + k)
    weights[0], weights[1] = x, y
    scatter_slots(slots, 0, 1, slots_x)
    scatter_slots(slots, SLOTS, 1, slots_y)
    scatter_shared(shared, 0, 1, common)
    return points, status


def block(weights, slots, shared, params, hyper, first, steps, tolerance, limit, low, high, taken, losses, best, status):
    """Runs ``low`` to ``high``, summaries only. Arrays hold one row a quantity and one column a run.

    ``weights`` (2 rows), ``slots`` (2 SLOTS rows) and ``shared`` are updated in place. ``losses`` and ``status`` get the loss where
    each run ended and how; ``taken`` (steps a run took) and ``best`` (the least loss it saw) go on from what they are. The numbers of
    a block lie in one scratch array, row after row, so that it stays in the first-level cache and LLVM sees that rows do not overlap.
    """
    x_at, y_at, taken_at, best_at, slots_x_at = 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES
    slots_y_at = slots_x_at + SLOTS * LANES
    shared_at = slots_y_at + SLOTS * LANES
    params_at = shared_at + SHARED * LANES
    hyper_at = params_at + PARAMS * LANES
    work = np.empty(hyper_at + HYPER * LANES)
    for begin in range(low, high, LANES):
        count = min(LANES, high - begin)
        end = begin + count
        work[x_at : x_at + count] = weights[0, begin:end]
        work[y_at : y_at + count] = weights[1, begin:end]
        work[taken_at : taken_at + count] = 0.0
        work[best_at : best_at + count] = best[begin:end]
        load(work, slots_x_at, LANES, slots, begin, count)
        load(work, shared_at, LANES, shared, begin, count)
        load(work, params_at, LANES, params, begin, count)
        load(work, hyper_at, LANES, hyper, begin, count)
        moved = 0.0
        common = gather_shared(work, shared_at, LANES)
        for step in range(first, first + steps):
            common = advance(common, gather_hyper(work, hyper_at, LANES), step)
            for i in range(count):
                x, y = work[x_at + i], work[y_at + i]
                rates = gather_hyper(work, hyper_at + i, LANES)
                loss, gx, gy = value_and_gradient(x, y, gather_params(work, params_at + i, LANES))
                square = fma(gx, gx, gy * gy)
                going = (fma(0.0, loss, square) <= limit) & (square > tolerance)
                own = common
                if not SHARED_BY_ALL:
                    own = advance(gather_shared(work, shared_at + i, LANES), rates, step)
                    scatter_shared(work, shared_at + i, LANES, own)
                next_x, slots_x = update(x, gx, gather_slots(work, slots_x_at + i, LANES), own, rates, ON, step)
                next_y, slots_y = update(y, gy, gather_slots(work, slots_y_at + i, LANES), own, rates, ON, step)
                work[x_at + i] = next_x if going else x
                work[y_at + i] = next_y if going else y
                scatter_slots(work, slots_x_at + i, LANES, slots_x)
                scatter_slots(work, slots_y_at + i, LANES, slots_y)
                work[taken_at + i] += 1.0 if going else 0.0
                work[best_at + i] = loss if loss < work[best_at + i] else work[best_at + i]
            if step % 64 == 0:
                now = work[taken_at : taken_at + count].sum()
                if now == moved:
                    break
                moved = now
        for i in range(count):
            x, y = work[x_at + i], work[y_at + i]
            loss, gx, gy = value_and_gradient(x, y, gather_params(work, params_at + i, LANES))
            square = fma(gx, gx, gy * gy)
            weights[0, begin + i] = x
            weights[1, begin + i] = y
            taken[begin + i] += int(work[taken_at + i])
            losses[begin + i] = loss
            best[begin + i] = loss if loss < work[best_at + i] else work[best_at + i]
            status[begin + i] = DIVERGED if not fma(0.0, loss, square) <= limit else CONVERGED if square <= tolerance else RUNNING
            if SHARED_BY_ALL:
                scatter_shared(work, shared_at + i, LANES, common)
        store(work, slots_x_at, LANES, slots, begin, count)
        store(work, shared_at, LANES, shared, begin, count)


def load(work, at, stride, rows, begin, count):
    """Copies columns ``begin`` and following of every row into the scratch array."""
    for row in range(rows.shape[0]):
        for i in range(count):
            work[at + row * stride + i] = rows[row, begin + i]


def store(work, at, stride, rows, begin, count):
    """The inverse of ``load``."""
    for row in range(rows.shape[0]):
        for i in range(count):
            rows[row, begin + i] = work[at + row * stride + i]
