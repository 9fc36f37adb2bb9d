"""Where a typed formula has its minima and saddles: searched on its domain, with NumPy.

Newton's method runs from a grid of starts at once, and once more with the curvatures made positive, which goes downhill. What is found is
a stationary point to some 10 digits. At a tip, where the loss rises at least in proportion to the distance in every direction, there is no
gradient to solve for; tips are looked for by a search on shrinking circles. Minima at the bottom of a kinked valley may be missed.
The amount of work is bounded, whatever the formula.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes.landscape import StationaryPoint

Floats = NDArray[np.float64]
Derivatives = Callable[[Floats, Floats], list[Floats]]
"""(x, y) -> J, Jx, Jy, Jxx, Jxy, Jyy."""
Domain = tuple[tuple[float, float], ...]

STEPS = 60
MOST_POINTS = 200
MOST_TIPS = 12
ALIKE = 1e-6
"""Points closer than this share of the domain are one."""


def stationary_points(
    values: Derivatives, loss: Callable[[Floats, Floats], Floats], domain: Domain, starts: int, *, tips: bool
) -> tuple[StationaryPoint, ...]:
    """What is found from ``starts`` starts an axis: minima first, the lowest first, at most 200 of them and as many others.

    A minimum is called a global one if no other and no sampled point of the domain lies lower.
    """
    low, high = (np.array(ends, dtype=np.float64) for ends in zip(*domain, strict=True))
    # A little off the symmetric places, where gradients vanish along an axis.
    grid = _mesh([np.linspace(a + 0.013 * (b - a), b - 0.017 * (b - a), starts) for a, b in domain])
    samples = np.concatenate((grid, _mesh([np.linspace(a, b, starts) for a, b in domain])))
    heights = loss(*_columns(samples))
    sampled = heights[np.isfinite(heights)]
    sharp = _tips(loss, samples, low, high) if tips else grid[:0]
    newton = [_newton(values, grid, low, high, downhill=downhill) for downhill in (True, False)]
    smooth = _distinct(_settled(values, np.concatenate(newton), low, high), high - low)
    kinds = [*_kinds(values, smooth, grid), *("local minimum" for _ in sharp)]
    found = np.concatenate((smooth, sharp))
    losses = loss(*_columns(found))
    if not len(found) or not sampled.size:
        return ()
    least = min(float(sampled.min()), float(losses.min()))
    bar = least + 1e-9 * abs(least) + 1e-12 * (float(np.median(sampled)) - least)
    minima: list[StationaryPoint] = []
    others: list[StationaryPoint] = []
    for place in np.argsort(losses, kind="stable"):
        kind, height = kinds[place], float(losses[place])
        if kind == "local minimum" and height <= bar:
            kind = "global minimum"
        if kind:
            (minima if "minimum" in kind else others).append(StationaryPoint(tuple(found[place].tolist()), height, kind))
    return (*minima[:MOST_POINTS], *others[:MOST_POINTS])


def _mesh(axes: list[Floats]) -> Floats:
    return np.stack([each.ravel() for each in np.meshgrid(*axes)], axis=-1)


def _columns(points: Floats) -> tuple[Floats, Floats]:
    return points[:, 0].copy(), points[:, 1].copy() if points.shape[1] == 2 else np.zeros(len(points))


def _newton(values: Derivatives, starts: Floats, low: Floats, high: Floats, *, downhill: bool) -> Floats:
    """Newton's method from every start; with ``downhill`` along absolute curvatures. What leaves the domain's surroundings is dropped."""
    dim, reach = starts.shape[1], 0.15 * (high - low)
    points = starts.copy()
    for step in range(STEPS):
        steps, _ = _newton_steps(values, points, downhill)
        # Long steps are cut, so that a start stays in its neighbourhood; the last ones are Newton's own.
        with np.errstate(all="ignore"):
            longest = np.max(np.abs(steps) / reach, axis=1, keepdims=True)
            points = points - steps / np.maximum(1.0, longest)
        kept = np.all(np.isfinite(points) & (points > low - 2.0 * reach) & (points < high + 2.0 * reach), axis=1)
        points = points[kept]
        if step % 10 == 9 and len(points):
            points = _distinct(points, high - low, 1e-9)
        if not len(points):
            return starts[:0].reshape(0, dim)
    return points


def _newton_steps(values: Derivatives, points: Floats, downhill: bool) -> tuple[Floats, Floats]:
    """Steps to the stationary points of the local parabolas, (n, dim), and the gradients."""
    _, gx, gy, hxx, hxy, hyy = values(*_columns(points))
    with np.errstate(all="ignore"):
        if points.shape[1] == 1:
            return (gx / (np.abs(hxx) if downhill else hxx))[:, None], gx[:, None]
        gradients = np.stack((gx, gy), axis=-1)
        hessians = np.stack((np.stack((hxx, hxy), -1), np.stack((hxy, hyy), -1)), -2)
        whole = np.all(np.isfinite(hessians), axis=(1, 2)) & np.all(np.isfinite(gradients), axis=1)
        curvatures, directions = np.linalg.eigh(np.where(whole[:, None, None], hessians, np.eye(2)))
        sizes = np.abs(curvatures) if downhill else curvatures
        floor = 1e-14 * np.max(np.abs(curvatures), axis=1, keepdims=True) + 1e-300
        sizes = np.where(np.abs(sizes) < floor, floor, sizes)
        along = np.einsum("nji,nj->ni", directions, gradients) / sizes
        steps = np.einsum("nij,nj->ni", directions, along)
        return np.where(whole[:, None], steps, np.nan), gradients


def _settled(values: Derivatives, points: Floats, low: Floats, high: Floats) -> Floats:
    """Those of ``points`` within the domain where Newton's method has come to rest, rounded to the digits that are certain."""
    if not len(points):
        return points
    width = high - low
    steps, gradients = _newton_steps(values, points, downhill=False)
    _, _, _, hxx, hxy, hyy = values(*_columns(points))
    size = np.max(np.abs(np.stack((hxx, hxy, hyy))), axis=0)
    resting = np.all(np.abs(steps) <= 1e-9 * width, axis=1) & (np.max(np.abs(gradients), axis=1) <= 1e-6 * size * np.max(width))
    inside = np.all((points >= low - 1e-9 * width) & (points <= high + 1e-9 * width), axis=1)
    return _rounded(points[resting & inside & (size > 0.0)], width)


