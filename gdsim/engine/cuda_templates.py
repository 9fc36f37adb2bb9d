"""The loop of one thread on a graphics card: one run, in the numbers of ``gdsim.engine.templates.block``, bit for bit.

Names that stand free mean what they mean there; ``cuda`` is the compiler's module. A block on the processor keeps runs side by side and
lets those that have ended stand still; a thread simply returns.
"""

# mypy: ignore-errors
# ruff: noqa: F821

from gdsim.engine.intrinsics import fma
from gdsim.engine.single import number
from gdsim.engine.templates import CONVERGED, DIVERGED, RUNNING


def one_run(
    weights, slots, shared, memory, calm, params, data, hyper, trouble, pacing, table, stages, own_stages, cut, orders, known,
    first, steps, closing, tolerance, limit, seeds, streams, low, high, taken, losses, best, evaluations, status,
):  # fmt: skip
    """Takes run ``low`` + the thread's number through ``steps`` steps, numbered from ``first``, and where ``closing`` looks at the point
    after the last.

    Arrays are flat: quantity after quantity, each with a number a run, so that neighbouring threads read neighbouring numbers. What all
    runs have in common is there once: the parameters of the landscape and of the optimizer, its limits, ``trouble``, seeds and streams.
    Ends (``losses``, ``status``) are written where a run ends, or by a closing call; everything else by every call.
    """
    run = low + cuda.grid(1)
    if run >= high:
        return
    if status[run] != RUNNING:
        return
    runs = taken.size
    x, y = weights[run], weights[runs + run]
    each = params.size > PARAMS
    values = values_of(params, run if each else 0, runs if each else 1, data)
    each = hyper.size > HYPER + LIMITS
    at, stride = (run, runs) if each else (0, 1)
    rates = gather_hyper(hyper, at, stride)
    limits = gather_limits(hyper, HYPER * stride + at, stride)
    each = trouble.size > TROUBLE
    noise = gather_trouble(trouble, run if each else 0, runs if each else 1)
    seed = seeds[run if seeds.size > 1 else 0]
    stream = streams[run if streams.size > 1 else 0]
    numbers = gather_pace(pacing, 0, 1)
    base = rates
    common = gather_shared(shared, run, runs)
    slots_x = gather_slots(slots, run, runs)
    slots_y = gather_slots(slots, SLOTS * runs + run, runs)
    remembered = gather_memory(memory, run, runs)
    calmed = gather_calm(calm, run, runs)
    if SAMPLED:
        own = run if own_stages.shape[1] > 1 else 0
        from_stage, to_stage = own_stages[0, own], own_stages[1, own]
        epoch = known[run]
    least = best[run]
    more = 0
    ending = RUNNING
    going = True
    k = 0  # steps taken; the one number of the loop besides the run's own
    while k < steps:
        step = first + k
        if WHOLE:
            loss, gx, gy = observe(x, y, values, noise, step, seed, stream)
        else:
            loss, gx, gy, epoch = batch(x, y, values, noise, orders, run, epoch, stages, from_stage, to_stage, cut, step, seed, stream)
        if WHOLE:
            least = loss if loss < least else least
        square = fma(gx, gx, gy * gy)
        if not fma(0.0, loss, square) <= limit:
            going = False
        if not MOVING and WHOLE and square <= tolerance:
            going = False
        if not going:
            break
        if PACED:
            rate, calmed = pace(base[0], table[0, k], table[1, k], loss, calmed, numbers)
            rates = (rate,) + base[1:]  # noqa: RUF005 (numba)
        if SAMPLED and WHOLE:
            _, gx, gy, epoch = batch(x, y, values, noise, orders, run, epoch, stages, from_stage, to_stage, cut, step, seed, stream)
        if DISTURBED:
            gx, gy, remembered = disturb(gx, gy, x, y, remembered, noise, step, seed, stream)
        if CLIPPED:
            gx, gy = clip(gx, gy, limits)
        common = advance(common, rates, number(step))
        x, y, slots_x, slots_y, spent = take_step(x, y, loss, gx, gy, slots_x, slots_y, common, rates, values, number(step))
        if COUNTED:
            more += spent
        k += 1
    count = taken[run] + k
    if closing or not going:
        loss, gx, gy = observe(x, y, values, noise, count + 1, seed, stream)
        least = loss if loss < least else least
        square = fma(gx, gx, gy * gy)
        if not MOVING and square <= tolerance:
            ending = CONVERGED
        if not fma(0.0, loss, square) <= limit:
            ending = DIVERGED
        if not WHOLE and not going:
            ending = DIVERGED
        losses[run] = loss
    weights[run] = x
    weights[runs + run] = y
    scatter_slots(slots, run, runs, slots_x)
    scatter_slots(slots, SLOTS * runs + run, runs, slots_y)
    scatter_shared(shared, run, runs, common)
    scatter_memory(memory, run, runs, remembered)
    scatter_calm(calm, run, runs, calmed)
    if SAMPLED:
        known[run] = epoch
    taken[run] = count
    best[run] = least
    evaluations[run] += more if COUNTED else k
    status[run] = ending
