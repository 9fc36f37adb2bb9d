"""Known mistakes: the catalogue's rules with a mistake in them, by which a wrong optimizer is recognised.

A mistake is a record like the right one, but for one leaf. They run as plain Python, so leaves may close over what they like.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,operator,misc"

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from gdsim.optimizers import Optimizer

Floats = NDArray[np.float64]
Values = Mapping[str, float | bool]


@dataclass(frozen=True)
class Mistake:
    """``words`` complete the sentence "The numbers are those of NAME if ..."; ``record`` and ``values`` are those of the mistaken rule."""

    words: str
    record: Optimizer
    values: Values


def path(record: Optimizer, values: Values, weights: Floats, gradients: Floats) -> Floats:
    """Where weights (n,) go on gradients (steps, n), step by step, (steps + 1, n), by the leaves run as plain Python.

    From the step on that plain Python cannot compute (a division by zero) there are NaN.
    """
    update = record.update
    assert update is not None
    hyper, on = record.pack(values)
    walked = np.full((len(gradients) + 1, len(weights)), math.nan)
    walked[0] = weights
    shared = record.initial_shared
    slots = [record.initial_slots(hyper)] * len(weights)
    now = [float(weight) for weight in weights]
    for k, row in enumerate(gradients.tolist()):
        try:
            shared = record.advance(shared, hyper, k + 1)
            moved = [update(w, g, kept, shared, hyper, on, k + 1) for w, g, kept in zip(now, row, slots, strict=True)]
        except (ArithmeticError, ValueError):
            break
        now, slots = [weight for weight, _ in moved], [kept for _, kept in moved]
        walked[k + 1] = now
    return walked


def mistakes(record: Optimizer, values: Values) -> Iterator[Mistake]:
    """The mistakes that the rule ``record`` with complete ``values`` may have, those of its own kind first."""
    for words, update in OWN.get(record.name, ()):
        yield Mistake(words, replace(record, update=update), values)
    if record.slot_names:
        yield Mistake("it forgets its state from step to step", replace(record, update=_forgetful(record)), values)
    yield Mistake("it goes up the gradient, not down", replace(record, update=_uphill(record)), values)
    if values.get("weight_decay"):
        yield Mistake("it leaves weight decay out", record, {**values, "weight_decay": 0.0})
        without = {**values, "weight_decay": 0.0}
        decay, rate = float(values["weight_decay"]), float(values["learning_rate"])
        words = "weight decay is taken off the weight itself (decoupled), where it belongs to the gradient (L2)"
        yield Mistake(words, replace(record, update=_decoupled(record, decay, rate)), without)
        words = "weight decay goes through the gradient (L2), where it should be taken off the weight itself (decoupled)"
        yield Mistake(words, replace(record, update=_joined(record, decay)), without)
    if {"beta1", "beta2"} <= set(values) and values["beta1"] != values["beta2"]:
        yield Mistake("beta1 and beta2 are exchanged", record, {**values, "beta1": values["beta2"], "beta2": values["beta1"]})
    for key, given in values.items():
        default = record.defaults[key]
        if given != default and record.conflict(changed := {**values, key: default}) is None:
            yield Mistake(f"it takes {key} = {_shown(default)}, the default, whatever it is given", record, changed)


def _shown(value: float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else f"{value:g}"


def _forgetful(record: Optimizer) -> Callable[..., object]:
    def update(weight, gradient, slots, shared, hyper, on, step):
        return record.update(weight, gradient, record.initial_slots(hyper), shared, hyper, on, step)

    return update


def _uphill(record: Optimizer) -> Callable[..., object]:
    def update(weight, gradient, slots, shared, hyper, on, step):
        after, slots = record.update(weight, gradient, slots, shared, hyper, on, step)
        return 2.0 * weight - after, slots

    return update


def _decoupled(record: Optimizer, decay: float, rate: float) -> Callable[..., object]:
    def update(weight, gradient, slots, shared, hyper, on, step):
        return record.update(weight * (1.0 - rate * decay), gradient, slots, shared, hyper, on, step)

    return update


def _joined(record: Optimizer, decay: float) -> Callable[..., object]:
    def update(weight, gradient, slots, shared, hyper, on, step):
        return record.update(weight, gradient + decay * weight, slots, shared, hyper, on, step)

    return update


def _adam(direction, decoupled=False):
    """Adam and AdamW with another ``direction(mean, square, eps, beta1, beta2, step)``."""

    def update(weight, gradient, slots, shared, hyper, on, step):
        rate, beta1, beta2, eps, decay = hyper
        mean, square, largest = slots
        if on[0] and decoupled:
            weight = weight * (1.0 - rate * decay)
        elif on[0]:
            gradient = gradient + decay * weight
        mean = beta1 * mean + (1.0 - beta1) * gradient
        square = beta2 * square + (1.0 - beta2) * gradient * gradient
        largest = max(largest, square)
        return weight - rate * direction(mean, largest if on[1] else square, eps, beta1, beta2, step), (mean, square, largest)

    return update


def _adam_mistakes(decoupled):
    def multiplied(m, v, eps, b1, b2, t):
        return m * (1.0 - b1**t) / (math.sqrt(v * (1.0 - b2**t)) + eps)

    def mean_multiplied(m, v, eps, b1, b2, t):
        return m * (1.0 - b1**t) / (math.sqrt(v / (1.0 - b2**t)) + eps)

    def uncorrected(m, v, eps, b1, b2, t):
        return m / (math.sqrt(v) + eps)

    def mean_only(m, v, eps, b1, b2, t):
        return m / (1.0 - b1**t) / (math.sqrt(v) + eps)

    def square_only(m, v, eps, b1, b2, t):
        return m / (math.sqrt(v / (1.0 - b2**t)) + eps)

    def inside(m, v, eps, b1, b2, t):
        return m / (1.0 - b1**t) / math.sqrt(v / (1.0 - b2**t) + eps)

    def before(m, v, eps, b1, b2, t):
        return m * math.sqrt(1.0 - b2**t) / (1.0 - b1**t) / (math.sqrt(v) + eps)

    def late(m, v, eps, b1, b2, t):
        return m / (1.0 - b1 ** (t + 1)) / (math.sqrt(v / (1.0 - b2 ** (t + 1))) + eps)

    def rootless(m, v, eps, b1, b2, t):
        return m / (1.0 - b1**t) / (v / (1.0 - b2**t) + eps)

    named = {
        "the bias correction multiplies where it should divide": multiplied,
        "the bias correction of the mean multiplies where it should divide": mean_multiplied,
        "there is no bias correction": uncorrected,
        "the mean square has no bias correction": mean_only,
        "the mean has no bias correction": square_only,
        "eps stands inside the root, where it belongs outside": inside,
        "eps is added before the bias correction, where it belongs after it": before,
        "the bias correction counts steps one too far": late,
        "the root of the mean square is missing": rootless,
    }
    return tuple((words, _adam(direction, decoupled)) for words, direction in named.items())


def _sgd(direction):
    """SGD with another ``direction(gradient, velocity before, momentum, dampening, nesterov, step) -> (direction, velocity)``."""

    def update(weight, gradient, slots, shared, hyper, on, step):
        rate, momentum, dampening, decay = hyper
        gradient = gradient + decay * weight
        ahead, velocity = direction(gradient, slots[0], momentum, dampening, on[1], step)
        return weight - rate * ahead, (velocity,)

    return update


def _velocity(g, v, m, d, t):
    return g if t == 1 else m * v + (1.0 - d) * g


def _nesterov_subtracted(g, v, m, d, nesterov, t):
    new = _velocity(g, v, m, d, t)
    return (g - m * new if nesterov else new), new


def _nesterov_old(g, v, m, d, nesterov, t):
    new = _velocity(g, v, m, d, t)
    return (g + m * v if nesterov else new), new


def _other_momentum(g, v, m, d, nesterov, t):
    new = _velocity(g, v, m, d, t)
    return (new if nesterov else g + m * new), new


def _mean(g, v, m, d, nesterov, t):
    new = m * v + (1.0 - m) * g
    return (g + m * new if nesterov else new), new


def _dampened(g, v, m, d, nesterov, t):
    new = m * v + (1.0 - d) * g
    return (g + m * new if nesterov else new), new


def _reversed(g, v, m, d, nesterov, t):
    new = g if t == 1 else (1.0 - d) * g - m * v
    return (g + m * new if nesterov else new), new


def _divided(change, square=None):
    """RMSprop with another ``change(gradient, square, eps, alpha, step)``, without its extras."""

    def update(weight, gradient, slots, shared, hyper, on, step):
        rate, alpha, eps, decay, momentum = hyper
        gradient = gradient + decay * weight
        seen = square(slots[0], gradient, alpha) if square else alpha * slots[0] + (1.0 - alpha) * gradient * gradient
        direction = change(gradient, seen, eps, alpha, step)
        velocity = momentum * slots[2] + direction
        return weight - rate * (velocity if on[1] else direction), (seen, 0.0, velocity)

    return update


def _outside(g, s, eps, a, t):
    return g / (math.sqrt(s) + eps)


def _adagrad(change):
    def update(weight, gradient, slots, shared, hyper, on, step):
        rate, _, decay, _, eps = hyper
        gradient = gradient + decay * weight
        total = slots[0] + gradient * gradient
        return weight - rate * shared[0] * change(gradient, total, eps, step), (total,)

    return update


OWN: Mapping[str, tuple[tuple[str, Callable[..., object]], ...]] = {
    "adam": _adam_mistakes(False),
    "adamw": _adam_mistakes(True),
    "sgd": (
        ("the sign of Nesterov's momentum is wrong: it subtracts the velocity where it should add it", _sgd(_nesterov_subtracted)),
        ("Nesterov's momentum adds the velocity of the step before, where the new one belongs", _sgd(_nesterov_old)),
        ("heavy ball and Nesterov's momentum are taken for each other", _sgd(_other_momentum)),
        ("the velocity is a mean of gradients (they enter with 1 - momentum), where it should be their sum", _sgd(_mean)),
        ("dampening counts in the first step already", _sgd(_dampened)),
        ("the velocity is subtracted where it should be added", _sgd(_reversed)),
    ),
    "rmsprop": (
        ("eps stands inside the root, where it belongs outside", _divided(lambda g, s, eps, a, t: g / math.sqrt(s + eps))),
        (
            "the mean square is corrected for its start, as Adam's is",
            _divided(lambda g, s, eps, a, t: g / (math.sqrt(s / (1 - a**t)) + eps)),
        ),
        ("the root of the mean square is missing", _divided(lambda g, s, eps, a, t: g / (s + eps))),
        ("alpha and 1 - alpha are exchanged", _divided(_outside, lambda s, g, a: (1.0 - a) * s + a * g * g)),
        ("squares are summed up, as in Adagrad, where a mean belongs", _divided(_outside, lambda s, g, a: s + g * g)),
    ),
    "adagrad": (
        ("eps stands inside the root, where it belongs outside", _adagrad(lambda g, s, eps, t: g / math.sqrt(s + eps))),
        ("the mean of the squares is taken, where their sum belongs", _adagrad(lambda g, s, eps, t: g / (math.sqrt(s / t) + eps))),
        ("the root of the sum of squares is missing", _adagrad(lambda g, s, eps, t: g / (s + eps))),
    ),
}
"""Mistakes that one optimizer alone can have, by its name."""
