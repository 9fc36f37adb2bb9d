"""Landscape: the record round the leaf functions of one closed-form loss J(w)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import evaluate
from gdsim.parameter import Param

Leaf = Callable[..., Any]
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class StationaryPoint:
    """A point where the gradient vanishes (or, at a kink or cone, where the loss is least).

    Where the loss has no floor, and where it repeats for ever, the global minima are the least points of the domain.
    """

    position: tuple[float, ...]
    loss: float
    kind: Literal["global minimum", "local minimum", "saddle", "maximum"]


def no_points(_values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    return ()


@dataclass(frozen=True)
class Landscape:
    """A loss of one or two weights with its exact derivatives and what is known about it.

    ``value_and_gradient(x, y, params) -> (loss, dJ/dx, dJ/dy)`` and ``second_derivatives(x, y, params) -> (Jxx, Jxy, Jyy)`` are leaf
    functions: plain scalar Python in numba's subset, compiled by ``gdsim.engine``. A curve (``dim`` 1) ignores y and returns 0.0 for
    its part.
    ``points(values)`` gives the known stationary points for the parameter values; ``is_bounded(values)`` says whether the loss has a floor,
    where that depends on them, and then decides ``bounded_below``. ``formula`` is in x, y and the parameters' names, with every product
    written out; a curve's is in x alone. ``log_levels`` asks for level lines that are even in the logarithm of the loss.
    """

    name: str
    title: str
    dim: int
    family: str
    value_and_gradient: Leaf
    second_derivatives: Leaf
    formula: str
    latex: str
    domain: tuple[Interval, ...]
    start: tuple[float, ...]
    points: Callable[[tuple[float, ...]], tuple[StationaryPoint, ...]] = no_points
    parameters: tuple[Param, ...] = ()
    source: str = ""
    notes: str = ""
    bounded_below: bool = True
    log_levels: bool = False
    is_bounded: Callable[[tuple[float, ...]], bool] | None = None
    values: tuple[float, ...] = field(default=())

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", tuple(float(p.default) for p in self.parameters))
        if self.is_bounded is not None:
            object.__setattr__(self, "bounded_below", self.is_bounded(self.values))

    def with_parameters(self, **values: float) -> "Landscape":
        """The same landscape with other parameter values. Raises KeyError for an unknown name, ValueError for a value out of bounds."""
        known = {p.name: v for p, v in zip(self.parameters, self.values, strict=True)}
        for name in values:
            if name not in known:
                raise KeyError(f"{self.name} has no parameter {name!r}; it has {', '.join(known) or 'none'}")
        known |= {name: float(value) for name, value in values.items()}
        for param in self.parameters:
            if not param.admits(known[param.name]):
                raise ValueError(f"{self.name}: {param.name} is {known[param.name]!r}; allowed is {param.allowed}")
        return replace(self, values=tuple(known.values()))

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        """The known minima, global ones first."""
        found = [p for p in self.points(self.values) if "minimum" in p.kind]
        return tuple(sorted(found, key=lambda p: p.kind != "global minimum"))

    @property
    def saddles(self) -> tuple[StationaryPoint, ...]:
        return tuple(p for p in self.points(self.values) if p.kind == "saddle")

    @property
    def maxima(self) -> tuple[StationaryPoint, ...]:
        return tuple(p for p in self.points(self.values) if p.kind == "maximum")

    def loss(self, x: ArrayLike, y: ArrayLike = 0.0) -> NDArray[np.float64]:
        """J at every (x, y): arrays of any broadcastable shapes; the result has the broadcast shape."""
        return evaluate.three_numbers(self.value_and_gradient, self.values, x, y)[0]

    def gradient(self, x: ArrayLike, y: ArrayLike = 0.0) -> NDArray[np.float64]:
        """dJ/dW at every point: the broadcast shape with a last axis of length ``dim``."""
        _, gx, gy = evaluate.three_numbers(self.value_and_gradient, self.values, x, y)
        return np.stack((gx, gy)[: self.dim], axis=-1)

    def hessian(self, x: ArrayLike, y: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Second derivatives at every point: the broadcast shape with two last axes of length ``dim``."""
        hxx, hxy, hyy = evaluate.three_numbers(self.second_derivatives, self.values, x, y)
        full = np.stack((np.stack((hxx, hxy), axis=-1), np.stack((hxy, hyy), axis=-1)), axis=-2)
        return full[..., : self.dim, : self.dim]
