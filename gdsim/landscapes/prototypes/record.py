"""``prototype``: the Landscape of a concatenation of prototypes, or of two of them combined by a norm."""

import itertools
import math
from functools import lru_cache, partial
from typing import NamedTuple

from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.landscapes.noise import UNIT_TESTS
from gdsim.landscapes.prototypes.leaves import NORMS, curve_leaves, plane_leaves
from gdsim.landscapes.prototypes.lowest import floor, has_floor, turning_points
from gdsim.landscapes.prototypes.pieces import Segment, concatenated
from gdsim.landscapes.prototypes.text import PrototypeError, parsed
from gdsim.parameter import Param


class Scale(NamedTuple):
    """Where a curve begins: its height there, how steep it is, and whether it falls (-1) or rises (1)."""

    height: float
    slope: float
    sign: float


SCALES = {
    "normal": Scale(200.0, 1.0, -1.0),
    "steep": Scale(200.0, 10.0, -1.0),
    "flat": Scale(2.0, 0.1, -1.0),
    "saddle": Scale(200.0, 1.0, 1.0),
}
COMBINATIONS = tuple(NORMS)

Segments = tuple[Segment, ...]
Pair = tuple[Segments, Segments]

SIDE = 0.2
DOMAIN = (-SIDE, 1.0 + SIDE)
NORM_FORMULA = {"l1": "|{f}| + |{g}|", "l2": "sqrt(({f})^2 + ({g})^2)", "max": "max(|{f}|, |{g}|)"}
NORM_LATEX = {"l1": r"|F(x)| + |G(y)|", "l2": r"\sqrt{F(x)^2 + G(y)^2}", "max": r"\max(|F(x)|, |G(y)|)"}

NOTES = (
    "Pieces share [0, 1] equally, the first and the last go on outside, and the run begins at 0. Value and slope go on from one piece to "
    "the next; abs, relu, bend, cliff and ridge have a kink in their middle, where the mean of the slopes beside counts as the slope."
)


def prototype(text: str, *, combine: str | None = None, scale: str = "normal", angle: float = 0.0) -> Landscape:
    """The landscape of a prototype, such as ``gdsim.prototype("quad_bowl")`` or ``gdsim.prototype("quad_convex-cliff-gauss_nonconvex")``.

    ``text`` names pieces (``gdsim.PROTOTYPES``), joined by "-"; after bend, cliff and ridge ":up" or ":down" says which way the slope goes
    on. One curve alone is a landscape of one weight. Two of them separated by "|", or one with ``combine``, make one of two weights:
    combine is "l1" (the sum of their sizes; the default of two), "l2" (the root of the sum of squares) or "max". ``scale`` is a name in
    ``gdsim.SCALES``: how high and how steep curves begin. ``angle`` (degrees, anticlockwise) turns a landscape of two weights about the
    middle of its domain, and its start with it. Height, slope and angle are parameters of the landscape.

    Raises PrototypeError (a ValueError).
    """
    return landscape(text, combine, scale, float(angle))


@lru_cache(maxsize=256)
def landscape(text: str, combine: str | None, scale: str, angle: float) -> Landscape:
    """``prototype`` with positional arguments. Raises PrototypeError."""
    curves = parsed(text)
    if combine is not None and combine not in COMBINATIONS:
        raise PrototypeError(f"there is no combination named {combine!r} (allowed: {', '.join(COMBINATIONS)})")
    if scale not in SCALES:
        raise PrototypeError(f"there is no scale named {scale!r} (allowed: {', '.join(SCALES)})")
    if not abs(angle) <= 360.0:
        raise PrototypeError(f"found the angle {angle}; allowed is a number >= -360 and <= 360")
    begin = SCALES[scale]
    try:
        segments = [concatenated(pieces, begin.sign) for pieces in curves]
    except ValueError as error:
        raise PrototypeError(str(error)) from None
    size = (
        Param("height", begin.height, "value of every curve where it begins", low=-1e9, high=1e9),
        Param("slope", begin.slope, "how steep every curve begins", low=0.0, low_open=True, high=1e9, log=True),
    )
    if len(segments) == 1 and combine is None:
        if angle:
            raise PrototypeError(f"found the angle {angle:g} for a landscape of one weight; allowed: only with combine")
        return _curve(text, segments[0], size)
    combine = combine or "l1"
    names = [each.strip() for each in text.split("|")]
    return _plane((names[0], names[-1]), (segments[0], segments[-1]), combine, angle, size)


