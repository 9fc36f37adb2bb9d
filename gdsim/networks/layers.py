"""Activations and losses: each with its derivative beside it.

An activation is a leaf ``(z) -> (a, da/dz)``, a loss a leaf ``(z, y) -> (loss, dloss/dz)`` of one output z and its target y. Cross-entropy,
which looks at all outputs of a point together, has no leaf. Infinities and NaN go through, so that a training that diverges is seen to.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from gdsim.engine.elementary import exp, log, sigmoid, tanh
from gdsim.engine.error_function import erf

Leaf = Callable[..., Any]


def identity_of(z):
    return z, 1.0


def sigmoid_of(z):
    a = sigmoid(z)
    return a, a * (1.0 - a)


def tanh_of(z):
    a = tanh(z)
    return a, 1.0 - a * a


def relu_of(z):
    below = z <= 0.0
    return (0.0 if below else z), (0.0 if below else 1.0)


def leaky_relu_of(z):
    below = z <= 0.0
    return (0.01 * z if below else z), (0.01 if below else 1.0)


def gelu_of(z):
    share = 0.5 + 0.5 * erf(z * 0.7071067811865476)
    density = 0.3989422804014327 * exp(-0.5 * z * z)
    return z * share, share + z * density


def softplus_of(z):
    return softplus(z), sigmoid(z)


def softplus(z):
    """log(1 + e**z)."""
    e = exp(-abs(z))
    whole = 1.0 + e
    # What the sum rounded away comes back as the first term of a series.
    rest = log(whole) + (e - (whole - 1.0)) / whole
    return (z if z > 0.0 else 0.0) + rest


def squared_error(z, y):
    away = z - y
    return away * away, 2.0 * away


def binary_cross_entropy(z, y):
    return softplus(z) - z * y, sigmoid(z) - y


def huber(z, y):
    away = z - y
    size = abs(away)
    slope = 1.0 if away > 1.0 else (-1.0 if away < -1.0 else away)
    return (0.5 * away * away if size <= 1.0 else size - 0.5), slope


@dataclass(frozen=True)
class Activation:
    """What a unit makes of its sum. ``torch`` is the module's name in ``torch.nn``."""

    name: str
    value_and_slope: Leaf
    formula: str
    torch: str


@dataclass(frozen=True)
class Loss:
    """How wrong an output is; ``value_and_slope`` is None where all outputs of a point count together."""

    name: str
    value_and_slope: Leaf | None
    formula: str
    torch: str


ACTIVATION_RECORDS = (
    Activation("identity", identity_of, "z", "Identity"),
    Activation("sigmoid", sigmoid_of, "1 / (1 + e^-z)", "Sigmoid"),
    Activation("tanh", tanh_of, "tanh z", "Tanh"),
    Activation("relu", relu_of, "max(0, z)", "ReLU"),
    Activation("leaky_relu", leaky_relu_of, "z where z > 0, else 0.01 z", "LeakyReLU"),
    Activation("gelu", gelu_of, "z (1 + erf(z / sqrt 2)) / 2", "GELU"),
    Activation("softplus", softplus_of, "log(1 + e^z)", "Softplus"),
)
LOSS_RECORDS = (
    Loss("mse", squared_error, "mean of (z - y)^2", "MSELoss"),
    Loss("bce", binary_cross_entropy, "mean of log(1 + e^z) - y z, z being the logit of class 1", "BCEWithLogitsLoss"),
    Loss("cross_entropy", None, "mean of log(sum e^z) - z of the right class", "CrossEntropyLoss"),
    Loss("huber", huber, "mean of d^2 / 2 where |d| <= 1, else |d| - 1/2, with d = z - y", "HuberLoss"),
)
ACTIVATIONS = {record.name: record for record in ACTIVATION_RECORDS}
LOSSES = {record.name: record for record in LOSS_RECORDS}
