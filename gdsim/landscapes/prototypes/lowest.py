"""Where a concatenation of prototypes turns, how low it lies, and whether it has a floor: read off its segments."""

import math
from functools import lru_cache

from gdsim.landscapes.prototypes.pieces import Segment


@lru_cache(maxsize=256)
def turning_points(segments: tuple[Segment, ...]) -> tuple[tuple[float, float, bool], ...]:
    """Where the slope changes sign, from the left: (place, value, whether it is a minimum). Flat ground has no turning point."""
    found, begin = [], -math.inf
    for k, segment in enumerate(segments):
        if segment.at_end:
            before, after = _slope_before(segments[k - 1], segment.end), _slope_before(segments[k + 1], segment.end)
            if before * after < 0.0:
                found.append((segment.end, segment.p0, before < 0.0))
        elif (vertex := _vertex(segment)) is not None and begin < vertex[0] < segment.end:
            value, _ = segment.value_and_slope(vertex[0])
            found.append((vertex[0], value, vertex[1]))
        begin = segment.end
    return tuple(found)


def _slope_before(segment: Segment, x: float) -> float:
    return segment.value_and_slope(x)[1]


def _vertex(segment: Segment) -> tuple[float, bool] | None:
    """Where the slope of a parabola or a Gaussian changes sign, and whether it rises there."""
    if segment.p2:
        return segment.origin - 0.5 * segment.p1 / segment.p2, segment.p2 > 0.0
    return (segment.origin, segment.a < 0.0) if segment.k2 else None


def floor(segments: tuple[Segment, ...], domain: tuple[float, float]) -> float:
    """The least value on the domain: at a turning point, where segments meet, or at an end."""
    inside = [value for at, value, _ in turning_points(segments) if domain[0] <= at <= domain[1]]
    begin = domain[0]
    for segment in segments:
        if not segment.at_end:
            inside += [segment.value_and_slope(x)[0] for x in (begin, min(segment.end, domain[1])) if domain[0] <= x <= domain[1]]
        begin = max(begin, segment.end)
    return min(inside)


def has_floor(segments: tuple[Segment, ...]) -> bool:
    """Whether no end falls for ever."""
    return not (_falls(segments[0], -1.0) or _falls(segments[-1], 1.0))


def _falls(segment: Segment, side: float) -> bool:
    if segment.p2:
        return segment.p2 < 0.0
    if segment.p1:
        return side * segment.p1 < 0.0
    return segment.a < 0.0 and not segment.k2 and side * segment.k1 < 0.0
