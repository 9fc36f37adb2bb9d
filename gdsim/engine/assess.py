"""What became of each run of a block, judged from some moments of its way and the curvature where it ended.

Two templates like those of ``gdsim.engine.templates``: in ``measure`` the leaves of a landscape stand free, which it is compiled for. The
rules themselves, ``assess``, are the same for all; of them LANES stands free.
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
FAR = 10.0
"""Half widths of the domain beyond which a run has left for good."""
GROWTH = 1e4
"""Growth of the loss above the least known (100 times the distance, on a quadratic) from which a run that still grows has diverged."""
FLAT_SHARE = 0.05
"""Share of the typical slope below which the ground counts as flat."""
TURNS = 3
"""Swings to and fro that make an oscillation: a path round one bend turns once or twice."""
LEAST = 2.2250738585072014e-308
"""A gap that is not above 0 is taken for this one, so that its logarithm is a number."""


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


def to_rest(slope, curvature, flat):
    """How far a quadratic model goes along one axis to where it is at rest; without curvature it is at rest if it has no slope."""
    if abs(curvature) <= flat:
        return 0.0 if slope == 0.0 else math.inf
    return slope / curvature


def away_from(x, y, at_x, at_y):
    """Squared distance: roots are slow."""
    u, v = x - at_x, y - at_y
    return fma(u, u, v * v)


def excursion(x, y, frame):
    """How far out a point lies, in half widths of the domain: up to 1 is inside."""
    return max(abs(x - frame[0]) / frame[1], abs(y - frame[2]) / frame[3])


def measure(ways, cuts, params, data, frame, measured):
    """What ``assess`` has to know of the landscape, for n runs: ``measured`` (9, n) gets the losses at the start and at the end, both parts
    of the gradient and hxx, hxy, hyy there, and the highest losses of the last quarter but one and of the last.

    ``ways``, ``cuts`` and ``frame`` are those of ``assess``, ``params`` (PARAMS, n) the landscape's parameters. The highest losses are
    asked for where a run went uphill or far out; elsewhere they are 0 and infinity.
    """
    late, quarter, _ = cuts
    moments, at, params_at = ways.shape[0], 9 * LANES, 11 * LANES
    work = np.empty(params_at + PARAMS * LANES)
    for begin in range(0, ways.shape[2], LANES):
        count = min(LANES, ways.shape[2] - begin)
        if PARAMS:
            load(work, params_at, LANES, params, begin, count)
        for end in range(2):
            load(work, at, LANES, ways[end * (moments - 1)], begin, count)
            for i in range(count):
                values = values_of(work, params_at + i, LANES, data)
                loss, gx, gy = value_and_gradient(work[at + i], work[at + LANES + i], values)
                work[end * LANES + i], work[2 * LANES + i], work[3 * LANES + i] = loss, gx, gy
        for i in range(count):
            values = values_of(work, params_at + i, LANES, data)
            hxx, hxy, hyy = second_derivatives(work[at + i], work[at + LANES + i], values)
            work[4 * LANES + i], work[5 * LANES + i], work[6 * LANES + i] = hxx, hxy, hyy
            work[7 * LANES + i], work[8 * LANES + i] = 0.0, math.inf
        for i in range(count):
            uphill = work[LANES + i] > work[i]
            if quarter < moments and (uphill or excursion(work[at + i], work[at + LANES + i], frame) > FAR):
                values = values_of(work, params_at + i, LANES, data)
                work[7 * LANES + i], work[8 * LANES + i] = -math.inf, -math.inf
                for k in range(late, moments):
                    loss, _, _ = value_and_gradient(ways[k, 0, begin + i], ways[k, 1, begin + i], values)
                    part = (8 if k >= quarter else 7) * LANES + i
                    work[part] = loss if loss > work[part] else work[part]
        store(work, 0, LANES, measured, begin, count)


def assess(
    ways, cuts, measured, ground, points, facts, best, taken, status, ended, frame, dim, verdict, minimum, numbers,
):  # fmt: skip
    """Judges n runs by ``ways`` (moments, 2, n), where they were at some moments, the first and the last among them.

    ``cuts`` are the numbers of the first moments of the last two quarters, the last quarter (as many as there are where there is none) and
    the last twentieth. ``measured`` is what ``measure`` wrote. Run i went over ground ``ground[i]``: ``points[g]`` (most, 4) holds the
    known stationary points (x, y, loss, kind), minima first, GLOBAL ones before LOCAL ones, and then points at infinity; ``facts[g]`` how
    many are minima, the least loss known (infinite if none is), whether the loss has a floor, and the typical slope. ``best``, ``taken``
    and ``status`` are the summary of the block; ``ended`` the status with which a run ends (converged, diverged). ``frame`` is the
    domain's middle and half width in x, then in y, and the unit of length.

    Written: ``verdict`` and ``minimum`` (n,), and ``numbers`` (4, n): gradient norm, smallest and largest eigenvalue at the end, mean
    logarithm of the ratio of two gaps one after the other.

    As in ``templates.block``, the numbers of some runs at a time lie in one scratch array, so that the loops over runs vectorise.
    """
    late, _, tail = cuts
    moments, unit = ways.shape[0], frame[4]
    first_at, last_at, gx_at, gy_at, hxx_at, hxy_at, hyy_at = 0, LANES, 2 * LANES, 3 * LANES, 4 * LANES, 5 * LANES, 6 * LANES
    earlier, later, at, end, low_at, high_at, axis = 7 * LANES, 8 * LANES, 9 * LANES, 11 * LANES, 13 * LANES, 14 * LANES, 15 * LANES
    aim, strayed, off_aim, off_near = 17 * LANES, 19 * LANES, 20 * LANES, 21 * LANES
    before, swing, swings = 22 * LANES, 24 * LANES, 26 * LANES
    known, best_at, taken_at, status_at = 28 * LANES, 32 * LANES, 33 * LANES, 34 * LANES
    nearest, distance, reached, reach = 35 * LANES, 36 * LANES, 37 * LANES, 38 * LANES
    point, kind_at, floor_at, verdict_at, numbers_at = 39 * LANES, 41 * LANES, 42 * LANES, 43 * LANES, 44 * LANES
    work = np.empty(48 * LANES)
    several = points.shape[0] > 1
    for begin in range(0, ways.shape[2], LANES):
        count = min(LANES, ways.shape[2] - begin)
        load(work, first_at, LANES, measured, begin, count)
        load(work, end, LANES, ways[moments - 1], begin, count)
        for i in range(count):
            work[best_at + i], work[taken_at + i], work[status_at + i] = best[begin + i], taken[begin + i], status[begin + i]
        for fact in range(4):
            for i in range(count):
                work[known + fact * LANES + i] = facts[ground[begin + i] if several else 0, fact]

        for i in range(count):
            work[nearest + i], work[distance + i], work[reached + i], work[reach + i] = -1.0, math.inf, -1.0, math.inf
        for k in range(points.shape[1]):
            for i in range(count):
                g = ground[begin + i] if several else 0
                work[point + i], work[point + LANES + i] = points[g, k, 0], points[g, k, 1]
            for i in range(count):
                away = away_from(work[end + i], work[end + LANES + i], work[point + i], work[point + LANES + i])
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
            near, there = int(work[nearest + i]), int(work[reached + i])
            work[point + i] = points[g, near, 0] if near >= 0 else math.inf
            work[point + LANES + i] = points[g, near, 1] if near >= 0 else math.inf
            work[kind_at + i] = points[g, near, 3] if near >= 0 else OTHER
            work[floor_at + i] = points[g, there, 2] if there >= 0 else math.inf

        for i in range(count):
            x, y, gx, gy = work[end + i], work[end + LANES + i], work[gx_at + i], work[gy_at + i]
            low, high, u, v = eigen(work[hxx_at + i], work[hxy_at + i], work[hyy_at + i], dim)
            flat = FLAT * max(abs(low), abs(high))
            along, across = to_rest(u * gx + v * gy, high, flat), to_rest(u * gy - v * gx, low, flat)
            work[low_at + i], work[high_at + i], work[axis + i], work[axis + LANES + i] = low, high, u, v
            work[aim + i], work[aim + LANES + i] = x - (u * along - v * across), y - (v * along + u * across)
            work[strayed + i], work[off_aim + i], work[off_near + i] = 0.0, 0.0, 0.0
            work[swing + i], work[swing + LANES + i], work[swings + i], work[swings + LANES + i] = 0.0, 0.0, 0.0, 0.0
        for k in range(min(late, tail), moments):
            load(work, at, LANES, ways[k], begin, count)
            if k >= late:
                for i in range(count):
                    x, y, u, v = work[at + i], work[at + LANES + i], work[axis + i], work[axis + LANES + i]
                    away = away_from(x, y, work[end + i], work[end + LANES + i])
                    work[strayed + i] = away if away > work[strayed + i] else work[strayed + i]
                    along, across = u * x + v * y, u * y - v * x
                    if k > late:
                        move, gone = along - work[before + i], work[swing + i]
                        back = gone * move < 0.0
                        work[swings + i] += 1.0 if back & (abs(gone) > unit) else 0.0
                        work[swing + i] = move if back else gone + move
                        move, gone = across - work[before + LANES + i], work[swing + LANES + i]
                        back = gone * move < 0.0
                        work[swings + LANES + i] += 1.0 if back & (abs(gone) > unit) else 0.0
                        work[swing + LANES + i] = move if back else gone + move
                    work[before + i], work[before + LANES + i] = along, across
            if k >= tail:
                for i in range(count):
                    x, y = work[at + i], work[at + LANES + i]
                    away = away_from(x, y, work[aim + i], work[aim + LANES + i])
                    work[off_aim + i] = work[off_aim + i] if away <= work[off_aim + i] else away
                    away = away_from(x, y, work[point + i], work[point + LANES + i])
                    work[off_near + i] = work[off_near + i] if away <= work[off_near + i] else away

        for i in range(count):
            x, y, low, high = work[end + i], work[end + LANES + i], work[low_at + i], work[high_at + i]
            first, last, slope = work[first_at + i], work[last_at + i], length(work[gx_at + i], work[gy_at + i])
            lowest, floored, typical = work[known + LANES + i], work[known + 2 * LANES + i], work[known + 3 * LANES + i]
            least = min(lowest, work[best_at + i], first, last)
            gap_first, gap_last, gap_earlier, gap_later = first - least, last - least, work[earlier + i] - least, work[later + i] - least
            arrived = (math.sqrt(work[off_aim + i]) <= unit) | (math.sqrt(work[off_near + i]) <= unit)
            lost = (excursion(x, y, frame) > FAR) & ((floored == 0.0) | ((last > first) & ((gap_later > gap_earlier) | arrived)))
            grows = (gap_last > GROWTH * gap_first) & (gap_later > 2.0 * gap_earlier)
            gone = (work[status_at + i] == ended[1]) | lost | grows
            along = work[swings + i] + (1.0 if abs(work[swing + i]) > unit else 0.0)
            across = work[swings + LANES + i] + (1.0 if abs(work[swing + LANES + i]) > unit else 0.0)
            turns = max(along, across) - 1.0
            creeps = math.sqrt(work[strayed + i]) <= 10.0 * unit
            flat = creeps & (low <= 0.0) & (slope + 10.0 * unit * max(abs(low), abs(high)) < FLAT_SHARE * typical)
            shallow = gap_last > 1e-3 * max(gap_first, abs(least))

            kind = work[kind_at + i]
            known_there = CONVERGED if kind == GLOBAL else LOCAL_MINIMUM if kind == LOCAL else SADDLE
            unknown = LOCAL_MINIMUM if shallow else CONVERGED
            unknown = PLATEAU if (low == 0.0) & (high == 0.0) else unknown
            unknown = SADDLE if (low < -1e-6 * abs(high)) | (high < 0.0) else unknown
            unknown = PLATEAU if (not arrived) & (low <= 0.0) else unknown
            at_rest = known_there if work[distance + i] <= 2.0 * unit else unknown
            under_way = OVERSHOOTING if turns >= TURNS else PLATEAU if flat else TOO_SLOW
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
