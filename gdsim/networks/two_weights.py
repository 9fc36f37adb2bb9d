"""Losses of two weights made of data: J(w) is the mean over the points of J_k(w), a landscape like any other.

With one input the weights are a slope and an intercept, z = w x + b; with two inputs one for each, z = w1 x1 + w2 x2, and no intercept.
What a model makes of z and the point's target t is a leaf ``of_output(z, t) -> (J_k, dJ_k/dz, d2J_k/dz2)``; the rest is the chain rule.

The array of data has a column a point: what multiplies the first weight, what multiplies the second, the target. Kernels read it, so that
other data compile nothing.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals stand free: composed)

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.compose import composed
from gdsim.engine.elementary import sigmoid, tanh
from gdsim.engine.intrinsics import fma
from gdsim.engine.single import number
from gdsim.landscapes.data import Data
from gdsim.landscapes.landscape import Landscape, Leaf
from gdsim.networks.dataset import Dataset
from gdsim.networks.fitting import domain_of, known_minima
from gdsim.networks.layers import softplus

Floats = NDArray[np.float64]


def of_line(z, t):
    """Squared error, as PyTorch's MSELoss has it: without a half."""
    r = z - t
    return r * r, 2.0 * r, 2.0


def of_logistic(z, t):
    """Cross entropy of the logistic function of z with a class t of 0 or 1 (PyTorch's BCEWithLogitsLoss)."""
    p = sigmoid(z)
    return softplus(z) - t * z, p - t, p * (1.0 - p)


def of_neuron(z, t):
    """Squared error of tanh z."""
    a = tanh(z)
    r, s = a - t, (1.0 - a) * (1.0 + a)
    return r * r, 2.0 * r * s, 2.0 * s * (s - 2.0 * a * r)


def residual_of_line(z, t):
    return z - t, 1.0


def residual_of_neuron(z, t):
    a = tanh(z)
    return a - t, (1.0 - a) * (1.0 + a)


def term(x, y, values, k):
    """The loss of point k and its gradient."""
    _, data = values
    u, v = data[0, k], data[1, k]
    loss, slope, _ = OF_OUTPUT(fma(x, u, y * v), data[2, k])
    return loss, slope * u, slope * v


def mean(x, y, values):
    """``value_and_gradient``: the sums of ``term`` over the points in turn, divided by their number."""
    _, data = values
    count = data.shape[1]
    loss, gx, gy = 0.0, 0.0, 0.0
    for k in range(count):
        one, dx, dy = TERM(x, y, values, k)
        loss, gx, gy = loss + one, gx + dx, gy + dy
    many = number(count)
    return loss / many, gx / many, gy / many


def mean_second(x, y, values):
    """``second_derivatives``."""
    _, data = values
    count = data.shape[1]
    hxx, hxy, hyy = 0.0, 0.0, 0.0
    for k in range(count):
        u, v = data[0, k], data[1, k]
        _, _, curvature = OF_OUTPUT(fma(x, u, y * v), data[2, k])
        hxx, hxy, hyy = hxx + curvature * u * u, hxy + curvature * u * v, hyy + curvature * v * v
    many = number(count)
    return hxx / many, hxy / many, hyy / many


