"""Answers: what a model of data says where it is looked at, which is on a curve, over a plane, or at the points themselves."""

from collections.abc import Generator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.networks import features
from gdsim.networks.dataset import Dataset
from gdsim.networks.model import Model
from gdsim.networks.split import split
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.trajectory import Floats

ACROSS = 128
"""Places along either axis of a plane."""
ALONG = 401
"""Places along a curve."""
MOST_POINTS = 4000
"""Points that are asked where there are more than two inputs: of larger sets, as many of them, evenly spread."""
MARGIN = 0.12
"""How far beyond the points it is looked, as a share of their range."""
AT_ONCE = 8_000_000
"""Multiplications between two looks at whether the answers are still wanted: some 5 ms."""

Kind = Literal["curve", "plane", "points"]
Singles = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Places:
    """Where a model is asked: ``inputs`` (m, features), in the units of the data.

    ``x`` (nx,) and ``y`` (ny,) are the axes of a curve or plane (row by row from y[0]), empty where there are none. ``rows`` are the
    numbers of the points that are asked, empty for the other two kinds.
    """

    kind: Kind
    inputs: Floats
    x: Floats
    y: Floats
    rows: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Answers:
    """``values``, one a place, (ny, nx) for a plane: the number that is predicted; of two classes on a curve the probability of the second;
    otherwise the probability of the likeliest class, whose number is in ``classes``.

    ``lines`` are polylines (n, 2) in the plane: where the likeliest class changes, or where the predicted number is in the ``middle``.
    Where a model has diverged its answers are NaN.
    """

    values: Singles
    classes: NDArray[np.uint16] | None = None
    lines: tuple[Floats, ...] = ()


def laid_out(problem: DataSource) -> tuple[Dataset, NDArray[np.int64]]:
    """The data in their own units, the training part first (as batches number its points), then validation and test; and which part each
    point is in: 0, 1 or 2.
    """
    return lay_out(problem.loaded, tuple(problem.shares), problem.split_seed)


@lru_cache(maxsize=4)
def lay_out(dataset: Dataset, shares: tuple[float, ...], seed: int) -> tuple[Dataset, NDArray[np.int64]]:
    """``laid_out`` for data that are split so."""
    found = [(number, part) for number, part in enumerate(split(dataset, shares, seed)) if part is not None]
    inputs, targets = (np.concatenate([getattr(part, name) for _, part in found]) for name in ("inputs", "targets"))
    parts = np.concatenate([np.full(len(part), number) for number, part in found])
    return replace(dataset, inputs=inputs, targets=targets), parts


def places(problem: DataSource, across: int = ACROSS) -> Places:
    """Where the models of ``problem`` are asked; ``across`` is the number of places along either axis of a plane. Points are numbered as
    they are laid out.
    """
    return places_for(laid_out(problem)[0], across)


@lru_cache(maxsize=4)
def places_for(dataset: Dataset, across: int = ACROSS) -> Places:
    """``places`` for data as they are laid out."""
    inputs, none = dataset.inputs, np.empty(0)
    count, dim = inputs.shape
    if dim > 2 or (dim == 1 and len(dataset.classes) > 2):
        rows = np.unique(np.linspace(0, count - 1, min(count, MOST_POINTS)).astype(np.int64))
        return Places("points", inputs[rows], none, none, rows)
    low, high = inputs.min(axis=0), inputs.max(axis=0)
    margin = MARGIN * np.where(high > low, high - low, 1.0)
    none_asked = np.empty(0, dtype=np.int64)
    if dim == 1:
        x = np.linspace(low[0] - margin[0], high[0] + margin[0], ALONG)
        return Places("curve", x[:, np.newaxis], x, none, none_asked)
    x, y = (np.linspace(low[k] - margin[k], high[k] + margin[k], across) for k in (0, 1))
    east, north = np.meshgrid(x, y)
    return Places("plane", np.column_stack((east.ravel(), north.ravel())), x, y, none_asked)


def middle(dataset: Dataset) -> float:
    """The number that a regression's plane is divided by: 0 where targets lie on both sides of it, else their mean."""
    targets = dataset.targets
    return 0.0 if targets.min() < 0.0 < targets.max() else float(targets.mean())


