"""``formula``: the Landscape of a typed formula, with what its derivatives and samples tell about it."""

import functools
import math
from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.formula.complaint import FormulaError
from gdsim.landscapes.formula.derived import Derived, derived
from gdsim.landscapes.formula.evaluate import evaluate
from gdsim.landscapes.formula.floor import seems_bounded
from gdsim.landscapes.formula.parsing import parse
from gdsim.landscapes.formula.previewing import USUAL, Domain
from gdsim.landscapes.formula.rounding import with_errors
from gdsim.landscapes.formula.stationary import stationary_points
from gdsim.landscapes.formula.writing import as_latex, as_text
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.parameter import Param

Floats = NDArray[np.float64]
FARTHEST = 1e9
NAME = "formula"
SAMPLES = 33
BUDGET = 3_000_000
"""Nodes times starts of a search for stationary points, an iteration."""

NOTES = (
    "Typed by hand. Its minima and saddles were searched for numerically, on the domain alone, to some nine digits. Whether it has a floor "
    "was guessed from its least values on rings ever further out; falls more gentle than log(log(log(x))), narrow ditches and poles may "
    "escape. At a kink the mean of the slopes beside it stands for the gradient, at a tip 0."
)


def formula(text: str, *, domain: Sequence[Sequence[float]] | None = None, **parameters: float) -> Landscape:
    """The landscape J(x, y) = ``text``, such as ``gdsim.formula("(a - x)^2 + b*(y - x^2)^2", a=1, b=100)``.

    x and y are the weights (w1, w2 and w are too); without y it is a curve. Every other name but pi and e is a parameter, and needs a
    value. ``domain`` has a (low, high) for each weight, by default (-5, 5). Equal arguments give the same object.

    Raises FormulaError (a ValueError), which points at the character that is wrong.
    """
    intervals = None if domain is None else tuple((float(low), float(high)) for low, high in domain)
    return landscape(text, intervals, tuple(sorted((name, float(value)) for name, value in parameters.items())))


@functools.lru_cache(maxsize=128)
def landscape(text: str, domain: Domain | None, parameters: tuple[tuple[str, float], ...]) -> Landscape:
    """``formula`` with hashable arguments. Raises FormulaError."""
    parsed, values = parse(text), dict(parameters)
    parsed.require(values)
    if unknown := [name for name in values if name not in parsed.parameters]:
        raise FormulaError(f"there is no {unknown[0]!r} in this formula to have a value", text)
    if wrong := [name for name, value in values.items() if not math.isfinite(value)]:
        raise FormulaError(f"the value of {wrong[0]!r} is {values[wrong[0]]}; allowed is a finite number", text)
    domain = domain or (USUAL,) * parsed.dim
    if problem := domain_problem(domain, parsed.dim):
        raise FormulaError(problem, text)
    math_ = derived(text)
    sampled = _sampled(math_, domain, values)
    if not np.any(np.all(np.isfinite(sampled), axis=0)):
        box = " x ".join(f"[{low:g}, {high:g}]" for low, high in domain)
        raise FormulaError(f"this formula has a finite value and gradient nowhere on {box}", text)
    plain = as_text(parsed.graph, parsed.root)
    return Landscape(
        name=NAME,
        title="Typed formula",
        dim=parsed.dim,
        family=NAME,
        value_and_gradient=math_.value_and_gradient,
        second_derivatives=math_.second_derivatives,
        formula=plain,
        latex=as_latex(parsed.graph, parsed.root),
        domain=domain,
        start=_start(math_, domain, values),
        points=functools.partial(_found, text, domain),
        parameters=tuple(Param(name, values[name], f"the {name} of the formula") for name in parsed.parameters),
        notes=NOTES,
        log_levels=_is_skewed(sampled[0]),
        is_bounded=functools.partial(_seems_bounded, text, parsed.dim),
    )


