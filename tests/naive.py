"""The slow, obvious version of everything: the oracle of every fast path. Sections in the order of the layers; only ever extended."""

import math
from fractions import Fraction
from itertools import pairwise

import mpmath

# --- Verdicts ---------------------------------------------------------------------------------------------------------------------


def turns(path, least):
    """How often a one-dimensional path turned back, counting only swings longer than ``least``."""
    swings, swing = [], 0.0
    for before, after in pairwise(path):
        move = after - before
        if move == 0.0:
            continue
        if swing * move < 0.0:
            swings.append(abs(swing))
            swing = 0.0
        swing += move
    swings.append(abs(swing))
    return max(0, sum(size > least for size in swings) - 1)


# --- Optimizers: the textbook steps of torch.optim, a list of weights at a time -----------------------------------------------------


class Sgd:
    def __init__(self, learning_rate, momentum=0.0, dampening=0.0, weight_decay=0.0, nesterov=False):
        self.learning_rate, self.momentum, self.dampening = learning_rate, momentum, dampening
        self.weight_decay, self.nesterov = weight_decay, nesterov
        self.velocity = None

    def step(self, weights, gradients):
        gradients = [g + self.weight_decay * w for w, g in zip(weights, gradients, strict=True)]
        if self.momentum == 0.0:
            return [w - self.learning_rate * g for w, g in zip(weights, gradients, strict=True)]
        if self.velocity is None:
            self.velocity = gradients
        else:
            self.velocity = [self.momentum * v + (1.0 - self.dampening) * g for v, g in zip(self.velocity, gradients, strict=True)]
        moves = self.velocity
        if self.nesterov:
            moves = [g + self.momentum * v for v, g in zip(self.velocity, gradients, strict=True)]
        return [w - self.learning_rate * move for w, move in zip(weights, moves, strict=True)]

    def kept(self):
        return [self.velocity or [0.0, 0.0]]


class Adagrad:
    def __init__(self, learning_rate, lr_decay=0.0, weight_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
        self.learning_rate, self.lr_decay, self.weight_decay, self.eps = learning_rate, lr_decay, weight_decay, eps
        self.sums = [initial_accumulator_value] * 2
        self.steps = 0

    def step(self, weights, gradients):
        self.steps += 1
        rate = self.learning_rate / (1.0 + (self.steps - 1) * self.lr_decay)
        following = []
        for i, (w, g) in enumerate(zip(weights, gradients, strict=True)):
            g = g + self.weight_decay * w
            self.sums[i] = self.sums[i] + g**2
            following.append(w - rate * g / (self.sums[i] ** 0.5 + self.eps))
        return following

    def kept(self):
        return [self.sums]


class Rmsprop:
    def __init__(self, learning_rate, alpha=0.99, eps=1e-8, weight_decay=0.0, momentum=0.0, centered=False):
        self.learning_rate, self.alpha, self.eps = learning_rate, alpha, eps
        self.weight_decay, self.momentum, self.centered = weight_decay, momentum, centered
        self.squares, self.means, self.velocities = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]

    def step(self, weights, gradients):
        following = []
        for i, (w, g) in enumerate(zip(weights, gradients, strict=True)):
            g = g + self.weight_decay * w
            self.squares[i] = self.alpha * self.squares[i] + (1.0 - self.alpha) * g**2
            spread = self.squares[i]
            if self.centered:
                self.means[i] = self.alpha * self.means[i] + (1.0 - self.alpha) * g
                spread = max(0.0, self.squares[i] - self.means[i] ** 2)
            direction = g / (spread**0.5 + self.eps)
            if self.momentum > 0.0:
                direction = self.velocities[i] = self.momentum * self.velocities[i] + direction
            following.append(w - self.learning_rate * direction)
        return following

    def kept(self):
        return [self.squares, self.means, self.velocities]


