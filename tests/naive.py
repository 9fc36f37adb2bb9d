"""The slow, obvious version of everything: the oracle of every fast path. Sections in the order of the layers; only ever extended."""

import cmath
import functools
import itertools
import math
import types
from fractions import Fraction

import mpmath
import numpy as np

from gdsim.engine import circular, elementary
from gdsim.engine import random as engine_random
from tests.textbook import OPTIMIZERS as OPTIMIZERS
from tests.textbook_schedules import Plateau as Plateau
from tests.textbook_schedules import rate as rate

# --- Verdicts ---------------------------------------------------------------------------------------------------------------------


def turns(path, least):
    """How often a one-dimensional path turned back, counting only swings longer than ``least``."""
    swings, swing = [], 0.0
    for before, after in itertools.pairwise(path):
        move = after - before
        if move == 0.0:
            continue
        if swing * move < 0.0:
            swings.append(abs(swing))
            swing = 0.0
        swing += move
    swings.append(abs(swing))
    return max(0, sum(size > least for size in swings) - 1)


def outcome(landscape, looked, positions, best, status):
    """What became of one run: ``positions`` (m, dim) at the moments ``looked``, the ``best`` loss seen; nothing shakes it."""
    if status == "diverged":
        return "diverged"
    losses = [float(landscape.loss(*position)) for position in positions]
    end, slope = positions[-1], landscape.gradient(*positions[-1])
    curvatures, axes = np.linalg.eigh(landscape.hessian(*end))
    low, high = np.array(landscape.domain).T
    unit = 1e-3 * np.linalg.norm(high - low)
    far = np.max(np.abs(end - (low + high) / 2) / ((high - low) / 2)) > 10.0
    least = min([best, losses[0], losses[-1], *(point.loss for point in landscape.minima[:1])])
    late, tail = positions[looked.late :], positions[looked.tail :]

    model = end.copy()
    for curvature, axis in zip(curvatures, axes.T, strict=True):
        if abs(curvature) > 1e-12 * np.max(np.abs(curvatures)):
            model -= axis * (axis @ slope) / curvature
        elif axis @ slope != 0.0:
            model = np.full(len(end), np.inf)
    known = landscape.points(landscape.values)
    nearest = min(known, key=lambda point: np.linalg.norm(end - point.position), default=None)
    arrived = max(np.linalg.norm(tail - model, axis=1)) <= unit
    arrived |= nearest is not None and max(np.linalg.norm(tail - nearest.position, axis=1)) <= unit

    growth = math.inf
    if looked.quarter < len(positions):
        before = max(losses[looked.late : looked.quarter]) - least
        growth = (max(losses[looked.quarter :]) - least) / before if before > 0.0 else math.inf
    uphill = losses[-1] > losses[0]
    if far and (not landscape.bounded_below or (uphill and (growth > 1.0 or arrived))):
        return "diverged"
    if losses[-1] - least > 1e4 * (losses[0] - least) and growth > 2.0:
        return "diverged"
    if arrived or status == "converged":
        if nearest is not None and np.linalg.norm(end - nearest.position) <= 2.0 * unit:
            places = {"global minimum": "converged", "local minimum": "stuck in a local minimum"}
            return places.get(nearest.kind, "stuck at a saddle")
        if not arrived and curvatures[0] <= 0.0:
            return "stuck on a plateau"
        if curvatures[0] < -1e-6 * abs(curvatures[-1]) or curvatures[-1] < 0.0:
            return "stuck at a saddle"
        if not np.any(curvatures):
            return "stuck on a plateau"
        false = losses[-1] - least > 1e-3 * max(losses[0] - least, abs(least))
        return "stuck in a local minimum" if false else "converged"
    if max(turns(late @ axis, unit) for axis in axes.T) >= 3:
        return "overshooting"
    grid = np.meshgrid(*(np.linspace(a, b, 17) for a, b in landscape.domain))
    slopes = np.reshape(landscape.gradient(*grid), (-1, len(end)))
    creeps = max(np.linalg.norm(late - end, axis=1)) <= 10.0 * unit
    reach = np.linalg.norm(slope) + 10.0 * unit * np.max(np.abs(curvatures))
    flat = creeps and curvatures[0] <= 0.0 and reach < 0.05 * np.median(np.linalg.norm(slopes, axis=1))
    return "stuck on a plateau" if flat else "too slow"


