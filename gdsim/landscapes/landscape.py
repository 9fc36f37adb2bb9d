"""Landscape: the record round the leaf functions of one closed-form loss J(w)."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import evaluate
from gdsim.landscapes.data import Data
from gdsim.landscapes.motion import MOTIONS, Motion
from gdsim.landscapes.noise import NOISES, Noise
from gdsim.landscapes.values import defaults, named, with_values
from gdsim.parameter import Param

Leaf = Callable[..., Any]
Interval = tuple[float, float]
SUBSCRIPTS = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


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
    ``residuals(x, y, params) -> ((r, dr/dx, dr/dy), ...)``, where the loss is the sum of the squares r^2, gives the terms.
    ``points(values)`` gives the known stationary points for the parameter values; ``is_bounded(values)`` says whether the loss has a floor,
    where that depends on them, and then decides ``bounded_below``. ``formula`` is in x, y and the parameters' names, with every product
    written out; a curve's is in x alone. ``log_levels`` asks for level lines that are even in the logarithm of the loss. ``noise`` and
    ``motion`` are what a run meets besides (``with_noise``, ``moving``).

    Where there is ``data``, the loss is the mean over its points: all leaves get ``(params, data.array)`` in the place of ``params``, and
    ``term(x, y, values, k) -> (loss, dJ_k/dx, dJ_k/dy)`` is the loss of point k alone. ``labels`` are what the weights are called, where
    that is not x and y.
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
    residuals: Leaf | None = None
    values: tuple[float, ...] = field(default=())
    noise: tuple[Noise, ...] = ()
    motion: Motion | None = None
    data: Data | None = None
    term: Leaf | None = None
    labels: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.values:
            object.__setattr__(self, "values", defaults(self.parameters))
        if self.is_bounded is not None:
            object.__setattr__(self, "bounded_below", self.is_bounded(self.values))

    def __repr__(self) -> str:
        values = ", ".join(f"{param.name} = {value:g}" for param, value in zip(self.parameters, self.values, strict=True))
        return f"<Landscape {self.name}: {self.formula}{f' with {values}' if values else ''}>"

    def with_parameters(self, **values: float) -> "Landscape":
        """The same landscape with other parameter values. Raises KeyError for an unknown name, ValueError for a value out of bounds."""
        return replace(self, values=with_values(self.name, self.parameters, self.values, values))

    def with_noise(self, kind: str | Noise, **values: float) -> "Landscape":
        """The same landscape with noise on the gradient that an optimizer sees, after any noise that it has already.

        ``kind`` is a name in ``gdsim.NOISES`` or a record, ``values`` are its parameters. Losses, gradients and what is known about the
        landscape stay the true ones. Raises KeyError for an unknown name, ValueError for a value out of bounds or noise that a curve
        cannot have.
        """
        noise = (named(kind, NOISES, "noise") if isinstance(kind, str) else kind).with_parameters(**values)
        if noise.planar and self.dim == 1:
            raise ValueError(f"{noise.name} needs two weights, and {self.name} has one")
        return replace(self, noise=(*self.noise, noise))

    def moving(self, kind: str | Motion, **values: float) -> "Landscape":
        """The same landscape on the move, in place of any motion that it had.

        ``kind`` is a name in ``gdsim.MOTIONS`` or a record, ``values`` are its parameters. ``loss``, ``gradient``, ``minima`` and the rest
        describe the landscape where it stands at the first step. Raises KeyError and ValueError as ``with_parameters`` does.
        """
        return replace(self, motion=(named(kind, MOTIONS, "motion") if isinstance(kind, str) else kind).with_parameters(**values))

    @property
    def weight_names(self) -> tuple[str, ...]:
        """What its weights are called, as they are printed: w; w₁ and w₂; or their own names, such as w and b."""
        names = self.labels or (("w",) if self.dim == 1 else ("w1", "w2"))
        return tuple(name.translate(SUBSCRIPTS) for name in names)

    @property
    def axis_names(self) -> tuple[str, ...]:
        """The same in words, as they stand at the axes of a plot."""
        names = self.weight_names
        return ("slope w", "intercept b") if names == ("w", "b") else tuple(f"weight {name}" for name in names)

    @property
    def trouble(self) -> tuple[float, ...]:
        """The numbers of its motion and its noise, as the engine wants them."""
        moves = self.motion.values if self.motion else ()
        return (*moves, *(value for noise in self.noise for value in noise.values))

    @property
    def given(self) -> Any:
        """What its leaves get as their last argument, where they are called as plain Python."""
        return self.values if self.data is None else (self.values, self.data.array)

    def _everywhere(self, leaf: Leaf, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], ...]:
        return evaluate.three_numbers(leaf, self.values, x, y, None if self.data is None else self.data.array)

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
        return self._everywhere(self.value_and_gradient, x, y)[0]

    def gradient(self, x: ArrayLike, y: ArrayLike = 0.0) -> NDArray[np.float64]:
        """dJ/dW at every point: the broadcast shape with a last axis of length ``dim``."""
        _, gx, gy = self._everywhere(self.value_and_gradient, x, y)
        return np.stack((gx, gy)[: self.dim], axis=-1)

    def hessian(self, x: ArrayLike, y: ArrayLike = 0.0) -> NDArray[np.float64]:
        """Second derivatives at every point: the broadcast shape with two last axes of length ``dim``."""
        hxx, hxy, hyy = self._everywhere(self.second_derivatives, x, y)
        full = np.stack((np.stack((hxx, hxy), axis=-1), np.stack((hxy, hyy), axis=-1)), axis=-2)
        return full[..., : self.dim, : self.dim]