def _curve(text: str, segments: Segments, size: tuple[Param, ...]) -> Landscape:
    value_and_gradient, second_derivatives = curve_leaves(segments)
    return Landscape(
        name="prototype",
        title=text,
        dim=1,
        family="prototype",
        value_and_gradient=value_and_gradient,
        second_derivatives=second_derivatives,
        formula=text,
        latex=_latex(text),
        domain=(DOMAIN,),
        start=(0.0,),
        points=partial(_points_of_curve, segments),
        parameters=size,
        source=UNIT_TESTS,
        notes=NOTES,
        bounded_below=has_floor(segments),
    )


def _plane(names: tuple[str, str], segments: Pair, combine: str, angle: float, size: tuple[Param, ...]) -> Landscape:
    value_and_gradient, second_derivatives = plane_leaves(*segments, combine)
    turn = Param("angle", angle, "turned by so much about (1/2, 1/2), anticlockwise", low=-360.0, high=360.0, unit="degrees")
    return Landscape(
        name="prototype",
        title=f"{' and '.join(dict.fromkeys(names))} ({combine})",
        dim=2,
        family="prototype",
        value_and_gradient=value_and_gradient,
        second_derivatives=second_derivatives,
        formula=NORM_FORMULA[combine].format(f=names[0], g=names[1]),
        latex=NORM_LATEX[combine],
        domain=(DOMAIN, DOMAIN),
        start=turned((0.0, 0.0), angle),
        points=partial(_points_of_plane, segments, combine),
        parameters=(*size, turn),
        source=UNIT_TESTS,
        notes=f"F is {names[0]}, G is {names[1]}. {NOTES}",
    )


def _latex(text: str) -> str:
    return r"\mathrm{" + text.replace("_", r"\_") + "}"


def turned(point: tuple[float, float], angle: float) -> tuple[float, float]:
    """``point`` turned about (1/2, 1/2) by ``angle`` degrees."""
    sine, cosine = math.sin(math.radians(angle)), math.cos(math.radians(angle))
    x, y = point[0] - 0.5, point[1] - 0.5
    return 0.5 + cosine * x - sine * y, 0.5 + sine * x + cosine * y


def _points_of_curve(segments: Segments, values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    height, slope = values
    lowest = floor(segments, DOMAIN)
    found = []
    for at, value, is_minimum in turning_points(segments):
        kind = "maximum" if not is_minimum else "global minimum" if value <= lowest + 1e-12 * (1.0 + abs(lowest)) else "local minimum"
        found.append(StationaryPoint((at,), height + slope * value, kind))  # type: ignore[arg-type]
    return tuple(found)


def _points_of_plane(segments: Pair, combine: str, values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """Known where both curves stay above 0: there sizes are values. Of a maximum norm only the least points are told."""
    height, slope, angle = values
    lowest = [height + slope * floor(each, DOMAIN) for each in segments]
    if min(lowest) <= 0.0:
        return ()
    found = []
    for (u, f, rises), (v, g, too) in itertools.product(*(turning_points(each) for each in segments)):
        first, second = height + slope * f, height + slope * g
        least = rises and too and first <= lowest[0] * (1.0 + 1e-12) and second <= lowest[1] * (1.0 + 1e-12)
        kind = "global minimum" if least else "local minimum" if rises and too else "saddle" if rises or too else "maximum"
        loss = {"l1": first + second, "l2": math.hypot(first, second), "max": max(first, second)}[combine]
        if combine != "max" or least:
            found.append(StationaryPoint(turned((u, v), angle), loss, kind))  # type: ignore[arg-type]
    return tuple(found)
