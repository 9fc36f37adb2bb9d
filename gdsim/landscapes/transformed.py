"""Any landscape turned, shifted or scaled: a landscape like the others, with the transformation as parameters."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals stand free: composed)

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

from gdsim.engine.compose import composed
from gdsim.engine.elementary import sincos
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

Leaf = Callable[..., Any]
Place = tuple[float, ...]


def parted(params):
    """What the landscape inside gets, and the transformation's own numbers."""
    return params[:OWN], params[OWN:]


def parted_from_data(values):
    params, data = values
    return (params[:OWN], data), params[OWN:]


def affine(x, y, values):
    """factor * J(R' (w - centre - shift) + centre). The gradient turns with the rotation."""
    inner, (angle, shift_x, shift_y, factor) = PARTED(values)
    sine, cosine = sincos(0.017453292519943295 * angle)
    x, y = x - (CENTRE_X + shift_x), y - (CENTRE_Y + shift_y)
    loss, gu, gv = INNER(CENTRE_X + (cosine * x + sine * y), CENTRE_Y + (cosine * y - sine * x), inner)
    return factor * loss, factor * (cosine * gu - sine * gv), factor * (sine * gu + cosine * gv)


def affine_second(x, y, values):
    inner, (angle, shift_x, shift_y, factor) = PARTED(values)
    sine, cosine = sincos(0.017453292519943295 * angle)
    x, y = x - (CENTRE_X + shift_x), y - (CENTRE_Y + shift_y)
    uu, uv, vv = INNER(CENTRE_X + (cosine * x + sine * y), CENTRE_Y + (cosine * y - sine * x), inner)
    mixed = 2.0 * sine * cosine * uv
    return (
        factor * (cosine * cosine * uu - mixed + sine * sine * vv),
        factor * (sine * cosine * (uu - vv) + (cosine * cosine - sine * sine) * uv),
        factor * (sine * sine * uu + mixed + cosine * cosine * vv),
    )


def affine_term(x, y, values, k):
    """``affine`` of the loss of one point."""
    inner, (angle, shift_x, shift_y, factor) = PARTED(values)
    sine, cosine = sincos(0.017453292519943295 * angle)
    x, y = x - (CENTRE_X + shift_x), y - (CENTRE_Y + shift_y)
    loss, gu, gv = INNER(CENTRE_X + (cosine * x + sine * y), CENTRE_Y + (cosine * y - sine * x), inner, k)
    return factor * loss, factor * (cosine * gu - sine * gv), factor * (sine * gu + cosine * gv)


@cache
def _leaves(
    value_and_gradient: Leaf, second_derivatives: Leaf, term: Leaf | None, own: int, centre: Place
) -> tuple[Leaf, Leaf, Leaf | None]:
    apart = composed(parted if term is None else parted_from_data, OWN=own)
    names = {"PARTED": apart, "CENTRE_X": centre[0], "CENTRE_Y": centre[1]}
    first, second = composed(affine, INNER=value_and_gradient, **names), composed(affine_second, INNER=second_derivatives, **names)
    return first, second, None if term is None else composed(affine_term, INNER=term, **names)


PARAMETERS = (
    Param("rotation", 0.0, "turned by so much about the middle of its domain, anticlockwise", low=-360.0, high=360.0, unit="degrees"),
    Param("shift_x", 0.0, "moved by so much in x"),
    Param("shift_y", 0.0, "moved by so much in y"),
    Param("factor", 1.0, "multiplied by this", low=0.0, low_open=True, log=True),
)


def transformed(landscape: Landscape, *, rotation: float = 0.0, shift: tuple[float, ...] = (), factor: float = 1.0) -> Landscape:
    """``landscape`` turned about the middle of its domain by ``rotation`` degrees, then moved by ``shift``, its loss times ``factor`` > 0.

    Its domain moves along, its start and stationary points turn and move along; new values of the parameters rotation, shift_x, shift_y
    and factor move the points alone. Noise and motion stay as they are. Equal arguments give the same object.

    Raises ValueError for what cannot be: a curve does not turn, and what is transformed already has these parameters.
    """
    return _transformed(landscape, float(rotation), tuple(float(by) for by in shift), float(factor))


@lru_cache(maxsize=128)
def _transformed(landscape: Landscape, rotation: float, shift: Place, factor: float) -> Landscape:
    if taken := {param.name for param in landscape.parameters} & {param.name for param in PARAMETERS}:
        raise ValueError(f"{landscape.name} has parameters {', '.join(sorted(taken))} already")
    if landscape.dim == 1 and rotation:
        raise ValueError(f"found a rotation of {rotation:g} degrees; {landscape.name} has one weight")
    if len(shift) not in (0, landscape.dim):
        raise ValueError(f"found a shift of {len(shift)} numbers; {landscape.name} has {landscape.dim}")
    values = (rotation, *(*shift, 0.0, 0.0)[:2], factor)
    for param, value in zip(PARAMETERS, values, strict=True):
        if not param.admits(value):
            raise ValueError(f"{param.name} is {value!r}; allowed is {param.allowed}")
    own = len(landscape.values)
    centre = tuple(0.5 * (low + high) for low, high in landscape.domain)
    leaves = _leaves(landscape.value_and_gradient, landscape.second_derivatives, landscape.term, own, (*centre, 0.0)[:2])
    bounded = landscape.is_bounded
    return replace(
        landscape,
        title=f"{landscape.title}, transformed",
        value_and_gradient=leaves[0],
        second_derivatives=leaves[1],
        term=leaves[2],
        formula=f"factor*J(turned and shifted back), J = {landscape.formula}",
        latex=rf"\mathrm{{factor}}\,J(w'),\ J = {landscape.latex}",
        domain=tuple((low + by, high + by) for (low, high), by in zip(landscape.domain, values[1:3], strict=False)),
        start=_moved(landscape.start, centre, values),
        points=lambda all_values: tuple(
            StationaryPoint(_moved(point.position, centre, all_values[own:]), all_values[-1] * point.loss, point.kind)
            for point in landscape.points(all_values[:own])
        ),
        parameters=(*landscape.parameters, *PARAMETERS),
        is_bounded=None if bounded is None else lambda all_values: bounded(all_values[:own]),
        residuals=None,
        values=(*landscape.values, *values),
    )


def _moved(position: Place, centre: Place, values: Place) -> Place:
    rotation, *shift, _ = values
    if len(position) == 1:
        return (position[0] + shift[0],)
    sine, cosine = math.sin(math.radians(rotation)), math.cos(math.radians(rotation))
    x, y = position[0] - centre[0], position[1] - centre[1]
    return centre[0] + cosine * x - sine * y + shift[0], centre[1] + sine * x + cosine * y + shift[1]
