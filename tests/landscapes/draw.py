"""Fresh parameters and points."""

import math


def parameters(landscape, rng):
    """Values for every parameter, allowed and of the order of the defaults, by name."""
    values = {}
    for param in landscape.parameters:
        low, high = max(param.low, -3.0 * abs(param.default)), min(param.high, 3.0 * abs(param.default))
        values[param.name] = float(rng.uniform(low, high))
    return values


def variants(landscape, rng, count=2):
    """The landscape as it is, and ``count`` times with fresh parameters."""
    fresh = [landscape.with_parameters(**parameters(landscape, rng)) for _ in range(count)] if landscape.parameters else []
    return [landscape, *fresh]


def points(landscape, rng, count):
    """``count`` points of the domain, (count, dim)."""
    low, high = zip(*landscape.domain, strict=True)
    return rng.uniform(low, high, (count, landscape.dim))


def by_name(landscape):
    return {param.name: value for param, value in zip(landscape.parameters, landscape.values, strict=True)}


def coordinates(positions):
    """Columns of (n, dim) as the arguments of ``loss``, ``gradient`` and ``hessian``."""
    return tuple(positions[:, k] for k in range(positions.shape[1]))


def diameter(landscape):
    return math.hypot(*(high - low for low, high in landscape.domain))