# --- Landscapes: each loss as its paper writes it, with Python's own mathematics ---------------------------------------------------


def rastrigin(w, A=10.0):
    return A * len(w) + sum(x * x - A * math.cos(2.0 * math.pi * x) for x in w)


def ackley(w, a=20.0, b=0.2, c=2.0 * math.pi):
    mean_square = sum(x * x for x in w) / len(w)
    mean_cosine = sum(math.cos(c * x) for x in w) / len(w)
    return -a * math.exp(-b * math.sqrt(mean_square)) - math.exp(mean_cosine) + a + math.e


def local_minimum(w):
    x, z = w[0], 1.4 * w[1]
    pits = -2.0 * math.exp(-((x - 1.0) ** 2 + z**2) / 0.2) - 6.0 * math.exp(-((x + 1.0) ** 2 + z**2) / 0.2)
    return pits + x**2 + z**2


def beale(w):
    x, y = w
    return sum((c - x * (1.0 - y**k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625)))


def narrow_valley(w, depth=2.5, width=0.25):
    return w[0] ** 2 / 2.0 + depth - depth * math.exp(-(((w[0] - 1.5) / width) ** 2) / 2.0)


def ellipsoid(w, kappa=25.0, angle=30.0, scale=1.0, x0=0.0, y0=0.0):
    turned = complex(w[0] - x0, w[1] - y0) * cmath.exp(-1j * math.radians(angle))
    return scale * (turned.real**2 + kappa * turned.imag**2) / 2.0


def zakharov(w):
    weighted = sum(0.5 * i * x for i, x in enumerate(w, 1))
    return sum(x**2 for x in w) + weighted**2 + weighted**4


def freudenstein_roth(w):
    x, y = w
    return (-13.0 + x + ((5.0 - y) * y - 2.0) * y) ** 2 + (-29.0 + x + ((y + 1.0) * y - 14.0) * y) ** 2


def two_pits(w, a=2.0, b=3.0, c=0.6, d=0.15):
    right, left = math.dist(w, (1.0, 0.0)), math.dist(w, (-1.0, 0.0))
    return math.hypot(*w) ** 2 - a * math.exp(-(right**2) / c) - b * math.exp(-(left**2) / d)


def hills(w):
    x, z = w[0], 1.4 * w[1]
    bumps = ((2.0, 1.0, 0.0), (6.0, -1.0, 0.0), (-2.0, 1.0, -1.0))
    return x**2 + z**2 + sum(height * math.exp(-((x - u) ** 2 + (z - v) ** 2) / 0.2) for height, u, v in bumps)


def ecliptic_bowl(w):
    u, v = w[0] / 2.0, w[1] / 2.0
    return -math.exp(-(u**2 + 5.0 * v**2)) + u**2 + 0.5 * v**2


def goldstein_price(w):
    x, y = w
    one = 1.0 + (x + y + 1.0) ** 2 * (19.0 - 14.0 * x + 3.0 * x**2 - 14.0 * y + 6.0 * x * y + 3.0 * y**2)
    return one * (30.0 + (2.0 * x - 3.0 * y) ** 2 * (18.0 - 32.0 * x + 12.0 * x**2 + 48.0 * y - 36.0 * x * y + 27.0 * y**2))


def branin(w):
    x, y = w
    return (y - 5.1 / (4.0 * math.pi**2) * x**2 + 5.0 / math.pi * x - 6.0) ** 2 + 10.0 * (1.0 - 1.0 / (8.0 * math.pi)) * math.cos(x) + 10.0


def bird(w):
    x, y = w
    return math.sin(x) * math.exp((1.0 - math.cos(y)) ** 2) + math.cos(y) * math.exp((1.0 - math.sin(x)) ** 2) + (x - y) ** 2


def griewank(w):
    return 1.0 + sum(x**2 for x in w) / 4000.0 - math.prod(math.cos(x / math.sqrt(i)) for i, x in enumerate(w, 1))


def levy_13(w):
    x, y = w
    along = (x - 1.0) ** 2 * (1.0 + math.sin(3.0 * math.pi * y) ** 2)
    return math.sin(3.0 * math.pi * x) ** 2 + along + (y - 1.0) ** 2 * (1.0 + math.sin(2.0 * math.pi * y) ** 2)


