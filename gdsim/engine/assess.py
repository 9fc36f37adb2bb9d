"""What became of each run of a block, judged from four points of its way and the curvature where it ended.

A template like those of ``gdsim.engine.templates``: ``value_and_gradient``, ``second_derivatives``, ``values_of`` and PARAMS stand free.
The rules are those by which a recorded run is judged, as far as four points tell; ``gdsim.simulation.sweep_verdict`` says how far.
"""

# mypy: ignore-errors
# ruff: noqa: F821

import math

import numpy as np

from gdsim.engine.elementary import log
from gdsim.engine.intrinsics import fma

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

    ``params`` (PARAMS n,) are the rows of the landscape's parameters, one after the other. Run i went over ground ``ground[i]``:
    ``points[g]`` (most, 4) holds the known stationary points (x, y, loss, kind), minima first, GLOBAL ones before LOCAL ones; ``facts[g]``
    their count, how many are minima, the least loss known (infinite if none is), whether the loss has a floor, and the typical slope.
    ``best``, ``taken`` and ``status`` are the summary of the block; ``ended`` the status with which a run ends (converged, diverged).
    ``frame`` is the domain's middle and half width in x, then in y, and the unit of length.

    Written: ``verdict`` and ``minimum`` (n,), and ``numbers`` (4, n): gradient norm, smallest and largest eigenvalue at the end, mean
    logarithm of the ratio of two gaps one after the other.
    """
    unit = frame[4]
    for i in range(ends.shape[1]):
        values = values_of(params, i, ends.shape[1], data)
        x, y = ends[0, i], ends[1, i]
        known = facts[ground[i]]
        first, _, _ = value_and_gradient(starts[0, i], starts[1, i], values)
        middle, _, _ = value_and_gradient(halves[0, i], halves[1, i], values)
        last, gx, gy = value_and_gradient(x, y, values)
        hxx, hxy, hyy = second_derivatives(x, y, values)
        low, high, u, v = eigen(hxx, hxy, hyy, dim)
        slope = length(gx, gy)

        nearest, distance = -1, math.inf
        reached, reach = -1, math.inf
        for k in range(int(known[0])):
            u_away, v_away = x - points[ground[i], k, 0], y - points[ground[i], k, 1]
            away = fma(u_away, u_away, v_away * v_away)  # squares until the last: roots are slow
            if away < distance:
                nearest, distance = k, away
            if k < known[1] and away < reach:
                reached, reach = k, away
        distance = math.sqrt(distance)
        minimum[i] = reached if math.sqrt(reach) <= 2.0 * unit else -1

        least = min(known[2], best[i], first, middle, last)
        gap_first, gap_middle, gap_last = first - least, middle - least, last - least
        ax, ay = lasts[0, i] - befores[0, i], lasts[1, i] - befores[1, i]
        bx, by = x - lasts[0, i], y - lasts[1, i]
        stride = min(length(ax, ay), length(bx, by))
        moved = max(length(ax, ay), length(bx, by))
        strayed = length(x - halves[0, i], y - halves[1, i])
        calm = moved <= unit
        arrived = calm and newton_length(gx, gy, low, high, u, v) <= unit
        arrived = arrived or (calm and distance <= unit)
        out = excursion(x, y, frame)
        lost = out > FAR and (known[3] == 0.0 or (last > first and (gap_last > gap_middle or arrived)))
        grows = gap_last > GROWTH * gap_first and gap_last > 2.0 * gap_middle

        if status[i] == ended[1] or lost or grows:
            verdict[i] = DIVERGED
        elif arrived or status[i] == ended[0]:
            if nearest >= 0 and distance <= 2.0 * unit:
                kind = points[ground[i], nearest, 3]
                verdict[i] = CONVERGED if kind == GLOBAL else LOCAL_MINIMUM if kind == LOCAL else SADDLE
            elif not arrived and low <= 0.0:
                verdict[i] = PLATEAU
            elif low < -1e-6 * abs(high) or high < 0.0:
                verdict[i] = SADDLE
            elif low == 0.0 and high == 0.0:
                verdict[i] = PLATEAU
            else:
                verdict[i] = LOCAL_MINIMUM if gap_last > 1e-3 * max(gap_first, abs(least)) else CONVERGED
        elif jumps(ax, ay, bx, by, u, v, unit) or (stride * (steps // 2) > 6.0 * unit and strayed < STRAY * stride * (steps // 2)):
            verdict[i] = OVERSHOOTING
        elif strayed <= 10.0 * unit and low <= 0.0 and slope + 10.0 * unit * max(abs(low), abs(high)) < FLAT_SHARE * known[4]:
            verdict[i] = PLATEAU
        else:
            verdict[i] = TOO_SLOW

        numbers[0, i], numbers[1, i], numbers[2, i] = slope, low, high
        floor = known[2]
        if verdict[i] == LOCAL_MINIMUM and minimum[i] >= 0:
            floor = points[ground[i], minimum[i], 2]
        if floor < math.inf and taken[i] > 0:
            numbers[3, i] = log(max(last - floor, LEAST) / max(first - floor, LEAST)) / taken[i]
        else:
            numbers[3, i] = np.nan
