"""What theory says of the catalogue's optimizers in closed form: linear steps on a quadratic, and lengths of steps."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Values = Mapping[str, float | bool]


@dataclass(frozen=True)
class Momentum:
    """v <- memory v + intake g;  w <- w - rate (direct g + carried v): gradient descent, plain and with every kind of momentum.

    On a quadratic of curvature c a step is a matrix of (w, v). All of it holds from the second step on: the first velocity may be special.
    ``decay`` adds decay w to the gradient.
    """

    rate: float
    memory: float
    intake: float
    direct: float
    carried: float
    decay: float = 0.0

    def matrix(self, curvature: float) -> Floats:
        slope = curvature + self.decay
        whole = self.direct + self.carried * self.intake
        return np.array([[1.0 - self.rate * whole * slope, -self.rate * self.carried * self.memory], [self.intake * slope, self.memory]])

    def radius(self, curvature: float) -> float:
        """The factor by which distances shrink a step, in the long run."""
        return float(np.max(np.abs(np.linalg.eigvals(self.matrix(curvature)))))

    def variance(self, curvature: float) -> float:
        """That of w in the long run, where every gradient has noise of variance 1: the fixed point of P = A P A' + b b'.

        Without momentum it is rate / (curvature (2 - rate curvature)).
        """
        step = self.matrix(curvature)
        push = np.array([-self.rate * (self.direct + self.carried * self.intake), self.intake])
        fixed = np.linalg.solve(np.eye(4) - np.kron(step, step), np.outer(push, push).ravel())
        return float(fixed[0])

    @property
    def limit(self) -> float:
        """The curvature from which on distances grow, where the matrix of a step has the eigenvalue -1; without weight decay."""
        whole = self.direct * (1.0 + self.memory) + self.carried * self.intake
        return 2.0 * (1.0 + self.memory) / (self.rate * whole) if self.rate * whole > 0.0 else math.inf

    @property
    def gain(self) -> float:
        """How much faster than plain descent it goes where the gradient hardly changes."""
        return self.direct + self.carried * self.intake / (1.0 - self.memory)


def momentum_of(name: str | None, values: Values) -> Momentum | None:
    """The linear step of ``sgd`` or ``qhm`` with complete ``values``; None for all others."""
    rate, memory, decay = (float(values.get(key, 0.0)) for key in ("learning_rate", "momentum", "weight_decay"))
    if name == "sgd":
        if memory == 0.0:
            return Momentum(rate, 0.0, 1.0, 1.0, 0.0, decay)
        intake = 1.0 - float(values.get("dampening", 0.0))
        return Momentum(rate, memory, intake, *((1.0, memory) if values.get("nesterov") else (0.0, 1.0)), decay)
    if name == "qhm":
        return mean_of_gradients(rate, memory, float(values.get("nu", 0.7)), decay)
    return None


def mean_of_gradients(rate: float, memory: float, share: float = 1.0, decay: float = 0.0) -> Momentum:
    """A step along a running mean of the gradients, or along ``share`` of it and of the gradient the rest."""
    return Momentum(rate, memory, 1.0 - memory, 1.0 - share, share, decay)


def _adam(v: Values, g: float, k: int) -> float:
    return float(v["learning_rate"]) * g / (g + float(v["eps"]))


def _rate(v: Values, g: float, k: int) -> float:
    return float(v["learning_rate"])


def _plain(v: Values, g: float, k: int) -> float:
    return float(v["learning_rate"]) * g


def _sgd(v: Values, g: float, k: int) -> float:
    if not v["momentum"]:
        return _plain(v, g, k)
    m, intake = float(v["momentum"]), 1.0 - float(v["dampening"])
    velocity = math.pow(m, k - 1) + intake * math.fsum(math.pow(m, i) for i in range(k - 1))
    return float(v["learning_rate"]) * g * (1.0 + m * velocity if v["nesterov"] else velocity)


def _qhm(v: Values, g: float, k: int) -> float:
    return float(v["learning_rate"]) * g * (1.0 - float(v["nu"]) * math.pow(float(v["momentum"]), k))


def _adagrad(v: Values, g: float, k: int) -> float:
    total = float(v["initial_accumulator_value"]) + k * g * g
    return float(v["learning_rate"]) / (1.0 + (k - 1) * float(v["lr_decay"])) * g / (math.sqrt(total) + float(v["eps"]))


def _rmsprop(v: Values, g: float, k: int) -> float:
    seen = 1.0 - math.pow(float(v["alpha"]), k)
    seen -= seen * seen if v["centered"] else 0.0
    return float(v["learning_rate"]) * g / (math.sqrt(seen) * g + float(v["eps"]))


def _rprop(v: Values, g: float, k: int) -> float:
    size = float(v["learning_rate"])
    for i in range(k):
        size = min(max(size * (float(v["eta_plus"]) if i else 1.0), float(v["step_min"])), float(v["step_max"]))
    return size


def _adadelta(v: Values, g: float, k: int) -> float:
    eps = float(v["eps"])
    return float(v["learning_rate"]) * math.sqrt(eps / ((1.0 - float(v["rho"])) * g * g + eps)) * g


def _nadam(v: Values, g: float, k: int) -> float:
    beta1, decay = float(v["beta1"]), float(v["momentum_decay"])
    now, following = (beta1 * (1.0 - 0.5 * math.pow(0.96, t * decay)) for t in (1, 2))
    return _adam(v, g, k) * (1.0 + following * (1.0 - beta1) / (1.0 - now * following))


def _adabelief(v: Values, g: float, k: int) -> float:
    eps, beta1, beta2 = float(v["eps"]), float(v["beta1"]), float(v["beta2"])
    return float(v["learning_rate"]) * g / (math.sqrt((beta1 * g) ** 2 + eps / (1.0 - beta2)) + eps)


def _adafactor(v: Values, g: float, k: int) -> float:
    return float(v["eps2"]) * min(float(v["learning_rate"]), 1.0)


Length = Callable[[Values, float, int], float]

ALWAYS: Mapping[str, Length] = {
    "sgd": _sgd,
    "qhm": _qhm,
    "adam": _adam,
    "adamw": _adam,
    "adamax": _adam,
    "qhadam": _adam,
    "adagrad": _adagrad,
    "rmsprop": _rmsprop,
    "sign_sgd": _rate,
    "signum": _rate,
    "lion": _rate,
    "rprop": _rprop,
}
"""The length of step k of a weight at 0, from the start on, with the same gradient of size g in every step and no weight decay."""

FIRST: Mapping[str, Length] = {
    **ALWAYS,
    "radam": _plain,
    "asgd": _plain,
    "schedule_free_sgd": _plain,
    "nadam": _nadam,
    "adan": _adam,
    "adadelta": _adadelta,
    "adabelief": _adabelief,
    "adafactor": _adafactor,
}
"""The length of the first step of a weight at 0 with a gradient of size g."""


def holds_always(name: str, values: Values) -> bool:
    """Whether ``ALWAYS`` speaks of these values: a repeated step adds up otherwise."""
    return name in ALWAYS and not (name == "rmsprop" and (values["momentum"] or values["centered"]))


def largest_step(values: Values, steps: int) -> Floats:
    """The longest that steps 1 to ``steps`` of Adam can be, whatever the gradients, in learning rates.

    By the inequality of Cauchy and Schwarz for the two weighted sums of gradients that a step divides; it is reached by gradients that grow
    by beta2 / beta1 a step.
    """
    beta1, beta2 = float(values["beta1"]), float(values["beta2"])
    t = np.arange(1, steps + 1)
    ratio = beta1 * beta1 / beta2 if beta2 > 0.0 else math.inf
    memory = np.cumsum(ratio ** (t - 1.0))
    found: Floats = (1.0 - beta1) / (1.0 - beta1**t) * np.sqrt(memory * (1.0 - beta2**t) / (1.0 - beta2))
    return found
