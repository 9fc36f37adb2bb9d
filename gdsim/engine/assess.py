"""What became of each run of a block, judged from four points of its way and the curvature where it ended.

A template like those of ``gdsim.engine.templates``, with the same free names: ``value_and_gradient``, ``second_derivatives``,
``values_of``, PARAMS and LANES.
The rules are those by which a recorded run is judged, as far as four points tell; ``gdsim.simulation.sweep_verdict`` says how far.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.elementary import log
from gdsim.engine.intrinsics import fma
from gdsim.engine.templates import load, store

CONVERGED, TOO_SLOW, LOCAL_MINIMUM, SADDLE, PLATEAU, OVERSHOOTING, DIVERGED, NOISE_LIMITED = range(8)
GLOBAL, LOCAL, OTHER = 0.0, 1.0, 2.0
"""Kinds of stationary points."""

FLAT = 1e-12
"""Curvature below this share of the largest one counts as none."""
FAR, GROWTH, FLAT_SHARE = 10.0, 1e4, 0.05
LEAST = 2.2250738585072014e-308
"""A gap that is not above 0 is taken for this one, so that its logarithm is a number."""
STRAY = 0.25
"""A run whose last steps are as long as this, but that has gone nowhere since half-time, swings."""


def length(a, b):
    return math.sqrt(fma(a, a, b * b))


def eigen(hxx, hxy, hyy, dim):
    """Eigenvalues of a symmetric matrix, the smaller first, and the unit eigenvector of the larger."""
    if dim == 1:
        return hxx, hxx, 1.0, 0.0
    half = 0.5 * (hxx - hyy)
    radius = length(half, hxy)
    middle = 0.5 * (hxx + hyy)
    u, v = (radius + half, hxy) if half >= 0.0 else (hxy, radius - half)
    size = length(u, v)
    if size > 0.0:
        u, v = u / size, v / size
    else:
        u, v = 1.0, 0.0
    return middle - radius, middle + radius, u, v


def newton_length(gx, gy, low, high, u, v):
    """How far the quadratic model says it is to the stationary point; a direction without curvature is settled if it has no slope."""
    along, across = abs(u * gx + v * gy), abs(u * gy - v * gx)
    flat = FLAT * max(abs(low), abs(high))
    first = part(along, abs(high), flat)
    second = part(across, abs(low), flat)
    return length(first, second)


def part(slope, size, flat):
    if size <= flat:
        return 0.0 if slope == 0.0 else math.inf
    return slope / size


def jumps(ax, ay, bx, by, u, v, unit):
    """Whether two moves, one after the other, go to and fro along an axis of curvature."""
    a, b = u * ax + v * ay, u * bx + v * by
    across = a * b < 0.0 and min(abs(a), abs(b)) > unit
    a, b = u * ay - v * ax, u * by - v * bx
    return across or (a * b < 0.0 and min(abs(a), abs(b)) > unit)


def excursion(x, y, frame):
    """How far out a point lies, in half widths of the domain: up to 1 is inside."""
    return max(abs(x - frame[0]) / frame[1], abs(y - frame[2]) / frame[3])


def assess(
    starts, halves, befores, lasts, ends, params, data, ground, points, facts, best, taken, status, ended,
    frame, dim, steps, verdict, minimum, numbers,
):  # fmt: skip
    """Judges n runs. Points of the ways are (2, n): the start, half-time, the last two points before the end, and the end.

    ``params`` (PARAMS, n) are the landscape's parameters. Run i went over ground ``ground[i]``: ``points[g]`` (most, 4) holds the known
    stationary points (x, y, loss, kind), minima first, GLOBAL ones before LOCAL ones, and then points at infinity; ``facts[g]`` how many
    are minima, the least loss known (infinite if none is), whether the loss has a floor, and the typical slope. ``best``, ``taken`` and
    ``status`` are the summary of the block; ``ended`` the status with which a run ends (converged, diverged). ``frame`` is the domain's
    middle and half width in x, then in y, and the unit of length.

    Written: ``verdict`` and ``minimum`` (n,), and ``numbers`` (4, n): gradient norm, smallest and largest eigenvalue at the end, mean
    logarithm of the ratio of two gaps one after the other.

    As in ``templates.block``, the numbers of some runs at a time lie in one scratch array, so that the loops over runs vectorise.
    """
    start, half, before, prior, end = 0, 2 * LANES, 4 * LANES, 6 * LANES, 8 * LANES
    first_at, middle_at, last_at, gx_at, gy_at = 10 * LANES, 11 * LANES, 12 * LANES, 13 * LANES, 14 * LANES
    hxx_at, hxy_at, hyy_at = 15 * LANES, 16 * LANES, 17 * LANES
    known, best_at, taken_at, status_at = 18 * LANES, 22 * LANES, 23 * LANES, 24 * LANES
    nearest, distance, reached, reach = 25 * LANES, 26 * LANES, 27 * LANES, 28 * LANES
    point, kind_at, floor_at, verdict_at, numbers_at = 29 * LANES, 31 * LANES, 32 * LANES, 33 * LANES, 34 * LANES
    params_at = 38 * LANES
    work = np.empty(params_at + PARAMS * LANES)
    unit = frame[4]
    long = steps // 2
    several = points.shape[0] > 1
    for begin in range(0, ends.shape[1], LANES):
        count = min(LANES, ends.shape[1] - begin)
        load(work, start, LANES, starts, begin, count)
        load(work, half, LANES, halves, begin, count)
        load(work, before, LANES, befores, begin, count)
        load(work, prior, LANES, lasts, begin, count)
        load(work, end, LANES, ends, begin, count)
        if PARAMS:
            load(work, params_at, LANES, params, begin, count)
        for i in range(count):
            work[best_at + i], work[taken_at + i], work[status_at + i] = best[begin + i], taken[begin + i], status[begin + i]
        for fact in range(4):
            for i in range(count):
                work[known + fact * LANES + i] = facts[ground[begin + i] if several else 0, fact]

        for i in range(count):
            x, y = work[end + i], work[end + LANES + i]
            values = values_of(work, params_at + i, LANES, data)
            work[first_at + i], _, _ = value_and_gradient(work[start + i], work[start + LANES + i], values)
            work[middle_at + i], _, _ = value_and_gradient(work[half + i], work[half + LANES + i], values)
            work[last_at + i], work[gx_at + i], work[gy_at + i] = value_and_gradient(x, y, values)
            work[hxx_at + i], work[hxy_at + i], work[hyy_at + i] = second_derivatives(x, y, values)
            work[nearest + i], work[distance + i], work[reached + i], work[reach + i] = -1.0, math.inf, -1.0, math.inf
        for k in range(points.shape[1]):
            for i in range(count):
                g = ground[begin + i] if several else 0
                work[point + i], work[point + LANES + i] = points[g, k, 0], points[g, k, 1]
            for i in range(count):
                u, v = work[end + i] - work[point + i], work[end + LANES + i] - work[point + LANES + i]
                away = fma(u, u, v * v)  # squares until the last: roots are slow
                nearer = away < work[distance + i]
                work[nearest + i] = k if nearer else work[nearest + i]
                work[distance + i] = away if nearer else work[distance + i]
                nearer = (k < work[known + i]) & (away < work[reach + i])
                work[reached + i] = k if nearer else work[reached + i]
                work[reach + i] = away if nearer else work[reach + i]
        for i in range(count):
            work[distance + i] = math.sqrt(work[distance + i])
            work[reached + i] = work[reached + i] if math.sqrt(work[reach + i]) <= 2.0 * unit else -1.0
        for i in range(count):
            g = ground[begin + i]
            at, there = int(work[nearest + i]), int(work[reached + i])
            work[kind_at + i] = points[g, at, 3] if at >= 0 else OTHER
            work[floor_at + i] = points[g, there, 2] if there >= 0 else math.inf

        for i in range(count):
            x, y, gx, gy = work[end + i], work[end + LANES + i], work[gx_at + i], work[gy_at + i]
            first, middle, last = work[first_at + i], work[middle_at + i], work[last_at + i]
            low, high, u, v = eigen(work[hxx_at + i], work[hxy_at + i], work[hyy_at + i], dim)
            slope = length(gx, gy)
            lowest, floored, typical = work[known + LANES + i], work[known + 2 * LANES + i], work[known + 3 * LANES + i]
            least = min(lowest, work[best_at + i], first, middle, last)
            gap_first, gap_middle, gap_last = first - least, middle - least, last - least
            ax, ay = work[prior + i] - work[before + i], work[prior + LANES + i] - work[before + LANES + i]
            bx, by = x - work[prior + i], y - work[prior + LANES + i]
            stride = min(length(ax, ay), length(bx, by))
            moved = max(length(ax, ay), length(bx, by))
            strayed = length(x - work[half + i], y - work[half + LANES + i])
            calm = moved <= unit
            near = work[distance + i]
            arrived = calm & ((newton_length(gx, gy, low, high, u, v) <= unit) | (near <= unit))
            out = excursion(x, y, frame)
            lost = (out > FAR) & ((floored == 0.0) | ((last > first) & ((gap_last > gap_middle) | arrived)))
            grows = (gap_last > GROWTH * gap_first) & (gap_last > 2.0 * gap_middle)
            gone = (work[status_at + i] == ended[1]) | lost | grows
            swings = jumps(ax, ay, bx, by, u, v, unit) | ((stride * long > 6.0 * unit) & (strayed < STRAY * stride * long))
            flat = (strayed <= 10.0 * unit) & (low <= 0.0) & (slope + 10.0 * unit * max(abs(low), abs(high)) < FLAT_SHARE * typical)
            shallow = gap_last > 1e-3 * max(gap_first, abs(least))

            kind = work[kind_at + i]
            known_there = CONVERGED if kind == GLOBAL else LOCAL_MINIMUM if kind == LOCAL else SADDLE
            unknown = LOCAL_MINIMUM if shallow else CONVERGED
            unknown = PLATEAU if (low == 0.0) & (high == 0.0) else unknown
            unknown = SADDLE if (low < -1e-6 * abs(high)) | (high < 0.0) else unknown
            unknown = PLATEAU if (not arrived) & (low <= 0.0) else unknown
            at_rest = known_there if near <= 2.0 * unit else unknown
            under_way = OVERSHOOTING if swings else PLATEAU if flat else TOO_SLOW
            code = DIVERGED if gone else at_rest if arrived | (work[status_at + i] == ended[0]) else under_way
            work[verdict_at + i] = code

            floor = work[floor_at + i] if (code == LOCAL_MINIMUM) & (work[reached + i] >= 0.0) else lowest
            work[numbers_at + i], work[numbers_at + LANES + i], work[numbers_at + 2 * LANES + i] = slope, low, high
            rate = log(max(last - floor, LEAST) / max(first - floor, LEAST)) / work[taken_at + i]
            work[numbers_at + 3 * LANES + i] = rate if (floor < math.inf) & (work[taken_at + i] > 0.0) else math.nan

        for i in range(count):
            verdict[begin + i] = int(work[verdict_at + i])
            minimum[begin + i] = int(work[reached + i])
        store(work, numbers_at, LANES, numbers, begin, count)
