"""Where a run with noise ends: the ball round a minimum in which it wanders, and the learning rate up to which it wanders in a ball at all.

Near a minimum the loss is a quadratic with Hessian H, and a step of SGD with momentum is linear: z <- M z - n (noise), z the distance and
the velocity. The second moments of z follow a linear law, and their fixed point is the stationary ball. For one weight of curvature L,
plain descent, a = eta L and noise of variance s^2: variance eta s^2 / (L (2 - a)), excess loss eta s^2 / (2 (2 - a)); with heavy ball m
the variance is eta s^2 (1 + m) / (L (1 - m) (2 (1 + m) - a)).

Batches bring two things more. Points differ in curvature, so that the matrix M is random as well: the moments grow without end from
eta = 2 mu / (mu^2 + Var(h) / B) on (one weight, mu and Var(h) mean and variance of the points' curvatures h). And where an epoch takes
every point once, the errors of its batches sum to zero: they are worth far less than independent ones where the rate is small.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.evaluate import over_points
from gdsim.landscapes import Landscape
from gdsim.networks.batches import Batches
from gdsim.simulation.gradient_noise import share_of_variance
from gdsim.simulation.run_batches import batches_of, looks_at_all
from gdsim.simulation.scenario import Run

Floats = NDArray[np.float64]

LONGEST_EPOCH = 5_000
"""Steps of an epoch that are followed one by one; in a longer one errors count as independent, which gives a little too much."""
DIFFERENCE = 1e-5
"""Step of the differences that give points' curvatures, as a share of the domain."""

SMALL = 1e-5
"""Share of the domain below which a ball is too small for the loss to bend otherwise."""


@dataclass(frozen=True, slots=True)
class Floor:
    """``excess`` is the loss above the minimum's in the mean, ``covariance`` (dim, dim) that of the weights, ``limit`` the learning rate
    from which on there is no ball (infinite if noise does not matter for it, None if unknown). ``excess`` is infinite beyond the limit.
    """

    excess: float
    covariance: Floats
    limit: float | None


def is_noisy(landscape: Landscape, run: Run) -> bool:
    """Whether the optimizer sees other gradients than the landscape's, at random."""
    return bool(landscape.noise) or _batches(landscape, run) is not None


def noise_floor(landscape: Landscape, run: Run, at: Floats) -> Floor | None:
    """The ball in which ``run`` wanders round the minimum ``at`` (dim,); None where theory does not know it.

    It knows SGD, plain and with momentum, at a constant rate and batch size, with additive Gaussian noise, with mini-batches or with both.
    """
    values = run.values
    simple = all(item is None for item in (run.schedule, run.batch_schedule, run.lookahead, run.clip_value, run.clip_norm))
    if run.optimizer != "sgd" or not simple or values["weight_decay"] or landscape.motion is not None:
        return None
    if any(noise.name != "gaussian" for noise in landscape.noise):
        return None
    dim = landscape.dim
    hessian = landscape.hessian(*at)
    if not np.linalg.eigvalsh(hessian)[0] > 0.0:
        return None
    scale = sum(float(noise.values[0]) ** 2 for noise in landscape.noise)
    batches = _batches(landscape, run)
    own, spread, share = np.zeros((dim, dim)), None, 0.0
    if batches is not None:
        own, spread = _of_points(landscape, at)
        share = share_of_variance(batches.count, batches.size, replacement=batches.replacement)
    momentum, damping, nesterov = float(values["momentum"]), float(values["dampening"]), bool(values["nesterov"])
    coefficients = _Coefficients(momentum, damping if momentum else 0.0, nesterov)

    def law(rate: float) -> Floats:
        return _law(coefficients, rate, hessian, None if spread is None else share * spread)

    limit = _limit(law, coefficients, hessian) if spread is not None else None
    if limit is not None and run.learning_rate >= limit:
        return Floor(np.inf, np.full((dim, dim), np.inf), limit)
    push = coefficients.push(run.learning_rate, dim)
    fixed = scale * np.eye(dim) + share * own
    ball = _fixed_point(law(run.learning_rate), push @ fixed @ push.T)
    if ball is None:
        return None
    if batches is not None and not batches.replacement and batches.shuffle:
        steady = _law(coefficients, run.learning_rate, hessian, None)
        plain = _fixed_point(steady, push @ (share * own) @ push.T)
        if plain is not None and batches.steps <= LONGEST_EPOCH:
            ball = ball - plain + _epoch(coefficients.matrix(run.learning_rate, hessian), push, own, batches)
    covariance = ball[:dim, :dim]
    excess = 0.5 * float(np.trace(hessian @ covariance))
    return Floor(excess, covariance, limit) if _is_quadratic(landscape, at, covariance, excess) else None


def _is_quadratic(landscape: Landscape, at: Floats, covariance: Floats, excess: float) -> bool:
    """Whether the loss of the ball's own points, at its edge along its axes, comes near what the quadratic says."""
    values, vectors = np.linalg.eigh(covariance)
    out = np.sqrt(len(at) * np.maximum(values, 0.0))[:, None] * vectors.T
    widths = np.array([high - low for low, high in landscape.domain])
    if np.all(np.abs(out) <= SMALL * widths):
        return True
    edge = np.concatenate((at + out, at - out)).T
    rise = float(np.mean(landscape.loss(*edge) - landscape.loss(*at)))
    return 0.5 * excess <= rise <= 2.0 * excess