def drop_wave(w):
    r = math.hypot(*w)
    return -(1.0 + math.cos(12.0 * r)) / (r**2 / 2.0 + 2.0)


def plateau(w):
    r = 10.0 * math.hypot(*w) + 0.01
    return -math.sin(r) / r + 0.01 * r**2


def schaffer_2(w):
    x, y = w
    return 0.5 + (math.sin(x**2 - y**2) ** 2 - 0.5) / (1.0 + 0.001 * (x**2 + y**2)) ** 2


def schaffer_4(w):
    x, y = w
    return 0.5 + (math.cos(math.sin(abs(x**2 - y**2))) ** 2 - 0.5) / (1.0 + 0.001 * (x**2 + y**2)) ** 2


def michalewicz(w, m=10.0):
    return -sum(math.sin(x) * abs(math.sin(i * x**2 / math.pi)) ** (2.0 * m) for i, x in enumerate(w, 1))


def cross_in_tray(w):
    inner = abs(math.prod(map(math.sin, w)) * math.exp(abs(100.0 - math.hypot(*w) / math.pi)))
    return -0.0001 * (inner + 1.0) ** 0.1


def holder_table(w):
    return -abs(math.sin(w[0]) * math.cos(w[1]) * math.exp(abs(1.0 - math.hypot(*w) / math.pi)))


def eggholder(w):
    x, y = w
    return -(y + 47.0) * math.sin(math.sqrt(abs(x / 2.0 + (y + 47.0)))) - x * math.sin(math.sqrt(abs(x - (y + 47.0))))


LOSSES = {
    "double_well": lambda w, tilt=0.5: (w[0] ** 2 - 1.0) ** 2 + tilt * w[0],
    "shallow_slope": lambda w, slope=0.05: slope * (math.hypot(1.0, w[0]) - 1.0) + 1.0 - math.exp(-(w[0] ** 2) / 2.0),
    "narrow_valley": narrow_valley,
    "quadratic": lambda w, a=1.0, b=10.0: (a * w[0] ** 2 + b * w[1] ** 2) / 2.0,
    "sphere": lambda w: sum(x**2 for x in w),
    "ellipsoid": ellipsoid,
    "booth": lambda w: (w[0] + 2.0 * w[1] - 7.0) ** 2 + (2.0 * w[0] + w[1] - 5.0) ** 2,
    "matyas": lambda w: 0.26 * (w[0] ** 2 + w[1] ** 2) - 0.48 * w[0] * w[1],
    "trid": lambda w: sum((x - 1.0) ** 2 for x in w) - w[0] * w[1],
    "zakharov": zakharov,
    "mccormick": lambda w: math.sin(w[0] + w[1]) + (w[0] - w[1]) ** 2 - 1.5 * w[0] + 2.5 * w[1] + 1.0,
    "madsen": lambda w: w[0] ** 2 + w[1] ** 2 + w[0] * w[1] + math.sin(w[0]) + math.cos(w[1]),
    "flower": lambda w: w[0] * math.sin(w[1]) + w[1] * math.sin(w[0]) + w[0] ** 2 + w[1] ** 2,
    "rosenbrock": lambda w, a=1.0, b=100.0: (a - w[0]) ** 2 + b * (w[1] - w[0] ** 2) ** 2,
    "beale": beale,
    "dixon_price": lambda w: (w[0] - 1.0) ** 2 + 2.0 * (2.0 * w[1] ** 2 - w[0]) ** 2,
    "freudenstein_roth": freudenstein_roth,
    "saddle": lambda w: w[0] ** 2 - w[1] ** 2,
    "monkey_saddle": lambda w: (complex(*w) ** 3).real,
    "sine_saddle": lambda w: math.sin(w[0]) + w[1] ** 2,
    "local_minimum": local_minimum,
    "two_pits": two_pits,
    "hills": hills,
    "ecliptic_bowl": ecliptic_bowl,
    "three_hump_camel": lambda w: 2.0 * w[0] ** 2 - 1.05 * w[0] ** 4 + w[0] ** 6 / 6.0 + w[0] * w[1] + w[1] ** 2,
    "six_hump_camel": lambda w: (4.0 - 2.1 * w[0] ** 2 + w[0] ** 4 / 3.0) * w[0] ** 2 + w[0] * w[1] + (4.0 * w[1] ** 2 - 4.0) * w[1] ** 2,
    "goldstein_price": goldstein_price,
    "branin": branin,
    "himmelblau": lambda w: (w[0] ** 2 + w[1] - 11.0) ** 2 + (w[0] + w[1] ** 2 - 7.0) ** 2,
    "styblinski_tang": lambda w: sum(x**4 - 16.0 * x**2 + 5.0 * x for x in w) / 2.0,
    "bird": bird,
    "rastrigin": rastrigin,
    "ackley": ackley,
    "griewank": griewank,
    "bohachevsky": lambda w: w[0] ** 2 + 2 * w[1] ** 2 - 0.3 * math.cos(3 * math.pi * w[0]) - 0.4 * math.cos(4 * math.pi * w[1]) + 0.7,
    "levy_13": levy_13,
    "drop_wave": drop_wave,
    "plateau": plateau,
    "schaffer_2": schaffer_2,
    "schaffer_4": schaffer_4,
    "easom": lambda w: -math.prod(map(math.cos, w)) * math.exp(-(math.dist(w, (math.pi, math.pi)) ** 2)),
    "michalewicz": michalewicz,
    "bukin_6": lambda w: 100.0 * math.sqrt(abs(w[1] - 0.01 * w[0] ** 2)) + 0.01 * abs(w[0] + 10.0),
    "cross_in_tray": cross_in_tray,
    "holder_table": holder_table,
    "schwefel": lambda w: 418.9828872724337 * len(w) - sum(x * math.sin(math.sqrt(abs(x))) for x in w),
    "eggholder": eggholder,
}
"""``LOSSES[name](weights, **parameters)`` for every landscape."""