def three_residuals(x, y, values):
    """``residuals``: three that are worth as much as all of the points together.

    A method that knows residuals needs the products A^T A, A^T r and r^T r alone, and the rows of their Cholesky factor have the same.
    """
    _, data = values
    points = data.shape[1]
    xx, xy, yy, xr, yr, rr = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for k in range(points):
        u, v = data[0, k], data[1, k]
        r, slope = RESIDUAL(fma(x, u, y * v), data[2, k])
        rx, ry = slope * u, slope * v
        xx, xy, yy = xx + rx * rx, xy + rx * ry, yy + ry * ry
        xr, yr, rr = xr + rx * r, yr + ry * r, rr + r * r
    count = number(points)
    first = math.sqrt(xx / count)
    over, beside = (xy / count / first, xr / count / first) if first > 0.0 else (0.0, 0.0)
    square = yy / count - over * over
    second = math.sqrt(square) if square > 0.0 else 0.0
    below = (yr / count - over * beside) / second if second > 0.0 else 0.0
    rest = rr / count - beside * beside - below * below
    return (beside, first, over), (below, 0.0, second), (math.sqrt(rest) if rest > 0.0 else 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Model:
    """What is made of z and a target. ``terms(z, t)`` is ``of_output`` for NumPy's arrays, for the search for minima.

    ``classes`` are the targets of the two classes, where the model takes those. ``formula`` and ``latex`` are of one point's loss.
    """

    name: str
    title: str
    of_output: Leaf
    terms: Callable[[Floats, Floats], tuple[Floats, Floats, Floats]]
    formula: str
    latex: str
    doc: str
    classes: tuple[float, float] | None = None
    numbers: bool = True
    residual: Leaf | None = None
    leaves: Mapping[str, Any] = field(init=False)

    def __post_init__(self) -> None:
        one = composed(term, OF_OUTPUT=self.of_output)
        # Made once, so that all landscapes of a model share their kernels.
        leaves = {
            "term": one,
            "value_and_gradient": composed(mean, TERM=one),
            "second_derivatives": composed(mean_second, OF_OUTPUT=self.of_output),
            "residuals": composed(three_residuals, RESIDUAL=self.residual) if self.residual else None,
        }
        object.__setattr__(self, "leaves", MappingProxyType(leaves))


def _logistic_terms(z: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    p = 0.5 * (1.0 + np.tanh(0.5 * z))
    return np.logaddexp(0.0, z) - t * z, p - t, p * (1.0 - p)


def _neuron_terms(z: Floats, t: Floats) -> tuple[Floats, Floats, Floats]:
    a = np.tanh(z)
    r, s = a - t, (1.0 - a) * (1.0 + a)
    return r * r, 2.0 * r * s, 2.0 * s * (s - 2.0 * a * r)


LINE = Model(
    name="line",
    title="Line fit",
    of_output=of_line,
    terms=lambda z, t: ((z - t) ** 2, 2.0 * (z - t), np.full(z.shape, 2.0)),
    formula="(z - t)^2",
    latex="(z_k - t_k)^2",
    doc="a line through the points, by squared error",
    residual=residual_of_line,
)
LOGISTIC = Model(
    name="logistic",
    title="Logistic regression",
    of_output=of_logistic,
    terms=_logistic_terms,
    formula="log(1 + e^z) - t*z",
    latex=r"\log(1 + e^{z_k}) - t_k z_k",
    doc="the probability of the second of two classes, by cross entropy",
    classes=(0.0, 1.0),
    numbers=False,
)
NEURON = Model(
    name="neuron",
    title="One tanh neuron",
    of_output=of_neuron,
    terms=_neuron_terms,
    formula="(tanh(z) - t)^2",
    latex=r"(\tanh z_k - t_k)^2",
    doc="one neuron with tanh, by squared error; two classes are -1 and 1",
    classes=(-1.0, 1.0),
    residual=residual_of_neuron,
)
MODELS = MappingProxyType({model.name: model for model in (LINE, LOGISTIC, NEURON)})
"""The models of two weights by name."""


def two_weights(model: str, dataset: Dataset) -> Landscape:
    """The landscape of ``model`` (line, logistic or neuron) on all points of ``dataset``, which has one input or two.

    Its minima are found by least squares or Newton's method, its domain and start come from them. Equal arguments give equal landscapes.
    Raises KeyError for an unknown model, and ValueError, with the reason, for data that the model cannot have.
    """
    if model not in MODELS:
        raise KeyError(f"there is no model named {model!r}; there are {', '.join(MODELS)}")
    if (text := misfit_of_data(MODELS[model], dataset)) is not None:
        raise ValueError(text)
    inputs = dataset.inputs
    second = inputs[:, 1] if inputs.shape[1] == 2 else np.ones(len(inputs))
    return _landscape(model, Data(np.stack((inputs[:, 0], second, _targets(MODELS[model], dataset)))), inputs.shape[1], dataset.name)


def misfit_of_data(model: Model, dataset: Dataset) -> str | None:
    """Why ``model`` cannot have ``dataset``, in one sentence; None where it can."""
    inputs = dataset.inputs.shape[1]
    if inputs not in (1, 2):
        return f"{model.name} needs one input or two, and {dataset.name} has {inputs}"
    if dataset.is_classification:
        if model.classes is None:
            return f"{model.name} needs numbers as targets, and {dataset.name} has classes"
        return None if len(dataset.classes) == 2 else f"{model.name} needs two classes, and {dataset.name} has {len(dataset.classes)}"
    if dataset.targets.ndim == 2 and dataset.targets.shape[1] != 1:
        return f"{model.name} needs one target, and {dataset.name} has {dataset.targets.shape[1]}"
    if not model.numbers and not np.all(np.isin(dataset.targets, (0.0, 1.0))):
        return f"{model.name} needs two classes, and the targets of {dataset.name} are numbers other than 0 and 1"
    return None


def _targets(model: Model, dataset: Dataset) -> Floats:
    given = np.asarray(dataset.targets).reshape(-1)
    if dataset.is_classification and model.classes is not None:
        return np.asarray(model.classes)[given.astype(np.int64)]
    return given.astype(np.float64)


@lru_cache(maxsize=32)
def _landscape(name: str, data: Data, inputs: int, of: str) -> Landscape:
    model = MODELS[name]
    labels, z = (("w", "b"), "w*x + b") if inputs == 1 else (("w1", "w2"), "w1*x1 + w2*x2")
    minima = known_minima(model.terms, data.array)
    domain, start = domain_of(model.terms, data.array, minima)
    return Landscape(
        name=name,
        dim=2,
        family="data",
        title=f"{model.title}: {of}",
        formula=f"mean of {model.formula}, z = {z}, over {len(data)} points",
        latex=rf"\frac{{1}}{{{len(data)}}}\sum_k {model.latex},\ z_k = " + (r"w x_k + b" if inputs == 1 else r"w_1 x_{1k} + w_2 x_{2k}"),
        domain=domain,
        start=start,
        points=minima,
        data=data,
        labels=labels,
        notes=f"{model.doc[:1].upper()}{model.doc[1:]}. The loss is the mean over the points.",
        **model.leaves,
    )