def domain_problem(domain: Domain, dim: int) -> str | None:
    """Why ``domain`` cannot be one of ``dim`` weights, or None."""
    if len(domain) != dim:
        allowed = "one interval, [[low, high]]" if dim == 1 else "two intervals, [[low, high], [low, high]]"
        return f"found a domain of {len(domain)} interval{'s' * (len(domain) != 1)}; allowed: {allowed}"
    for low, high in domain:
        if not (-FARTHEST <= low < high <= FARTHEST) or high - low < 1e-6 * max(1.0, abs(low), abs(high)):
            return f"found the interval [{low:g}, {high:g}]; allowed: [low, high] with low < high, within [-1e9, 1e9], and not too narrow"
    return None


def _by_name(math_: Derived, values: tuple[float, ...]) -> dict[str, float]:
    return dict(zip(math_.parameters, values, strict=True))


def _grid(domain: Domain, count: int) -> tuple[Floats, Floats]:
    axes = [np.linspace(low, high, count if len(domain) == 2 else count * 16) for low, high in domain]
    grid = [each.ravel() for each in np.meshgrid(*axes)]
    return grid[0], grid[1] if len(grid) == 2 else np.zeros_like(grid[0])


def _sampled(math_: Derived, domain: Domain, values: Mapping[str, float]) -> Floats:
    """J, Jx and Jy over a coarse grid, (3, n)."""
    return np.stack(evaluate(math_.graph, math_.roots[:3], *_grid(domain, SAMPLES), values))


def _is_skewed(losses: Floats) -> bool:
    """Whether most of the ground lies so low that only a logarithm shows its form."""
    finite = losses[np.isfinite(losses)]
    least, middle, top = np.percentile(finite, (0.0, 50.0, 99.0))
    return bool(middle - least < 0.12 * (top - least))


START_SHARES = ((0.17, 0.79), (0.81, 0.27), (0.27, 0.19), (0.71, 0.83), (0.38, 0.62), (0.11, 0.43), (0.57, 0.07), (0.5, 0.5))


def _start(math_: Derived, domain: Domain, values: Mapping[str, float]) -> tuple[float, ...]:
    """The first of a few places away from the middle where the ground slopes; numbers of three digits."""
    shares = np.array(START_SHARES)
    ends = [np.array([low + share * (high - low) for share in shares[:, axis]]) for axis, (low, high) in enumerate(domain)]
    short = [np.array([float(f"{value:.3g}") for value in axis]) for axis in ends]
    x, y = short[0], short[1] if len(short) == 2 else np.zeros_like(short[0])
    _, gx, gy = evaluate(math_.graph, math_.roots[:3], x, y, values)
    with np.errstate(all="ignore"):
        slopes = np.hypot(gx, gy)
    typical = np.median(slopes[np.isfinite(slopes)]) if np.any(np.isfinite(slopes)) else np.inf
    good = np.flatnonzero(np.isfinite(slopes) & (slopes > 0.02 * typical))
    if not len(good):
        good = np.flatnonzero(np.isfinite(slopes))
    chosen = int(good[0]) if len(good) else len(shares) - 1
    return tuple(float(axis[chosen]) for axis in short)


@functools.lru_cache(maxsize=256)
def _found(text: str, domain: Domain, values: tuple[float, ...]) -> tuple[StationaryPoint, ...]:
    """The stationary points in the domain at these values of the parameters."""
    math_ = derived(text)
    named = _by_name(math_, values)
    nodes = sum(1 for _ in math_.graph.used(math_.roots))
    starts = int(np.clip(np.sqrt(BUDGET / (60.0 * nodes)), 9, 41)) if len(domain) == 2 else 201
    return stationary_points(
        lambda x, y: evaluate(math_.graph, math_.roots, x, y, named),
        lambda x, y: evaluate(math_.graph, math_.roots[:1], x, y, named)[0],
        domain,
        starts,
        tips=math_.kinked,
    )


@functools.lru_cache(maxsize=256)
def _seems_bounded(text: str, dim: int, values: tuple[float, ...]) -> bool:
    math_ = derived(text)
    named = _by_name(math_, values)
    return seems_bounded(lambda x, y: with_errors(math_.graph, math_.roots[0], x, y, named), dim)
