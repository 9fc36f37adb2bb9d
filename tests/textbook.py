"""The textbook steps of every optimizer, slow and obvious: the papers' and torch.optim's formulas, a list of two weights at a time.

``OPTIMIZERS[name](**values)`` has ``step(weights, gradients) -> weights`` and ``kept()``, a pair of numbers for each slot of the record.
"""

# ruff: noqa: RUF012

from fractions import Fraction


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


class EachWeight:
    """A rule of one weight, applied to each on its own: ``one(w, g, kept)`` is step ``self.t`` and writes what it keeps into ``kept``."""

    fresh = (0.0,)
    defaults = {}

    def __init__(self, learning_rate, **values):
        assert set(values) <= set(self.defaults)
        self.learning_rate = learning_rate
        self.__dict__.update(self.defaults | values)
        self.steps = 0
        self.numbers = [list(self.fresh), list(self.fresh)]

    def step(self, weights, gradients):
        self.steps += 1
        return [self.one(w, g, kept) for w, g, kept in zip(weights, gradients, self.numbers, strict=True)]

    def kept(self):
        return [list(pair) for pair in zip(*self.numbers, strict=True)]

    def one(self, w, g, kept):
        raise NotImplementedError

    def corrected(self, number, beta):
        """What a mean that started at 0 would be if it had not."""
        return number / (1.0 - beta**self.steps)

    def moments(self, g, kept):
        """Adam's means of gradients and squares, put into the first two of ``kept``."""
        kept[0] = self.beta1 * kept[0] + (1.0 - self.beta1) * g
        kept[1] = self.beta2 * kept[1] + (1.0 - self.beta2) * g**2


ADAMS = {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "weight_decay": 0.0}


def sign(x):
    return (x > 0.0) - (x < 0.0)


class AdamW(EachWeight):
    fresh = (0.0, 0.0, 0.0)
    defaults = ADAMS | {"weight_decay": 0.01, "amsgrad": False}

    def one(self, w, g, kept):
        w = w - self.learning_rate * self.weight_decay * w
        self.moments(g, kept)
        seen = kept[1]
        if self.amsgrad:
            seen = kept[2] = max(kept[2], kept[1])
        return w - self.learning_rate * self.corrected(kept[0], self.beta1) / (self.corrected(seen, self.beta2) ** 0.5 + self.eps)


class Adamax(EachWeight):
    fresh = (0.0, 0.0)
    defaults = ADAMS

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        kept[0] = self.beta1 * kept[0] + (1.0 - self.beta1) * g
        kept[1] = max(self.beta2 * kept[1], abs(g) + self.eps)
        return w - self.learning_rate * self.corrected(kept[0], self.beta1) / kept[1]


class Nadam(EachWeight):
    fresh = (0.0, 0.0)
    defaults = ADAMS | {"momentum_decay": 4e-3, "decoupled_weight_decay": False}

    def momentum(self, t):
        return self.beta1 * (1.0 - 0.5 * 0.96 ** (t * self.momentum_decay))

    def one(self, w, g, kept):
        if self.decoupled_weight_decay:
            w = w - self.learning_rate * self.weight_decay * w
        else:
            g = g + self.weight_decay * w
        self.moments(g, kept)
        product = 1.0
        for t in range(1, self.steps + 1):
            product *= self.momentum(t)
        now, following = self.momentum(self.steps), self.momentum(self.steps + 1)
        mean = following * kept[0] / (1.0 - product * following) + (1.0 - now) * g / (1.0 - product)
        return w - self.learning_rate * mean / (self.corrected(kept[1], self.beta2) ** 0.5 + self.eps)


class Radam(EachWeight):
    fresh = (0.0, 0.0)
    defaults = ADAMS | {"decoupled_weight_decay": False}

    def one(self, w, g, kept):
        if self.decoupled_weight_decay:
            w = w - self.learning_rate * self.weight_decay * w
        else:
            g = g + self.weight_decay * w
        self.moments(g, kept)
        mean = self.corrected(kept[0], self.beta1)
        # Exactly, because nearly equal numbers are subtracted.
        beta2, t = Fraction(self.beta2), self.steps
        longest = 2 / (1 - beta2) - 1
        length = longest - 2 * t * beta2**t / (1 - beta2**t)
        if length <= 5:
            return w - self.learning_rate * mean
        trust = float((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)) ** 0.5
        return w - self.learning_rate * mean * trust * float(1 - beta2**t) ** 0.5 / (kept[1] ** 0.5 + self.eps)


class Qhadam(EachWeight):
    fresh = (0.0, 0.0)
    defaults = ADAMS | {"beta1": 0.995, "nu1": 0.7, "nu2": 1.0}

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        self.moments(g, kept)
        numerator = (1.0 - self.nu1) * g + self.nu1 * self.corrected(kept[0], self.beta1)
        square = (1.0 - self.nu2) * g**2 + self.nu2 * self.corrected(kept[1], self.beta2)
        return w - self.learning_rate * numerator / (square**0.5 + self.eps)


class Adan(EachWeight):
    fresh = (0.0, 0.0, 0.0, 0.0)
    defaults = {"beta1": 0.98, "beta2": 0.92, "beta3": 0.99, "eps": 1e-8, "weight_decay": 0.0}

    def one(self, w, g, kept):
        change = g - kept[3] if self.steps > 1 else 0.0
        kept[0] = self.beta1 * kept[0] + (1.0 - self.beta1) * g
        kept[1] = self.beta2 * kept[1] + (1.0 - self.beta2) * change
        kept[2] = self.beta3 * kept[2] + (1.0 - self.beta3) * (g + self.beta2 * change) ** 2
        kept[3] = g
        direction = self.corrected(kept[0], self.beta1) + self.beta2 * self.corrected(kept[1], self.beta2)
        w = w - self.learning_rate * direction / (self.corrected(kept[2], self.beta3) ** 0.5 + self.eps)
        return w / (1.0 + self.learning_rate * self.weight_decay)