def _batches(landscape: Landscape, run: Run) -> Batches | None:
    if landscape.data is None:
        return None
    batches = batches_of(run, len(landscape.data))
    return None if looks_at_all(batches) else batches


@dataclass(frozen=True, slots=True)
class _Coefficients:
    """SGD as linear algebra: v <- momentum v + (1 - damping) g, w <- w - eta v, or w - eta (g + momentum v) for Nesterov."""

    momentum: float
    damping: float
    nesterov: bool

    def push(self, rate: float, dim: int) -> Floats:
        """What a unit error of the gradient does to (distance, velocity): (2 dim, dim)."""
        new = 1.0 - self.damping
        moved = 1.0 + self.momentum * new if self.nesterov else new
        return np.concatenate((-rate * moved * np.eye(dim), new * np.eye(dim)))

    def matrix(self, rate: float, hessian: Floats) -> Floats:
        """The step without errors, (2 dim, 2 dim)."""
        dim = len(hessian)
        kept = self.momentum * self.momentum if self.nesterov else self.momentum
        free = np.block([[np.eye(dim), -rate * kept * np.eye(dim)], [np.zeros((dim, dim)), self.momentum * np.eye(dim)]])
        return free + self.push(rate, dim) @ np.concatenate((hessian, np.zeros((dim, dim))), axis=1)


def _law(coefficients: _Coefficients, rate: float, hessian: Floats, spread: Floats | None) -> Floats:
    """The matrix of the second moments' law, for moments written as one column. ``spread`` (dim^2, dim^2) is that of a batch's Hessian."""
    dim = len(hessian)
    matrix = coefficients.matrix(rate, hessian)
    law = np.kron(matrix, matrix)
    if spread is not None:
        reach = np.concatenate((np.eye(dim), np.zeros((dim, dim))), axis=1)
        push = coefficients.push(rate, dim)
        law = law + np.kron(push, push) @ spread @ np.kron(reach, reach)
    return np.asarray(law)


def _of_points(landscape: Landscape, at: Floats) -> tuple[Floats, Floats]:
    """Covariance of the points' gradients (2, 2), and of their Hessians: the mean of the Kronecker squares of h_k - H, (4, 4)."""
    assert landscape.data is not None
    assert landscape.term is not None
    data, term, values = landscape.data.array, landscape.term, landscape.values

    def gradients(x: float, y: float) -> Floats:
        return over_points(term, values, data, x, y)[1:]

    (x, y), (dx, dy) = at, (DIFFERENCE * (high - low) for low, high in landscape.domain)
    here = gradients(x, y)
    apart = here - here.mean(axis=1, keepdims=True)
    by_x = (gradients(x + dx, y) - gradients(x - dx, y)) / (2.0 * dx)
    by_y = (gradients(x, y + dy) - gradients(x, y - dy)) / (2.0 * dy)
    curvatures = np.stack((by_x, by_y), axis=1)  # (2, 2, points)
    off = curvatures - curvatures.mean(axis=2, keepdims=True)
    count = here.shape[1]
    spread = np.einsum("ijk,lmk->iljm", off, off).reshape(4, 4) / count
    return apart @ apart.T / count, spread


def _fixed_point(law: Floats, source: Floats) -> Floats | None:
    """The moments Z with Z = law Z + source; None where they grow without end."""
    if not np.max(np.abs(np.linalg.eigvals(law))) < 1.0:
        return None
    size = len(source)
    return np.asarray(np.linalg.solve(np.eye(size * size) - law, source.reshape(-1)).reshape(size, size))


def _limit(law: Callable[[float], Floats], coefficients: _Coefficients, hessian: Floats) -> float | None:
    """The rate at which the moments' law loses its stability: by bisection below the rate at which the mean loses it."""

    def stable(rate: float) -> bool:
        return bool(np.max(np.abs(np.linalg.eigvals(law(rate)))) < 1.0)

    high = 4.0 * (1.0 + coefficients.momentum) / ((1.0 - coefficients.damping) * float(np.linalg.eigvalsh(hessian)[-1]))
    low = 1e-9 * high
    if not stable(low):
        return None
    for _ in range(60):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if stable(middle) else (low, middle)
    return low


def _epoch(matrix: Floats, push: Floats, own: Floats, batches: Batches) -> Floats:
    """The mean over an epoch of the moments where it takes every point at most once; ``own`` is the covariance of single points.

    Two batches of one epoch, drawn without replacement, have the covariance -own / (N - 1), whatever their sizes. The mean step alone is
    looked at, without the spread of curvatures.
    """
    size, apart = len(matrix), 1.0 / (batches.count - 1)
    single, total, power = np.zeros((size, size)), np.zeros_like(push), np.eye(size)
    added: list[Floats] = []
    powers: list[Floats] = []
    for step in range(batches.steps):
        held = min(batches.size, batches.count - step * batches.size)
        # What a batch's error would add if none were linked to it, and the links of all with all.
        single = matrix @ single @ matrix.T + (batches.count * apart / held) * (push @ own @ push.T)
        total, power = matrix @ total + push, matrix @ power
        added.append(single - apart * (total @ own @ total.T))
        powers.append(power)
    begin = _fixed_point(np.asarray(np.kron(power, power)), added[-1])
    if begin is None:
        begin = np.full((size, size), np.inf)
    return np.asarray(np.mean([power @ begin @ power.T + new for power, new in zip(powers, added, strict=True)], axis=0))
