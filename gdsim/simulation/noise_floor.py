"""Where a run with noise ends: the ball round a minimum in which it wanders, and the learning rate up to which it wanders in a ball at all.

Near a minimum the loss is a quadratic with Hessian H, and a step of SGD with momentum is linear: z <- M z - n (noise), z the distance and
the velocity. The second moments of z follow a linear law, and their fixed point is the stationary ball. For one weight of curvature L,
plain descent, a = eta L and noise of variance s^2: variance eta s^2 / (L (2 - a)), excess loss eta s^2 / (2 (2 - a)); with heavy ball m
the variance is eta s^2 (1 + m) / (L (1 - m) (2 (1 + m) - a)).

Batches bring two things more. Points differ in curvature, so that the matrix M is random as well: the moments grow without end from
eta = 2 mu / (mu^2 + Var(h) / B) on (one weight, mu and Var(h) mean and variance of the points' curvatures h). And where an epoch takes
every point once, the errors of its batches sum to zero: they are worth far less than independent ones where the rate is small.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

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
    """The ball in which ``run`` wanders round the minimum ``at`` (dim,); None where theory does not know it (see ``is_known``)."""
    values = run.values
    if not is_known(landscape, run) or values["weight_decay"]:
        return None
    theory = theory_of(landscape, run, at, (float(values["momentum"]), float(values["dampening"]), bool(values["nesterov"])))
    if theory is None:
        return None
    square = sum(float(noise.values[0]) ** 2 for noise in landscape.noise)
    (excess,), (covariance,) = theory.floors(np.array([run.learning_rate]), np.array([square]))
    return None if np.isnan(excess) else Floor(float(excess), covariance, theory.limit)


def is_known(landscape: Landscape, run: Run) -> bool:
    """Whether theory knows the floor of such a run, if its weights do not decay.

    It knows SGD, plain and with momentum, at a constant rate and batch size, with additive Gaussian noise, with mini-batches or with both.
    """
    simple = all(item is None for item in (run.schedule, run.batch_schedule, run.lookahead, run.clip_value, run.clip_norm))
    still = landscape.motion is None and all(noise.name == "gaussian" for noise in landscape.noise)
    return run.optimizer == "sgd" and simple and still


def theory_of(landscape: Landscape, run: Run, at: Floats, coefficients: tuple[float, float, bool]) -> "Theory | None":
    """What theory knows of such a run with these ``coefficients`` (momentum, dampening, nesterov) round the minimum ``at`` (dim,)."""
    return _theory(replace(landscape, noise=(), motion=None), _batches(landscape, run), tuple(at.tolist()), coefficients)


@lru_cache(maxsize=4096)
def _theory(
    landscape: Landscape, batches: Batches | None, at: tuple[float, ...], coefficients: tuple[float, float, bool]
) -> "Theory | None":
    hessian = landscape.hessian(*at)
    if not np.linalg.eigvalsh(hessian)[0] > 0.0:
        return None
    momentum, damping, nesterov = coefficients
    rule = _Coefficients(momentum, damping if momentum else 0.0, nesterov)
    if batches is None:
        none = np.zeros((landscape.dim, landscape.dim))
        return Theory(landscape, np.array(at), hessian, rule, none, None, none, None, None)
    single, curvatures = _of_points(landscape, np.array(at))
    share = share_of_variance(batches.count, batches.size, replacement=batches.replacement)
    spread = share * curvatures
    return Theory(landscape, np.array(at), hessian, rule, share * single, spread, single, batches, _limit(rule, hessian, spread))


@dataclass(frozen=True, eq=False)
class Theory:
    """Runs round the minimum ``at`` (dim,): the covariance of a step's gradient that batches bring (``drawn``), that of its Hessian
    (``spread``, None without batches), and that of single points (``single``). ``limit`` is as in ``Floor``.
    """

    landscape: Landscape
    at: Floats
    hessian: Floats
    rule: "_Coefficients"
    drawn: Floats
    spread: Floats | None
    single: Floats
    batches: Batches | None
    limit: float | None

    def floors(self, rates: Floats, squares: Floats) -> tuple[Floats, Floats]:
        """Excess losses (n,) and covariances (n, dim, dim) at n learning ``rates``, with Gaussian noise of the variances ``squares``.

        An excess is infinite beyond the limit and NaN where theory does not know it.
        """
        dim = len(self.at)
        push, matrix = self.rule.push(rates, dim), self.rule.matrix(rates, self.hessian)
        stable = _is_stable(matrix)
        beyond = np.zeros(len(rates), bool) if self.limit is None else rates >= self.limit
        if self.spread is not None and self.limit is None:
            stable = np.zeros(len(rates), bool)
        excess, covariance = np.full(len(rates), np.nan), np.full((len(rates), dim, dim), np.nan)
        excess[beyond], covariance[beyond] = np.inf, np.inf
        (inside,) = np.nonzero(stable & ~beyond)
        if len(inside):
            found = self._balls(push[inside], matrix[inside], squares[inside])[:, :dim, :dim]
            high = 0.5 * np.trace(self.hessian @ found, axis1=1, axis2=2)
            known = self._is_quadratic(found, high)
            excess[inside[known]], covariance[inside[known]] = high[known], found[known]
        return excess, covariance

    def _balls(self, push: Floats, matrix: Floats, squares: Floats) -> Floats:
        """Second moments of distances and velocities, (n, 2 dim, 2 dim)."""
        noise = squares[:, np.newaxis, np.newaxis] * np.eye(len(self.at)) + self.drawn
        balls = _fixed_point(_law(push, matrix, self.spread), push @ noise @ _turned(push))
        batches = self.batches
        if batches is None or batches.replacement or not batches.shuffle or batches.steps > LONGEST_EPOCH:
            return balls
        plain = _fixed_point(_law(push, matrix, None), push @ self.drawn @ _turned(push))
        return np.asarray(balls - plain + _epoch(matrix, push, self.single, batches))

    def _is_quadratic(self, covariance: Floats, excess: Floats) -> NDArray[np.bool_]:
        """Whether the loss of the balls' own points, at their edges along their axes, comes near what the quadratic says."""
        count, dim = len(excess), len(self.at)
        values, vectors = np.linalg.eigh(covariance)
        out = np.sqrt(dim * np.maximum(values, 0.0))[:, :, np.newaxis] * _turned(vectors)
        widths = np.array([high - low for low, high in self.landscape.domain])
        small = np.all(np.abs(out) <= SMALL * widths, axis=(1, 2))
        edge = np.concatenate((self.at + out, self.at - out), axis=1).reshape(2 * dim * count, dim)
        with np.errstate(all="ignore"):
            rise = np.mean(self.landscape.loss(*edge.T).reshape(count, 2 * dim) - self.landscape.loss(*self.at), axis=1)
            return np.asarray(small | ((0.5 * excess <= rise) & (rise <= 2.0 * excess)))


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

    def push(self, rates: Floats, dim: int) -> Floats:
        """What a unit error of the gradient does to (distance, velocity) at n rates: (n, 2 dim, dim)."""
        new = 1.0 - self.damping
        moved = 1.0 + self.momentum * new if self.nesterov else new
        one = np.eye(dim)
        far = -rates[:, np.newaxis, np.newaxis] * moved * one
        return np.concatenate((far, np.broadcast_to(new * one, far.shape)), axis=1)

    def matrix(self, rates: Floats, hessian: Floats) -> Floats:
        """The step without errors, (n, 2 dim, 2 dim)."""
        dim = len(hessian)
        kept = self.momentum * self.momentum if self.nesterov else self.momentum
        free = np.zeros((len(rates), 2 * dim, 2 * dim))
        free[:, :dim, :dim] = np.eye(dim)
        free[:, :dim, dim:] = -rates[:, np.newaxis, np.newaxis] * kept * np.eye(dim)
        free[:, dim:, dim:] = self.momentum * np.eye(dim)
        return np.asarray(free + self.push(rates, dim) @ np.concatenate((hessian, np.zeros((dim, dim))), axis=1))