class Yogi(EachWeight):
    defaults = ADAMS | {"eps": 1e-3, "initial_accumulator_value": 1e-6}

    @property
    def fresh(self):
        return (0.0, self.initial_accumulator_value)

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        kept[0] = self.beta1 * kept[0] + (1.0 - self.beta1) * g
        kept[1] = kept[1] - (1.0 - self.beta2) * sign(kept[1] - g**2) * g**2
        return w - self.learning_rate * self.corrected(kept[0], self.beta1) / (self.corrected(kept[1], self.beta2) ** 0.5 + self.eps)


class Adabelief(EachWeight):
    fresh = (0.0, 0.0)
    defaults = ADAMS | {"eps": 1e-16}

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        kept[0] = self.beta1 * kept[0] + (1.0 - self.beta1) * g
        kept[1] = self.beta2 * kept[1] + (1.0 - self.beta2) * (g - kept[0]) ** 2 + self.eps
        return w - self.learning_rate * self.corrected(kept[0], self.beta1) / (self.corrected(kept[1], self.beta2) ** 0.5 + self.eps)


class Adafactor(EachWeight):
    defaults = {"beta2_decay": -0.8, "eps1": 2.0**-52, "eps2": 1e-3, "d": 1.0, "weight_decay": 0.0}

    def one(self, w, g, kept):
        size = max(self.eps2, abs(w))
        rate = size * min(self.learning_rate, 1.0 / self.steps**0.5)
        w = w - self.learning_rate * self.weight_decay * w
        memory = 1.0 - self.steps**self.beta2_decay
        kept[0] = memory * kept[0] + (1.0 - memory) * g**2
        direction = g / max(kept[0], self.eps1**2) ** 0.5
        return w - rate * direction / max(1.0, abs(direction) / self.d)


class Qhm(EachWeight):
    defaults = {"momentum": 0.999, "nu": 0.7, "weight_decay": 0.0}

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        kept[0] = self.momentum * kept[0] + (1.0 - self.momentum) * g
        return w - self.learning_rate * ((1.0 - self.nu) * g + self.nu * kept[0])


class Asgd(EachWeight):
    defaults = {"lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0.0}

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        past = self.steps - 1
        rate = self.learning_rate / (1.0 + self.lambd * self.learning_rate * past) ** self.alpha
        w = w - self.lambd * rate * w - rate * g
        kept[0] = kept[0] + (w - kept[0]) / max(1.0, past - self.t0)
        return w


class ScheduleFreeSgd(EachWeight):
    fresh = (0.0, 0.0)
    defaults = {"momentum": 0.9, "weight_decay": 0.0}

    def one(self, w, g, kept):
        z, x = kept if self.steps > 1 else (w, w)
        z = z - self.learning_rate * (g + self.weight_decay * w)
        x = (1.0 - 1.0 / self.steps) * x + z / self.steps
        kept[:] = z, x
        return (1.0 - self.momentum) * z + self.momentum * x


class SignSgd(EachWeight):
    fresh = ()
    defaults = {"weight_decay": 0.0}

    def one(self, w, g, kept):
        return w - self.learning_rate * sign(g + self.weight_decay * w)


class Signum(EachWeight):
    defaults = {"momentum": 0.9, "weight_decay": 0.0}

    def one(self, w, g, kept):
        kept[0] = self.momentum * kept[0] + (1.0 - self.momentum) * (g + self.weight_decay * w)
        return w - self.learning_rate * sign(kept[0])


class Lion(EachWeight):
    defaults = {"beta1": 0.9, "beta2": 0.99, "weight_decay": 0.0}

    def one(self, w, g, kept):
        direction = sign(self.beta1 * kept[0] + (1.0 - self.beta1) * g)
        kept[0] = self.beta2 * kept[0] + (1.0 - self.beta2) * g
        return w - self.learning_rate * (direction + self.weight_decay * w)


class Rprop(EachWeight):
    defaults = {"eta_minus": 0.5, "eta_plus": 1.2, "step_min": 1e-6, "step_max": 50.0, "weight_decay": 0.0}

    @property
    def fresh(self):
        return (0.0, self.learning_rate)

    def one(self, w, g, kept):
        g = g + self.weight_decay * w
        turned = g * kept[0] < 0.0
        factor = self.eta_minus if turned else self.eta_plus if g * kept[0] > 0.0 else 1.0
        kept[1] = min(max(kept[1] * factor, self.step_min), self.step_max)
        kept[0] = 0.0 if turned else g
        return w - kept[1] * sign(kept[0])


OPTIMIZERS = {
    "sgd": Sgd,
    "qhm": Qhm,
    "asgd": Asgd,
    "schedule_free_sgd": ScheduleFreeSgd,
    "sign_sgd": SignSgd,
    "signum": Signum,
    "lion": Lion,
    "rprop": Rprop,
    "adagrad": Adagrad,
    "rmsprop": Rmsprop,
    "adadelta": Adadelta,
    "adafactor": Adafactor,
    "adam": Adam,
    "adamw": AdamW,
    "nadam": Nadam,
    "qhadam": Qhadam,
    "adan": Adan,
    "adamax": Adamax,
    "radam": Radam,
    "yogi": Yogi,
    "adabelief": Adabelief,
}
