"""What a gradient check can look at: landscapes, formulas, networks of a scenario, users' functions."""

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim import shipped
from gdsim.harness.gradient_check import Floats, Judged, check_gradient
from gdsim.harness.target import TargetError
from gdsim.harness.user_code import file_of, found_in, running
from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.landscapes.formula import FormulaError, formula
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario_file import load

POINTS = 40
MOST_PARTS = 60
"""Weights of a network that are looked at, at each of ``NETWORK_POINTS`` draws."""
NETWORK_POINTS = 3


@dataclass(frozen=True)
class Slope:
    """A loss and its gradient, the points (m, n) to look at, how far to step along each weight, and what the weights are called."""

    name: str
    loss: Callable[[NDArray[Any]], Any]
    gradient: Callable[[Floats], Floats]
    points: Floats
    reach: Floats
    weights: tuple[str, ...]
    parts: NDArray[np.int64] | None = None

    def judged(self) -> Judged:
        return check_gradient(self.loss, self.gradient, self.points, self.reach, self.parts)


def slope_of(text: str, at: Sequence[float] | None = None, seed: int = 0) -> Slope:
    """What ``text`` names: a landscape, a formula of x and y, a scenario (its network or landscape), or ``FILE.py:NAME``.

    A function of a file is ``function(weights) -> (loss, gradient)`` and needs the point ``at``, round which others are drawn; or one that
    ``gdsim.landscape`` marks. On landscapes ``at`` stands in the place of the start. Raises TargetError.
    """
    head, colon, name = text.rpartition(":")
    rng = np.random.default_rng((seed, 10))
    if colon and head.endswith(".py"):
        return _own(head, name, at, rng)
    if text in LANDSCAPES:
        return _landscape(text, LANDSCAPES[text], at, rng)
    if text.endswith(".toml") or text in shipped.scenarios():
        return _scenario(text, at, rng)
    if Path(text).suffix == ".py":
        raise TargetError(f"{text}: which function of it is meant is not said; allowed: {text}:NAME")
    try:
        return _landscape(text, formula(text), at, rng)
    except FormulaError as error:
        raise TargetError(f"{text}: this is no landscape and no scenario; as a formula: {error}") from None


def _landscape(name: str, landscape: Landscape, at: Sequence[float] | None, rng: np.random.Generator) -> Slope:
    """Random points of the domain, and ``at`` or the start. The loss is the leaf itself, called as plain Python: complex numbers pass
    through where it is plain arithmetic.
    """
    low, high = np.array(landscape.domain, dtype=np.float64).T
    first = np.array(landscape.start if at is None else at, dtype=np.float64)
    if len(first) != landscape.dim:
        raise TargetError(f"{name}: found {len(first)} numbers for --at; allowed: {landscape.dim}, one for each weight")
    points = np.vstack((first, rng.uniform(low, high, (POINTS, landscape.dim))))

    def leaf(weights: NDArray[Any]) -> Any:
        x, y = (weights[0], weights[1]) if landscape.dim == 2 else (weights[0], 0.0)
        return landscape.value_and_gradient(x, y, landscape.given)

    def gradient(weights: Floats) -> Floats:
        return np.array([float(part) for part in leaf(weights)[1 : 1 + landscape.dim]])

    return Slope(name, lambda weights: leaf(weights)[0], gradient, points, 1e-3 * (high - low), landscape.weight_names)


def _scenario(text: str, at: Sequence[float] | None, rng: np.random.Generator) -> Slope:
    try:
        scenario = load(text)
    except ScenarioError as error:
        raise TargetError(str(error)) from None
    if not scenario.is_network:
        return _landscape(text, scenario.problem.record, at, rng)
    if at is not None:
        raise TargetError(f"{text}: --at does not go with a network, whose points are weights as a training draws them")
    from gdsim.networks.initialise import draw
    from gdsim.networks.learn import loss_and_gradient

    problem: Any = scenario.problem
    network, train = replace(problem.shape, precision="float64"), problem.parts.train
    points = np.array([draw(network, int(rng.integers(2**31)), 0) for _ in range(NETWORK_POINTS)], dtype=np.float64)
    parts = np.sort(rng.permutation(points.shape[1])[:MOST_PARTS])
    return Slope(
        name=text,
        loss=lambda weights: loss_and_gradient(network, _real(weights), train)[0],
        gradient=lambda weights: loss_and_gradient(network, weights, train)[1],
        points=points,
        reach=np.full(points.shape[1], 1e-3),
        weights=tuple(f"{part.name}[{i}]" for part in network.parts for i in range(part.size)),
        parts=parts,
    )


def _real(weights: NDArray[Any]) -> Floats:
    if np.iscomplexobj(weights):
        raise TypeError("a network's weights are real")
    return weights


def _own(path: str, name: str, at: Sequence[float] | None, rng: np.random.Generator) -> Slope:
    thing = found_in(path, name)
    called, file = f"{path}:{name}", path
    plain = getattr(thing, "py_func", thing)
    marked = next((one for one in LANDSCAPES.values() if one.value_and_gradient is plain), None)
    if marked is not None:
        return _landscape(called, marked, at, rng)
    if not callable(thing) or inspect.isclass(thing):
        raise TargetError(f"{called}: found {type(thing).__name__}; allowed: function(weights) -> (loss, gradient)")
    if at is None:
        raise TargetError(f"{called}: where to look is not said; allowed: --at W,W,... with a number for each weight")
    start = np.array(at, dtype=np.float64)
    reach = 1e-2 * np.maximum(np.abs(start), 0.1)
    points = np.vstack((start, start + 10.0 * reach * rng.normal(size=(POINTS, len(start)))))
    source = file_of(thing) or file

    def both(weights: NDArray[Any]) -> Any:
        with running(called, source):
            returned = thing(weights.copy())
        if not isinstance(returned, tuple | list) or len(returned) != 2:
            raise TargetError(f"{called}: it returned {type(returned).__name__}; allowed: a pair (loss, gradient)")
        return returned

    def gradient(weights: Floats) -> Floats:
        returned = both(weights)[1]
        with running(called, source):
            found = np.array(returned, dtype=np.float64).reshape(-1)
        if found.shape != start.shape:
            raise TargetError(f"{called}: it returned a gradient of {found.size} numbers; allowed: {start.size}, one for each weight")
        return found

    names = tuple(f"weight {place + 1}" for place in range(len(start)))
    return Slope(called, lambda weights: both(weights)[0], gradient, points, reach, names)