def _turned(matrices: Floats) -> Floats:
    return np.swapaxes(matrices, -1, -2)


def _squared(matrices: Floats) -> Floats:
    """The Kronecker squares of n matrices (n, a, b): (n, a^2, b^2)."""
    n, a, b = matrices.shape
    return np.asarray((matrices[:, :, None, :, None] * matrices[:, None, :, None, :]).reshape(n, a * a, b * b))


def _law(push: Floats, matrix: Floats, spread: Floats | None) -> Floats:
    """The second moments' law as matrices, for moments written as one column. ``spread`` (dim^2, dim^2) is that of a batch's Hessian."""
    law = _squared(matrix)
    if spread is None:
        return law
    dim = push.shape[2]
    reach = np.concatenate((np.eye(dim), np.zeros((dim, dim))), axis=1)
    return np.asarray(law + _squared(push) @ spread @ np.kron(reach, reach))


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


def _is_stable(matrices: Floats) -> NDArray[np.bool_]:
    return np.asarray(np.max(np.abs(np.linalg.eigvals(matrices)), axis=1) < 1.0)


def _fixed_point(law: Floats, source: Floats) -> Floats:
    """The moments Z (n, size, size) with Z = law Z + source, where the law is stable."""
    n, size = source.shape[:2]
    return np.asarray(np.linalg.solve(np.eye(size * size) - law, source.reshape(n, size * size, 1)).reshape(source.shape))


def _limit(rule: _Coefficients, hessian: Floats, spread: Floats) -> float | None:
    """The rate at which the moments' law loses its stability: by bisection below the rate at which the mean loses it. None where no rate is
    stable, as with a dampening of 1, after which gradients no longer count.
    """
    if rule.damping >= 1.0:
        return None

    def stable(rate: float) -> bool:
        rates = np.array([rate])
        return bool(_is_stable(_law(rule.push(rates, len(hessian)), rule.matrix(rates, hessian), spread))[0])

    high = 4.0 * (1.0 + rule.momentum) / ((1.0 - rule.damping) * float(np.linalg.eigvalsh(hessian)[-1]))
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
    apart = 1.0 / (batches.count - 1)
    source = push @ own @ _turned(push)
    single, total, power, added = np.zeros_like(matrix), np.zeros_like(push), np.eye(matrix.shape[1]), np.zeros_like(matrix)
    mean = np.zeros_like(matrix)
    for step in range(batches.steps):
        held = min(batches.size, batches.count - step * batches.size)
        # What a batch's error would add if none were linked to it, and the links of all with all.
        single = matrix @ single @ _turned(matrix) + (batches.count * apart / held) * source
        total, power = matrix @ total + push, matrix @ power
        added = single - apart * (total @ own @ _turned(total))
        mean += added
    moments = _fixed_point(_squared(power), added)
    for _ in range(batches.steps):
        moments = matrix @ moments @ _turned(matrix)
        mean += moments
    return np.asarray(mean / batches.steps)