def outputs(problem: DataSource, weights: Floats, buffers: Floats, inputs: Floats) -> Floats:
    """What the model with these weights says of ``inputs`` (m, features): predicted numbers (m, 1), or probabilities (m, classes).

    One neuron has no probabilities: its output, from -1 to 1, is told as that of the second class, from 0 to 1.
    """
    with np.errstate(all="ignore"):
        if isinstance(problem, NetworkProblem):
            model = model_of(problem, weights, buffers)
            return np.asarray(model.probabilities(inputs) if model.is_classification else model.predict(inputs))
        return _of_two_weights(problem, weights, inputs)


def model_of(problem: NetworkProblem, weights: Floats, buffers: Floats) -> Model:
    """The network of ``problem`` with these weights."""
    data = problem.loaded
    return Model(
        problem.shape,
        weights,
        buffers,
        inputs=data.features,
        features=problem.features or (),
        target=data.target,
        classes=data.classes,
        standardise=problem.standardisation,
    )


def _of_two_weights(problem: DataSource, weights: Floats, inputs: Floats) -> Floats:
    seen = features.columns(inputs, problem.features) if problem.features else inputs
    scale = problem.standardisation
    seen = scale.scaled(seen) if scale else seen
    z = seen[:, 0] * weights[0] + (seen[:, 1] if seen.shape[1] == 2 else 1.0) * weights[1]
    model: str = problem.model  # type: ignore[attr-defined]
    said = 0.5 * (1.0 + np.tanh(0.5 * z)) if model == "logistic" else np.tanh(z) if model == "neuron" else z
    if problem.loaded.is_classification:
        second = 0.5 * (1.0 + said) if model == "neuron" else said
        return np.column_stack((1.0 - second, second))
    said = said[:, np.newaxis]
    return scale.targets.unscaled(said) if scale and scale.targets else said


def answers(problem: DataSource, weights: Floats, buffers: Floats, where: Places) -> Answers:
    """All answers at once."""
    work = answering(problem, weights, buffers, where)
    while True:
        try:
            next(work)
        except StopIteration as over:
            return over.value  # type: ignore[no-any-return]


def answering(problem: DataSource, weights: Floats, buffers: Floats, where: Places) -> Generator[None, None, Answers]:
    """``answers``, interrupted every few milliseconds."""
    block = max(16, AT_ONCE // max(len(weights), 1))
    said = []
    for first in range(0, len(where.inputs), block):
        if first:
            yield
        said.append(outputs(problem, weights, buffers, where.inputs[first : first + block]))
    return arranged(problem, np.concatenate(said), where)


def arranged(problem: DataSource, said: Floats, where: Places) -> Answers:
    """Outputs at ``where`` as answers."""
    shape = (len(where.y), len(where.x)) if where.kind == "plane" else (len(where.inputs),)
    if not problem.loaded.is_classification:
        values = said[:, 0].reshape(shape)
        return Answers(_fixed(values), None, _contours(where, values - middle(problem.loaded)))
    if where.kind == "curve":
        return Answers(_fixed(said[:, 1]))
    lines: list[Floats] = []
    for k in range(1 if said.shape[1] == 2 else 0, said.shape[1]):
        others = np.delete(said, k, axis=1).max(axis=1)
        lines += _contours(where, (said[:, k] - others).reshape(shape))
    classes = said.argmax(axis=1).astype(np.uint16).reshape(shape)
    classes.flags.writeable = False
    return Answers(_fixed(said.max(axis=1).reshape(shape)), classes, tuple(lines))


def _contours(where: Places, heights: Floats) -> tuple[Floats, ...]:
    """Where ``heights`` (ny, nx) are 0."""
    if where.kind != "plane" or not np.isfinite(heights).all():
        return ()
    from contourpy import LineType, contour_generator

    found = contour_generator(where.x, where.y, heights, line_type=LineType.Separate).lines(0.0)
    return tuple(np.asarray(line, dtype=np.float64) for line in found)


def _fixed(values: Floats) -> Singles:
    kept = np.ascontiguousarray(values, dtype=np.float32)
    kept.flags.writeable = False
    return kept
