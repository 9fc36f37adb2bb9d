"""Prototypes as leaf functions: the numbers of the segment are selected without a branch, then one formula serves all.

The numbers of the segments are constants of the compiled code, height and slope are data.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals stand free: composed)

import math
from collections.abc import Callable
from functools import cache
from typing import Any

from gdsim.engine.compose import composed
from gdsim.engine.elementary import exp, sincos
from gdsim.engine.kinks import sign
from gdsim.engine.powers import steep_root
from gdsim.landscapes.prototypes.pieces import Segment

Leaf = Callable[..., Any]


def last(x):
    return SEGMENT


def below(x):
    """The numbers of this segment where x lies in it, those of a later one elsewhere."""
    here = x < END
    origin, p0, p1, p2, a, k1, k2 = FOLLOWING(x)
    return (
        SEGMENT[0] if here else origin,
        SEGMENT[1] if here else p0,
        SEGMENT[2] if here else p1,
        SEGMENT[3] if here else p2,
        SEGMENT[4] if here else a,
        SEGMENT[5] if here else k1,
        SEGMENT[6] if here else k2,
    )


def up_to(x):
    """``below`` with the end included: the one point of a kink."""
    here = x <= END
    origin, p0, p1, p2, a, k1, k2 = FOLLOWING(x)
    return (
        SEGMENT[0] if here else origin,
        SEGMENT[1] if here else p0,
        SEGMENT[2] if here else p1,
        SEGMENT[3] if here else p2,
        SEGMENT[4] if here else a,
        SEGMENT[5] if here else k1,
        SEGMENT[6] if here else k2,
    )


def straight(x):
    """Value, slope and curvature where no segment has an exponential."""
    origin, p0, p1, p2, _, _, _ = CHOSEN(x)
    t = x - origin
    return p0 + t * (p1 + t * p2), p1 + 2.0 * p2 * t, 2.0 * p2


def curved(x):
    """Value, slope and curvature."""
    origin, p0, p1, p2, a, k1, k2 = CHOSEN(x)
    t = x - origin
    bump = a * exp(-t * (k1 + k2 * t))
    rate = k1 + 2.0 * k2 * t
    return p0 + t * (p1 + t * p2) + bump, p1 + 2.0 * p2 * t - rate * bump, 2.0 * p2 + (rate * rate - 2.0 * k2) * bump


@cache
def jet(segments: tuple[Segment, ...]) -> Leaf:
    """``x -> (value, slope, curvature)`` of the concatenation."""
    choose = None
    for segment in reversed(segments):
        numbers = (segment.origin, segment.p0, segment.p1, segment.p2, segment.a, segment.k1, segment.k2)
        if choose is None:
            choose = composed(last, SEGMENT=numbers)
        else:
            choose = composed(up_to if segment.at_end else below, SEGMENT=numbers, END=segment.end, FOLLOWING=choose)
    return composed(curved if any(segment.a for segment in segments) else straight, CHOSEN=choose)


def curve(x, y, params):
    height, slope = params
    f, p, _ = JET(x)
    return height + slope * f, slope * p, 0.0


def curve_second(x, y, params):
    _, slope = params
    _, _, h = JET(x)
    return slope * h, 0.0, 0.0


def l1(f, p, g, q):
    return abs(f) + abs(g), sign(f) * p, sign(g) * q


def l1_second(f, p, h, g, q, k):
    return sign(f) * h, 0.0, sign(g) * k


def l2(f, p, g, q):
    square = f * f + g * g
    inverse = steep_root(square)
    return math.sqrt(square), f * p * inverse, g * q * inverse


def l2_second(f, p, h, g, q, k):
    inverse = steep_root(f * f + g * g)
    u, v = f * p * inverse, g * q * inverse
    return (p * p + f * h - u * u) * inverse, -u * v * inverse, (q * q + g * k - v * v) * inverse


def largest(f, p, g, q):
    """The larger size; on the crease the mean of both slopes stands for the slope."""
    a, b = abs(f), abs(g)
    share = 1.0 if a > b else (0.5 if a == b else 0.0)
    return a if a > b else b, share * (sign(f) * p), (1.0 - share) * (sign(g) * q)


def largest_second(f, p, h, g, q, k):
    a, b = abs(f), abs(g)
    share = 1.0 if a > b else (0.5 if a == b else 0.0)
    return share * (sign(f) * h), 0.0, (1.0 - share) * (sign(g) * k)


NORMS = {"l1": (l1, l1_second), "l2": (l2, l2_second), "max": (largest, largest_second)}


def plane(x, y, params):
    """Two curves joined by a norm, turned about (1/2, 1/2). The gradient turns back with the rotation, not with its inverse."""
    height, slope, angle = params
    sine, cosine = sincos(0.017453292519943295 * angle)
    u, v = 0.5 + cosine * (x - 0.5) + sine * (y - 0.5), 0.5 + cosine * (y - 0.5) - sine * (x - 0.5)
    f, p, _ = FIRST(u)
    g, q, _ = SECOND(v)
    loss, du, dv = NORM(height + slope * f, slope * p, height + slope * g, slope * q)
    return loss, cosine * du - sine * dv, sine * du + cosine * dv


def plane_second(x, y, params):
    height, slope, angle = params
    sine, cosine = sincos(0.017453292519943295 * angle)
    u, v = 0.5 + cosine * (x - 0.5) + sine * (y - 0.5), 0.5 + cosine * (y - 0.5) - sine * (x - 0.5)
    f, p, h = FIRST(u)
    g, q, k = SECOND(v)
    uu, uv, vv = NORM(height + slope * f, slope * p, slope * h, height + slope * g, slope * q, slope * k)
    mixed = 2.0 * sine * cosine * uv
    return (
        cosine * cosine * uu - mixed + sine * sine * vv,
        sine * cosine * (uu - vv) + (cosine * cosine - sine * sine) * uv,
        sine * sine * uu + mixed + cosine * cosine * vv,
    )


@cache
def curve_leaves(segments: tuple[Segment, ...]) -> tuple[Leaf, Leaf]:
    own = jet(segments)
    return composed(curve, JET=own), composed(curve_second, JET=own)


@cache
def plane_leaves(first: tuple[Segment, ...], second: tuple[Segment, ...], norm: str) -> tuple[Leaf, Leaf]:
    along_x, along_y = jet(first), jet(second)
    value, curvature = NORMS[norm]
    return (
        composed(plane, FIRST=along_x, SECOND=along_y, NORM=value),
        composed(plane_second, FIRST=along_x, SECOND=along_y, NORM=curvature),
    )