# --- Elementary functions: mpmath, and errors in units in the last place ------------------------------------------------------------


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


ELEMENTARY = {"sin": mpmath.sin, "cos": mpmath.cos, "exp": mpmath.exp, "log": mpmath.log, "tanh": mpmath.tanh, "sigmoid": sigmoid}


def ulps(got, function, x):
    """How far the float ``got`` is from ``function(x)``, in units in the last place of the exact value."""
    with mpmath.workprec(1200 if abs(x) < 1e-30 else 300):
        exact = ELEMENTARY[function](mpmath.mpf(x))
        if exact == 0:
            return 0.0 if got == 0.0 else math.inf
        exponent = max(mpmath.frexp(exact)[1] - 1, -1022)
        return float(abs(mpmath.mpf(got) - exact) / mpmath.mpf(2) ** (exponent - 52))


def hardest_angles(farthest):
    """For every binade up to ``farthest``, the float64 numbers nearest to a multiple of pi/2.

    m 2**e is close to n pi/2 where n/m is a convergent of the continued fraction of 2**(e + 1) / pi.
    """
    angles = []
    with mpmath.workprec(1200):
        for e in range(-52, int(math.log2(farthest))):
            rest = mpmath.mpf(2) ** (e + 1) / mpmath.pi
            before, m = 1, 0
            while m < 2**53:
                whole = int(mpmath.floor(rest))
                before, m = m, whole * m + before
                if 1 < m < 2**53 and m * 2.0**e <= farthest:
                    angles.append(m * 2.0**e)
                rest = 1 / (rest - whole)
    return angles


# --- Random numbers: Philox as the paper writes it, Box and Muller in multiple precision ---------------------------------------------


def philox(counter, key):
    """Philox-4x32-10 of four words and two, after Salmon, Moraes, Dror and Shaw (2011), section 4.3."""
    word = 2**32
    c, k = list(counter), list(key)
    for _ in range(10):
        high0, low0 = divmod(0xD2511F53 * c[0], word)
        high1, low1 = divmod(0xCD9E8D57 * c[2], word)
        c = [high1 ^ c[1] ^ k[0], low1, high0 ^ c[3] ^ k[1], low0]
        k = [(k[0] + 0x9E3779B9) % word, (k[1] + 0xBB67AE85) % word]
    return tuple(c)