class Adadelta:
    def __init__(self, learning_rate, rho=0.9, eps=1e-6, weight_decay=0.0):
        self.learning_rate, self.rho, self.eps, self.weight_decay = learning_rate, rho, eps, weight_decay
        self.squares, self.changes = [0.0, 0.0], [0.0, 0.0]

    def step(self, weights, gradients):
        following = []
        for i, (w, g) in enumerate(zip(weights, gradients, strict=True)):
            g = g + self.weight_decay * w
            self.squares[i] = self.rho * self.squares[i] + (1.0 - self.rho) * g**2
            change = (self.changes[i] + self.eps) ** 0.5 / (self.squares[i] + self.eps) ** 0.5 * g
            self.changes[i] = self.rho * self.changes[i] + (1.0 - self.rho) * change**2
            following.append(w - self.learning_rate * change)
        return following

    def kept(self):
        return [self.squares, self.changes]


class Adam:
    def __init__(self, learning_rate, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0, amsgrad=False):
        self.learning_rate, self.beta1, self.beta2, self.eps = learning_rate, beta1, beta2, eps
        self.weight_decay, self.amsgrad = weight_decay, amsgrad
        self.means, self.squares, self.largest = [0.0, 0.0], [0.0, 0.0], [0.0, 0.0]
        self.steps = 0

    def step(self, weights, gradients):
        self.steps += 1
        following = []
        for i, (w, g) in enumerate(zip(weights, gradients, strict=True)):
            g = g + self.weight_decay * w
            self.means[i] = self.beta1 * self.means[i] + (1.0 - self.beta1) * g
            self.squares[i] = self.beta2 * self.squares[i] + (1.0 - self.beta2) * g**2
            seen = self.squares[i]
            if self.amsgrad:
                seen = self.largest[i] = max(self.largest[i], self.squares[i])
            mean = self.means[i] / (1.0 - self.beta1**self.steps)
            square = seen / (1.0 - self.beta2**self.steps)
            following.append(w - self.learning_rate * mean / (square**0.5 + self.eps))
        return following

    def kept(self):
        return [self.means, self.squares, self.largest]


OPTIMIZERS = {"sgd": Sgd, "adagrad": Adagrad, "rmsprop": Rmsprop, "adadelta": Adadelta, "adam": Adam}


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


LOSSES = {
    "double_well": lambda w, tilt=0.5: (w[0] ** 2 - 1.0) ** 2 + tilt * w[0],
    "shallow_slope": lambda w, slope=0.05: slope * (math.hypot(1.0, w[0]) - 1.0) + 1.0 - math.exp(-(w[0] ** 2) / 2.0),
    "narrow_valley": narrow_valley,
    "quadratic": lambda w, a=1.0, b=10.0: (a * w[0] ** 2 + b * w[1] ** 2) / 2.0,
    "rosenbrock": lambda w, a=1.0, b=100.0: (a - w[0]) ** 2 + b * (w[1] - w[0] ** 2) ** 2,
    "beale": beale,
    "saddle": lambda w: w[0] ** 2 - w[1] ** 2,
    "monkey_saddle": lambda w: (complex(*w) ** 3).real,
    "himmelblau": lambda w: (w[0] ** 2 + w[1] - 11.0) ** 2 + (w[0] + w[1] ** 2 - 7.0) ** 2,
    "styblinski_tang": lambda w: sum(x**4 - 16.0 * x**2 + 5.0 * x for x in w) / 2.0,
    "local_minimum": local_minimum,
    "rastrigin": rastrigin,
    "ackley": ackley,
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


def descend(landscape, optimizer, start, values, steps, tolerance=None):
    """Positions of one run, by the leaf functions as plain Python: no compilation, no block, no recording in parts."""
    hyper, on = optimizer.pack(values)
    weights = [float(w) for w in start]
    shared = optimizer.initial_shared
    slots = [optimizer.initial_slots(hyper) for _ in weights]
    positions = []
    for step in range(1, steps + 2):
        positions.append(list(weights))
        loss, *gradient = landscape.value_and_gradient(weights[0], weights[1] if len(weights) == 2 else 0.0, landscape.values)
        norm = math.hypot(*gradient)
        if not (math.isfinite(loss) and norm <= 1e150) or (tolerance is not None and norm <= tolerance) or step > steps:
            return positions
        shared = optimizer.advance(shared, hyper, step)
        for i in range(len(weights)):
            weights[i], slots[i] = optimizer.update(weights[i], gradient[i], slots[i], shared, hyper, on, step)
    return positions