def _rounded(points: Floats, width: Floats) -> Floats:
    """Positions cut at an 1e-11th of the domain, so that 1 is 1 and the same point has one position."""
    digits = 11 - np.floor(np.log10(width)).astype(int)
    return np.stack([np.round(points[:, axis], digits[axis]) + 0.0 for axis in range(points.shape[1])], axis=-1)


def _distinct(points: Floats, width: Floats, alike: float = ALIKE) -> Floats:
    """One of each group of points that lie close together."""
    if not len(points):
        return points
    kept: dict[tuple[int, ...], int] = {}
    for index, cell in enumerate(np.round(points / (width * alike)).astype(np.int64).tolist()):
        neighbours = [
            (cell[0] + i, *((cell[1] + j,) if len(cell) == 2 else ())) for i in (-1, 0, 1) for j in ((-1, 0, 1) if len(cell) == 2 else (0,))
        ]
        if not any(each in kept for each in neighbours):
            kept[tuple(cell)] = index
    return points[sorted(kept.values())]


def _curvatures(values: Derivatives, points: Floats) -> Floats:
    """The curvatures at every point in rising order, (n, dim); NaN where they are not finite."""
    _, _, _, hxx, hxy, hyy = values(*_columns(points))
    if points.shape[1] == 1:
        return np.where(np.isfinite(hxx), hxx, np.nan)[:, None]
    hessians = np.stack((np.stack((hxx, hxy), -1), np.stack((hxy, hyy), -1)), -2)
    whole = np.all(np.isfinite(hessians), axis=(1, 2))[:, None]
    return np.where(whole, np.linalg.eigvalsh(np.where(whole[:, :, None], hessians, 0.0)), np.nan)


