"""Kernel templates: the loops. ``specialise`` gives the names that stand free here their functions and constants.

- ``value_and_gradient``, ``update`` and ``advance`` are the leaves of a landscape and an optimizer (see their records).
- ``observe`` is what the run sees of the landscape: ``still``, or a leaf that moves it with the step. MOVING says which.
- ``take_step`` moves all weights: ``elementwise``, which applies ``update`` to each, or the leaf of a method that looks at them together.
- ``pace`` (where PACED) gives the learning rate of a step, ``disturb`` (where DISTURBED) what noise makes of the gradient, and ``clip``
  (where CLIPPED) what is left of it if it is too long; the limits are LIMITS rows below those of the optimizer's parameters.
- ``batch`` (where SAMPLED) gives the gradient of a mini-batch, which the optimizer sees in the place of the whole set's; without WHOLE a
  block does not ask what the whole set's is.
- ``values_of`` makes of the parameters what the landscape's leaves get: ``parameters``, or ``parameters_and_data`` for one made of data.
- SLOTS, SHARED, CALM, MEMORY, PARAMS, HYPER, TROUBLE and PACE count their numbers; ``gather_*`` and ``scatter_*`` (``gdsim.engine.gather``)
  pick that many. ON are the optimizer's switches, LANES the width of a block, SHARED_BY_ALL whether its runs share ``shared``, TROUBLE_EACH
  whether each has ``trouble`` of its own, COUNTED whether evaluations are counted.

What a variant does not use costs nothing: it is not compiled.

``number`` (``gdsim.engine.single``) marks whole numbers that meet floats, for blocks in single precision.

A run ends at the first point that is not finite or steeper than the limit (diverged), or not steeper than the tolerance (converged).
Both are functions of the position alone, so a run that has ended stays where it is without a flag; a landscape that moves needs one.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import numpy as np

from gdsim.engine.intrinsics import borrowed, fma
from gdsim.engine.single import number

RUNNING, CONVERGED, DIVERGED = 0, 1, 2


def parameters(params, i, stride, data):
    """``values_of`` of a closed form."""
    return gather_params(params, i, stride)


def parameters_and_data(params, i, stride, data):
    """``values_of`` of a landscape made of data: the pair (parameters, data)."""
    return gather_params(params, i, stride), borrowed(data)


def at_points(x, y, params, data, out):
    """``out[:, i] = three_numbers(x[i], y[i], values)``, ``values`` made of params and data."""
    values = values_of(params, 0, 1, data)
    for i in range(x.size):
        out[0, i], out[1, i], out[2, i] = three_numbers(x[i], y[i], values)


def still(x, y, values, trouble, step, seed, stream):
    """``observe`` of a landscape that stays as it is."""
    return value_and_gradient(x, y, values)


def elementwise(x, y, loss, gx, gy, slots_x, slots_y, common, rates, values, step):
    """``take_step`` of an optimizer that treats every weight on its own; it needs the one evaluation that was made."""
    x, slots_x = update(x, gx, slots_x, common, rates, ON, step)
    y, slots_y = update(y, gy, slots_y, common, rates, ON, step)
    return x, y, slots_x, slots_y, 1


def by_table(rate, offset, factor, loss, calm, numbers):
    """``pace`` of a schedule that is known beforehand: the rate of step k is offset[k] + factor[k] * rate."""
    return offset + factor * rate, calm


def record(
    weights, slots, shared, memory, calm, params, data, hyper, trouble, pacing, table, stages, own_stages, cut,
    first, steps, closing, tolerance, limit, seed, stream, positions, losses, gradients, used_rates, evaluations,
):  # fmt: skip
    """One run, every step recorded; returns (points recorded, status). State (the first five arguments) is updated in place.

    Takes ``steps`` steps, numbered from ``first`` (1 for a new run), each recorded as the point before it; where ``closing`` the point
    after the last one is recorded too. ``tolerance`` and ``limit`` are squares of gradient norms. The gradients recorded are the
    landscape's, whatever noise or batch the optimizer saw; ``stages`` and ``cut`` say how data are cut into batches, and
    ``own_stages`` (2, 1) which rows of ``stages`` are the run's.
    ``table`` (2, steps + closing) holds the schedule's offsets and factors; the last point gets the rate that the step from it would have.
    """
    values = values_of(params, 0, 1, data)
    rates = gather_hyper(hyper, 0, 1)
    base = rates
    common = gather_shared(shared, 0, 1)
    x, y = weights[0], weights[1]
    slots_x = gather_slots(slots, 0, 1)
    slots_y = gather_slots(slots, SLOTS, 1)
    remembered = gather_memory(memory, 0, 1)
    calmed = gather_calm(calm, 0, 1)
    noise = gather_trouble(trouble, 0, 1)
    numbers = gather_pace(pacing, 0, 1)
    limits = gather_limits(hyper, HYPER, 1)
    if SAMPLED:
        orders = np.empty((1, data.shape[1]), np.int32)
        known = -1
        begin, end = own_stages[0, 0], own_stages[1, 0]
    status = RUNNING
    points = 0
    for k in range(steps + closing):
        loss, gx, gy = observe(x, y, values, noise, first + k, seed, stream)
        positions[k, 0] = x
        positions[k, 1] = y
        losses[k] = loss
        gradients[k, 0] = gx
        gradients[k, 1] = gy
        points = k + 1
        if PACED:
            rate, following = pace(base[0], table[0, k], table[1, k], loss, calmed, numbers)
            used_rates[k] = rate
        square = fma(gx, gx, gy * gy)
        if not fma(0.0, loss, square) <= limit:
            status = DIVERGED
            break
        if not MOVING and square <= tolerance:
            status = CONVERGED
            break
        if k == steps:
            break
        if PACED:
            calmed = following
            rates = (rate,) + base[1:]  # noqa: RUF005 (numba)
        if SAMPLED:
            _, gx, gy, known = batch(x, y, values, noise, orders, 0, known, stages, begin, end, cut, first + k, seed, stream)
        if DISTURBED:
            gx, gy, remembered = disturb(gx, gy, x, y, remembered, noise, first + k, seed, stream)
        if CLIPPED:
            gx, gy = clip(gx, gy, limits)
        common = advance(common, rates, first + k)
        x, y, slots_x, slots_y, spent = take_step(x, y, loss, gx, gy, slots_x, slots_y, common, rates, values, first + k)
        if COUNTED:
            evaluations[k] = spent
    weights[0], weights[1] = x, y
    scatter_slots(slots, 0, 1, slots_x)
    scatter_slots(slots, SLOTS, 1, slots_y)
    scatter_shared(shared, 0, 1, common)
    scatter_memory(memory, 0, 1, remembered)
    scatter_calm(calm, 0, 1, calmed)
    return points, status


def over_steps(params, first, seed, stream, draw, out):
    """``out[:, k] = three_numbers(params, first + k, seed, stream, draw)``."""
    values = gather_params(params, 0, 1)
    for k in range(out.shape[1]):
        out[0, k], out[1, k], out[2, k] = three_numbers(values, first + k, seed, stream, draw)


def block(
    weights, slots, shared, memory, calm, params, data, hyper, trouble, pacing, table, stages, own_stages, cut, orders, known,
    first, legs, tolerance, limit, seeds, streams, low, high, taken, losses, best, evaluations, status, passed, seen,
):  # fmt: skip
    """Runs ``low`` to ``high``, summaries only. Arrays hold one row a quantity and one column a run.

    State (the first five arguments) is updated in place; ``seeds`` and ``streams`` (n,) name each run's random numbers, ``own_stages``
    (2, n) its rows of ``stages``. Runs go ``legs`` (k, 2), of so many steps each, one after the other. The second number of a leg is the
    row of ``passed`` (marks, 2, n) and of ``seen`` (marks, n), if that is not empty, that gets the positions at its end and the losses
    there, or -1. ``losses`` and ``status`` get the loss where each run ended and how; ``taken`` (steps a run took), ``evaluations`` and
    ``best`` (the least loss it saw) go on from what they are. The numbers of a block lie in one scratch array, row after row, so that it
    stays in the first-level cache and LLVM sees that rows do not overlap.
    """
    x_at, y_at, taken_at, best_at, spent_at = 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES
    loss_at, square_at, slots_x_at = 5 * LANES, 6 * LANES, 7 * LANES
    slots_y_at = slots_x_at + SLOTS * LANES
    shared_at = slots_y_at + SLOTS * LANES
    memory_at = shared_at + SHARED * LANES
    calm_at = memory_at + MEMORY * LANES
    params_at = calm_at + CALM * LANES
    hyper_at = params_at + PARAMS * LANES
    limits_at = hyper_at + HYPER * LANES
    work = np.empty(limits_at + LIMITS * LANES, weights.dtype)
    noise = gather_trouble(trouble, 0, 1)
    numbers = gather_pace(pacing, 0, 1)
    if SAMPLED:
        lasting = orders.shape[0] > 0
        held = orders if lasting else np.empty((LANES, data.shape[1]), np.int32)
        places = borrowed(held)
    for begin in range(low, high, LANES):
        count = min(LANES, high - begin)
        load(work, x_at, LANES, weights, begin, count)
        for i in range(count):
            work[taken_at + i] = 0.0
            work[best_at + i] = best[begin + i]
            work[spent_at + i] = 0.0
        if SLOTS:
            load(work, slots_x_at, LANES, slots, begin, count)
        if SHARED:
            load(work, shared_at, LANES, shared, begin, count)
        if MEMORY:
            load(work, memory_at, LANES, memory, begin, count)
        if CALM:
            load(work, calm_at, LANES, calm, begin, count)
        if PARAMS:
            load(work, params_at, LANES, params, begin, count)
        load(work, hyper_at, LANES, hyper, begin, count)
        if SAMPLED:
            if not lasting:
                for i in range(count):
                    known[begin + i] = -1
            row = begin if lasting else 0
        common = gather_shared(work, shared_at, LANES)
        moved, over = 0, False
        end = first
        for leg in range(legs.shape[0]):
            start, end, mark = end, end + legs[leg, 0], legs[leg, 1]
            for step in range(end if over else start, end):
                common = advance(common, gather_hyper(work, hyper_at, LANES), number(step))
                for i in range(count):
                    x, y = work[x_at + i], work[y_at + i]
                    rates = gather_hyper(work, hyper_at + i, LANES)
                    values = values_of(work, params_at + i, LANES, data)
                    if TROUBLE_EACH:
                        noise = gather_trouble(trouble, begin + i, weights.shape[1])
                    seed, stream = seeds[begin + i], streams[begin + i]
                    if SAMPLED:
                        run = begin + i
                        from_stage, to_stage = own_stages[0, run], own_stages[1, run]
                        mean, mean_x, mean_y, known[run] = batch(
                            x, y, values, noise, places, row + i, known[run], stages, from_stage, to_stage, cut, step, seed, stream
                        )
                    if WHOLE:
                        loss, gx, gy = observe(x, y, values, noise, step, seed, stream)
                    else:
                        loss, gx, gy = mean, mean_x, mean_y
                    square = fma(gx, gx, gy * gy)
                    going = fma(0.0, loss, square) <= limit
                    there = work[taken_at + i] + taken[begin + i] == step - 1.0
                    if MOVING or not WHOLE:  # noqa: SIM108 (a statement is pruned)
                        going = going & there
                    else:
                        going = going & (square > tolerance)
                    if PACED:
                        calmed = gather_calm(work, calm_at + i, LANES)
                        rate, calmed = pace(rates[0], table[0, step - first], table[1, step - first], loss, calmed, numbers)
                        rates = (rate,) + rates[1:]  # noqa: RUF005
                        scatter_calm(work, calm_at + i, LANES, calmed)
                    if SAMPLED:
                        gx, gy = mean_x, mean_y
                    if DISTURBED:
                        remembered = gather_memory(work, memory_at + i, LANES)
                        gx, gy, remembered = disturb(gx, gy, x, y, remembered, noise, step, seed, stream)
                        scatter_memory(work, memory_at + i, LANES, remembered)
                    if CLIPPED:
                        gx, gy = clip(gx, gy, gather_limits(work, limits_at + i, LANES))
                    own = common
                    if not SHARED_BY_ALL:
                        own = advance(gather_shared(work, shared_at + i, LANES), rates, number(step))
                        scatter_shared(work, shared_at + i, LANES, own)
                    slots_x = gather_slots(work, slots_x_at + i, LANES)
                    slots_y = gather_slots(work, slots_y_at + i, LANES)
                    next_x, next_y, slots_x, slots_y, spent = take_step(
                        x, y, loss, gx, gy, slots_x, slots_y, own, rates, values, number(step)
                    )
                    work[x_at + i] = next_x if going else x
                    work[y_at + i] = next_y if going else y
                    scatter_slots(work, slots_x_at + i, LANES, slots_x)
                    scatter_slots(work, slots_y_at + i, LANES, slots_y)
                    work[taken_at + i] += 1.0 if going else 0.0
                    if MOVING:  # a run that has ended stands still, and what moves under it is nothing that it saw
                        loss = loss if there else work[best_at + i]
                    if WHOLE:
                        work[best_at + i] = loss if loss < work[best_at + i] else work[best_at + i]
                    if COUNTED:
                        work[spent_at + i] += spent if going else 0
                if step % 64 == 0:
                    now = 0
                    for i in range(count):
                        now += int(work[taken_at + i])
                    over = now == moved
                    if over:
                        break
                    moved = now
            for i in range(count):
                x, y = work[x_at + i], work[y_at + i]
                values = values_of(work, params_at + i, LANES, data)
                if TROUBLE_EACH:
                    noise = gather_trouble(trouble, begin + i, weights.shape[1])
                now = taken[begin + i] + int(work[taken_at + i])
                loss, gx, gy = observe(x, y, values, noise, now + 1, seeds[begin + i], streams[begin + i])
                work[loss_at + i] = loss
                work[square_at + i] = fma(gx, gx, gy * gy)
                work[best_at + i] = loss if loss < work[best_at + i] else work[best_at + i]
            if mark >= 0:
                for i in range(count):
                    passed[mark, 0, begin + i] = work[x_at + i]
                    passed[mark, 1, begin + i] = work[y_at + i]
                if seen.shape[0]:
                    for i in range(count):
                        seen[mark, begin + i] = work[loss_at + i]
        for i in range(count):
            loss, square = work[loss_at + i], work[square_at + i]
            weights[0, begin + i] = work[x_at + i]
            weights[1, begin + i] = work[y_at + i]
            taken[begin + i] += int(work[taken_at + i])
            evaluations[begin + i] += int(work[spent_at + i] if COUNTED else work[taken_at + i])
            losses[begin + i] = loss
            best[begin + i] = work[best_at + i]
            settled = not MOVING and square <= tolerance
            status[begin + i] = DIVERGED if not fma(0.0, loss, square) <= limit else CONVERGED if settled else RUNNING
            if not WHOLE and taken[begin + i] < end - 1:
                status[begin + i] = DIVERGED
            if SHARED_BY_ALL:
                scatter_shared(work, shared_at + i, LANES, common)
        if SLOTS:
            store(work, slots_x_at, LANES, slots, begin, count)
        if SHARED:
            store(work, shared_at, LANES, shared, begin, count)
        if MEMORY:
            store(work, memory_at, LANES, memory, begin, count)
        if CALM:
            store(work, calm_at, LANES, calm, begin, count)


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