def uniforms(seed, stream, step, draw):
    """Exact fractions: the middles of the parts that the upper 52 bits of each half of the block choose."""
    w = philox((step % 2**32, step // 2**32, draw, stream), (seed % 2**32, seed // 2**32))
    return tuple(Fraction(2 * ((w[i] * 2**32 + w[i + 1]) // 2**12) + 1, 2**53) for i in (0, 2))


def normals(seed, stream, step, draw):
    u, v = (mpmath.mpf(part.numerator) / part.denominator for part in uniforms(seed, stream, step, draw))
    radius = mpmath.sqrt(-2 * mpmath.log(u))
    return float(radius * mpmath.cos(2 * mpmath.pi * v)), float(radius * mpmath.sin(2 * mpmath.pi * v))


# --- Descent ----------------------------------------------------------------------------------------------------------------------


def clipped(gradient, clip_value=None, clip_norm=None):
    """The gradient cut by value and then by norm, as torch.nn.utils does."""
    if clip_value is not None:
        gradient = [max(-clip_value, min(clip_value, slope)) for slope in gradient]
    if clip_norm is not None:
        share = min(1.0, clip_norm / (math.hypot(*gradient) + 1e-6))
        gradient = [slope * share for slope in gradient]
    return gradient


def descend(landscape, optimizer, start, values, steps, tolerance=None, clip=lambda gradient: gradient):
    """Positions of one run, by the leaf functions as plain Python: no compilation, no block, no recording in parts."""
    hyper, on = optimizer.pack(values)
    weights = [float(w) for w in start]
    shared = optimizer.initial_shared
    slots = [optimizer.initial_slots(hyper) for _ in range(2)]
    positions = []
    for step in range(1, steps + 2):
        positions.append(list(weights))
        loss, *gradient = landscape.value_and_gradient(weights[0], weights[1] if len(weights) == 2 else 0.0, landscape.given)
        norm = math.hypot(*gradient)
        if not (math.isfinite(loss) and norm <= 1e150) or (tolerance is not None and norm <= tolerance) or step > steps:
            return positions
        gradient = clip(gradient)
        shared = optimizer.advance(shared, hyper, step)
        if optimizer.is_elementwise:
            for i in range(len(weights)):
                weights[i], slots[i] = optimizer.update(weights[i], gradient[i], slots[i], shared, hyper, on, step)
        else:
            x, y = weights[0], weights[1] if len(weights) == 2 else 0.0
            moved = step_of(landscape, optimizer, on)(x, y, loss, *gradient, *slots[:2], shared, hyper, landscape.given, step)
            weights, slots = list(moved[: len(weights)]), list(moved[2:4])
    return positions


@functools.cache
def step_of(landscape, optimizer, on):
    """``take_step`` of a method that looks at the landscape, as plain Python."""
    leaves = ("value_and_gradient", "second_derivatives", "residuals")
    return bound(optimizer.take_step, {name: getattr(landscape, name) for name in leaves} | {"ON": on})


def bound(function, meanings):
    """A copy of ``function``, and of those it calls, in which the names that they leave free mean what is given."""
    scope = dict(function.__globals__)
    copy = types.FunctionType(function.__code__, scope, function.__name__, function.__defaults__)
    for name in function.__code__.co_names:
        called = scope.get(name)
        if isinstance(called, types.FunctionType):
            scope[name] = bound(called, meanings)
        elif name not in scope and name in meanings:
            scope[name] = meanings[name]
    return copy


# --- Noise and motion: the run as its definitions read, every number of it a plain float --------------------------------------------


def whereabouts(motion, values, step, seed, stream):
    """(offset x, offset y, factor) of a landscape at a step, counted from 1."""
    changes = int((step - 1) / values.get("period", 1e9))
    drawn = [(0.0, 0.0)] + [engine_random.normals(seed, stream, k, 65536) for k in range(1, changes + 2)]
    if motion == "drift":
        return (step - 1) * values["velocity_x"], (step - 1) * values["velocity_y"], 1.0
    if motion == "jump":
        n, m = drawn[-2]
        return values["scale"] * n, values["scale"] * m, 1.0
    if motion == "scale_growth":
        return 0.0, 0.0, elementary.exp(values["rate"] * (step - 1))
    if motion == "scale_drift":
        share = (step - 1) / values["period"] - int((step - 1) / values["period"])
        return 0.0, 0.0, elementary.exp(values["sigma"] * (drawn[-2][0] + share * (drawn[-1][0] - drawn[-2][0])))
    raise ValueError(motion)


def noisy(kind, values, gradient, weights, walk, names):
    """The gradient that an optimizer sees; ``names`` are (seed, stream, step, draw), ``walk`` is where Brownian noise stands."""
    if kind == "curl":
        x, y = weights
        return [gradient[0] - values["scale"] * (y - values["y0"]), gradient[1] + values["scale"] * (x - values["x0"])]
    if kind == "masked":
        u, v = engine_random.uniforms(*names)
        return [0.0 if z < values["probability"] else g for g, z in zip(gradient, (u, u if values["whole"] else v), strict=False)]
    if kind == "cauchy":
        u, v = (circular.tan(math.pi * (u - 0.5)) for u in engine_random.uniforms(*names))
        return [g + values["scale"] * c for g, c in zip(gradient, (u, v), strict=False)]
    n = engine_random.normals(*names)
    if kind == "multiplicative":
        return [elementary.exp(values["sigma"] * n[0]) * g for g in gradient]
    if kind == "brownian":
        walk[:] = [w + values["scale"] * z for w, z in zip(walk, n, strict=True)]
        return [g + w for g, w in zip(gradient, walk, strict=False)]
    return [g + values["scale"] * z for g, z in zip(gradient, n, strict=False)]


def disturbed_descent(landscape, rate, start, steps, seed, stream):
    """Positions, losses and gradients of plain gradient descent down a noisy, moving landscape."""

    def values(record):
        return {param.name: value for param, value in zip(record.parameters, record.values, strict=True)}

    weights, walks, rows = [float(w) for w in start], [[0.0, 0.0] for _ in landscape.noise], []
    for step in range(1, steps + 2):
        motion = landscape.motion
        *offset, factor = whereabouts(motion.name, values(motion), step, seed, stream) if motion else (0.0, 0.0, 1.0)
        at = [w - o for w, o in zip(weights, offset, strict=False)]
        loss, *gradient = landscape.value_and_gradient(at[0], at[1] if len(at) == 2 else 0.0, landscape.values)
        loss, gradient = factor * loss, [factor * g for g in gradient[: len(at)]]
        rows.append((*weights, loss, *gradient))
        for draw, noise in enumerate(landscape.noise):
            gradient = noisy(noise.name, values(noise), gradient, weights, walks[draw], (seed, stream, step, draw))
        weights = [w - rate * g for w, g in zip(weights, gradient, strict=True)]
    return rows


# --- Prototypes: each one the shape that its name says, scaled to the value and the slope where it begins -----------------------------


def prototype(pieces, x, sign):
    """J(x) of prototypes joined on equal parts of [0, 1], (name, way) each, in multiple precision; J(0) = 0 and J'(0) = ``sign``."""
    length = mpmath.mpf(1) / len(pieces)
    value, slope, last = mpmath.mpf(0), mpmath.mpf(sign), mpmath.mpf(sign)
    for k, (name, way) in enumerate(pieces):
        slope = mpmath.mpf(0) if name == "bend" and k == 0 else slope
        last = slope if slope else last
        function = shaped(name, way, k * length, (k + 1) * length, value, slope, last)
        if x < (k + 1) * length or k == len(pieces) - 1:
            return function(x)
        end = (k + 1) * length
        value, slope = function(end), mpmath.diff(function, end, direction=-1, h=mpmath.mpf(10) ** -30)
        slope = mpmath.mpf(0) if abs(slope) < mpmath.mpf(10) ** -20 else slope
    raise AssertionError


def shaped(name, way, start, end, value, slope, last):
    length, middle, falls = end - start, (start + end) / 2, slope < 0
    if name in ("line", "abs", "relu", "bend", "cliff", "ridge"):
        after = {"line": slope, "abs": -slope, "relu": 0, "bend": last, "cliff": -10 * slope, "ridge": 10 * slope}[name]
        after = {"up": abs(after), "down": -abs(after), "": after}[way]
        return lambda x: value + slope * (min(x, middle) - start) + after * max(x - middle, 0)
    root = mpmath.sqrt(2)
    if name == "exponential":
        form = lambda x: mpmath.mpf(1000) ** (-(x - start) / length)  # noqa: E731
    elif name == "quad_convex":
        vertex = start + length / mpmath.mpf("0.9") if falls else start - length / 9
        form = lambda x: (x - vertex) ** 2  # noqa: E731
    elif name == "quad_bowl":
        form = lambda x: (x - middle) ** 2  # noqa: E731
    else:
        family, part = name.split("_")
        near, far = {  # how far from the mean the piece begins and ends, in widths
            "gauss_nonconvex": (1 / root, 4),
            "gauss_convex": (mpmath.mpf("0.1"), 1 / root),
            "laplace_nonconvex": (1, 8),
            "laplace_convex": (mpmath.mpf("0.1"), 1),
        }.get(name, (-mpmath.mpf("0.1"), mpmath.mpf("0.1")))
        width = length / (far - near)
        mean = start + far * width if falls or part == "bowl" else start - near * width
        power = 2 if family == "gauss" else 1
        form = lambda x: mpmath.exp(-((abs(x - mean) / width) ** power))  # noqa: E731
    begin = mpmath.diff(form, start)
    return lambda x: value + slope * (form(x) - form(start)) / begin


# --- Mini-batches ------------------------------------------------------------------------------------------------------------------


def batch_rows(batches, step, seed, stream=0):
    """The points of batch ``step`` (from 1), found by walking through every epoch before; orders by Fisher and Yates, from the end."""
    epoch, size = 0, batches.size
    left, later = step - 1, dict(batches.later)

    def steps():
        return batches.count // size if batches.drop_last else -(-batches.count // size)

    def below(number, which, draw):
        word = philox((which % 2**32, which // 2**32, 2**31 + draw, stream), (seed % 2**32, seed // 2**32))[0]
        return word * number // 2**32

    while left >= steps():
        left -= steps()
        epoch += 1
        size = later.get(epoch, size)
    if batches.replacement:
        return [below(batches.count, step, place) for place in range(size)]
    order = list(range(batches.count))
    if batches.shuffle and size < batches.count:
        for i in reversed(range(1, batches.count)):
            j = below(i + 1, epoch, i)
            order[i], order[j] = order[j], order[i]
    return order[left * size : (left + 1) * size]


def descend_in_batches(landscape, optimizer, start, values, steps, batches, seed, stream):
    """Positions of a run that sees batches, by leaf functions as plain Python. A batch of all is in order."""
    hyper, on = optimizer.pack(values)
    weights = [float(w) for w in start]
    shared = optimizer.initial_shared
    slots = [optimizer.initial_slots(hyper) for _ in range(2)]
    positions = [tuple(weights)]
    for step in range(1, steps + 1):
        rows = batch_rows(batches, step, seed, stream)
        rows = sorted(rows) if len(rows) == batches.count and not batches.replacement else rows
        sums = [0.0, 0.0]
        for k in rows:
            _, *slopes = landscape.term(*weights, landscape.given, k)
            sums = [total + float(slope) for total, slope in zip(sums, slopes, strict=True)]
        shared = optimizer.advance(shared, hyper, step)
        for i in range(2):
            weights[i], slots[i] = optimizer.update(weights[i], sums[i] / len(rows), slots[i], shared, hyper, on, step)
        positions.append(tuple(weights))
    return positions


@mpmath.extradps(25)  # 1 - p loses what the logarithm needs where p is nearly 1
def mean_loss(model, inputs, targets, weights):
    """The loss of two weights on data, as its textbook writes it: mpmath, a point at a time."""
    losses = []
    for row, target in zip(inputs, targets, strict=True):
        row = [mpmath.mpf(float(value)) for value in row]
        z = weights[0] * row[0] + weights[1] * (row[1] if len(row) == 2 else 1)
        t = mpmath.mpf(float(target))
        if model == "logistic":
            p = 1 / (1 + mpmath.exp(-z))
            losses.append(-(t * mpmath.log(p) + (1 - t) * mpmath.log(1 - p)))
        else:
            losses.append(((mpmath.tanh(z) if model == "neuron" else z) - t) ** 2)
    return mpmath.fsum(losses) / len(losses)