def _kinds(values: Derivatives, points: Floats, grid: Floats) -> list[str]:
    """What kind of stationary point each is by its curvatures; nothing where one of them is 0, compared with those elsewhere."""
    usual = np.max(np.abs(_curvatures(values, grid)), axis=1)
    usual = usual[np.isfinite(usual)]
    flat = 1e-10 * float(np.median(usual)) if usual.size else 0.0
    kinds = []
    for curvatures in _curvatures(values, points):
        bar = max(flat, 1e-7 * float(np.max(np.abs(curvatures))))
        if curvatures[0] > bar:
            kinds.append("local minimum")
        elif curvatures[-1] < -bar:
            kinds.append("maximum")
        else:
            kinds.append("saddle" if curvatures[0] < -bar and curvatures[-1] > bar else "")
    return kinds


def _tips(loss: Callable[[Floats, Floats], Floats], samples: Floats, low: Floats, high: Floats) -> Floats:
    """Tips near the lowest samples: found by going to the lowest point of a circle that shrinks where none is lower."""
    width = high - low
    losses = loss(*_columns(samples))
    order = np.argsort(np.where(np.isfinite(losses), losses, np.inf), kind="stable")
    centres = _distinct(samples[order], width, 0.15)[:MOST_TIPS]
    radii = np.full(len(centres), 0.05)
    for _ in range(150):
        best, heights = _lowest_around(loss, centres, radii, width)
        better = heights < loss(*_columns(centres))
        centres = np.where(better[:, None], best, centres)
        radii = np.where(better, radii, 0.5 * radii)
        if np.all(radii < 1e-13):
            break
    rises = []
    for radius in (1e-3, 1e-5, 1e-7):
        _, heights = _lowest_around(loss, centres, np.full(len(centres), radius), width, closer=4)
        rises.append((heights - loss(*_columns(centres))) / radius)
    steepest, least = np.max(rises, axis=0), np.min(rises, axis=0)
    inside = np.all((centres > low) & (centres < high), axis=1)
    return _distinct(_rounded(centres[(least > 0.0) & (steepest < 3.0 * least) & inside], width), width)


def _lowest_around(
    loss: Callable[[Floats, Floats], Floats], centres: Floats, radii: Floats, width: Floats, closer: int = 0
) -> tuple[Floats, Floats]:
    """The lowest of 48 points of the circle round each centre, and its loss; NaN counts as high.

    ``closer`` times the arc round the lowest is looked at again, each time 12 times as closely: a narrow ditch leads out of many circles.
    """
    dim = centres.shape[1]
    turn = 2.0 * np.pi * np.arange(48) / 48.0 if dim == 2 else np.array([0.0, np.pi])
    angles, spacing = np.broadcast_to(turn, (len(centres), len(turn))), 2.0 * np.pi / 48.0
    rows = np.arange(len(centres))
    for again in range(1 + closer * (dim == 2)):
        directions = np.stack((np.cos(angles), np.sin(angles))[:dim], axis=-1)
        around = centres[:, None, :] + (radii * np.max(width))[:, None, None] * directions
        heights = loss(*_columns(around.reshape(-1, dim))).reshape(angles.shape)
        heights = np.where(np.isnan(heights), np.inf, heights)
        lowest = np.argmin(heights, axis=1)
        if again < closer:
            angles = angles[rows, lowest][:, None] + spacing * np.arange(-24, 25) / 24.0
            spacing /= 12.0
    return around[rows, lowest], heights[rows, lowest]
