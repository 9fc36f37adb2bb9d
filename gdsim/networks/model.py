"""Model: a trained network with all that it takes to answer: what its inputs are called, how they are scaled, what its classes are."""

import json
import math
import os
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.networks import learn, weights
from gdsim.networks.dataset import DataError, Dataset
from gdsim.networks.features import FEATURES, columns, with_features
from gdsim.networks.initialise import draw
from gdsim.networks.network import Network
from gdsim.networks.split import Standardise
from gdsim.networks.tensors import WeightsError, load_tensors, printable

Floats = NDArray[Any]

KEY = "gdsim"
"""The entry of a file's metadata that describes the model, in JSON."""
FORMAT = 1
MOST_NAMES = 100_000
KEYS = ("format", "network", "inputs", "features", "target", "classes", "standardise")
A_MODEL = "a file that gdsim wrote (Model.save), or any file of weights together with the network that they belong to"


@dataclass(frozen=True, eq=False)
class Model:
    """``network`` with its ``weights`` and ``buffers``, flat vectors as its ``parts`` and ``buffers`` describe them.

    ``inputs`` names the columns that ``predict`` takes (by default x, or x and y, or x1, x2, ...), ``target`` what it predicts and
    ``classes`` the classes, where it tells classes apart (by default "0", "1", ...). On its way to the network a point is seen through
    ``features`` (those of ``gdsim.networks.features``; none: as it is) and then through ``standardise``, and answers come back in the units
    of the targets. ``batches`` is how many batches batch normalisation has seen. Raises ValueError for what does not go together.
    """

    network: Network
    weights: Floats
    buffers: Floats
    inputs: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    target: str = "target"
    classes: tuple[str, ...] = ()
    standardise: Standardise | None = None
    batches: int = 0

    def __post_init__(self) -> None:
        for name in ("weights", "buffers"):
            array = np.array(getattr(self, name), dtype=self.network.precision)
            array.flags.writeable = False
            object.__setattr__(self, name, array)
        for name in ("inputs", "features", "classes"):
            object.__setattr__(self, name, tuple(getattr(self, name) or ()))
        if not self.inputs:
            count = 2 if self.features else self.network.layers[0]
            object.__setattr__(self, "inputs", ("x", "y")[:count] if count <= 2 else tuple(f"x{i + 1}" for i in range(count)))
        if self.is_classification and not self.classes:
            object.__setattr__(self, "classes", tuple(str(number) for number in range(max(2, self.network.layers[-1]))))
        if (text := self._misfit()) is not None:
            raise ValueError(text)

    def __repr__(self) -> str:
        network = self.network
        answer = f"{self.target} ({', '.join(self.classes)})" if self.is_classification else self.target
        layers = "-".join(map(str, network.layers))
        return f"<Model {layers} {network.activation}, {network.weights:,} weights: {', '.join(self.inputs)} to {answer}>"

    def _misfit(self) -> str | None:
        first, last = self.network.layers[0], self.network.layers[-1]
        lengths = (self.network.weights, sum(part.size for part in self.network.buffers))
        if (self.weights.shape, self.buffers.shape) != tuple((length,) for length in lengths):
            return f"found {self.weights.size} weights and {self.buffers.size} buffers; this network has {lengths[0]} and {lengths[1]}"
        if unknown := [name for name in self.features if name not in FEATURES]:
            return f"there is no feature named {unknown[0]!r}; allowed: {', '.join(FEATURES)}"
        if len(self.features or self.inputs) != first or (self.features and len(self.inputs) != 2):
            return f"found the inputs {self.inputs} and the features {self.features}; this network has {first} inputs"
        if self.is_classification and len(self.classes) != (2 if self.network.loss == "bce" else last):
            return f"found {len(self.classes)} classes; a network with {last} outputs and {self.network.loss} has {max(2, last)}"
        if self.classes and not self.is_classification:
            return f"found classes; a network trained with {self.network.loss} predicts numbers"
        for scale, count in ((self.standardise, first), (self.standardise and self.standardise.targets, last)):
            if scale and (len(scale.mean) != count or len(scale.deviation) != count):
                return f"found a standardisation of {len(scale.mean)} columns; this network has {count}"
        return None

    @property
    def is_classification(self) -> bool:
        return self.network.loss in ("bce", "cross_entropy")

    @classmethod
    def drawn(cls, network: Network, seed: int = 0, **others: Any) -> "Model":
        """An untrained model: the weights that a training of ``network`` with this seed begins with; ``others`` as for the class."""
        return cls(network, draw(network, seed), learn.start_buffers(network), **others)

    def at(self, weights: ArrayLike) -> "Model":
        """The same model with other weights, a flat vector. Raises ValueError for another length."""
        return replace(self, weights=np.asarray(weights))

    def loss_and_gradient(self, dataset: Dataset, rows: ArrayLike | None = None) -> tuple[float, Floats]:
        """J and dJ/dW of the points ``rows`` (all without), as a training step sees them, except that no unit is dropped.

        The gradient is a flat vector in the order of the weights; ``network.views`` gives its tensors by PyTorch's names. Raises ValueError
        where model and data do not go together.
        """
        return learn.loss_and_gradient(self.network, self.weights, self.seen(dataset), rows)

    def evaluate(self, dataset: Dataset) -> tuple[float, float]:
        """Loss and score of all points, without dropout and penalties: the score is the share of points whose class is found, or R^2.

        Raises ValueError where model and data do not go together.
        """
        return learn.evaluate(self.network, self.weights, self.buffers, self.seen(dataset))

    def seen(self, dataset: Dataset) -> Dataset:
        """The data as the network sees them. Raises DataError (a ValueError) for columns that are not the model's."""
        if len(dataset.features) != len(self.inputs):
            raise DataError(f"found data with the columns {', '.join(dataset.features)}; allowed: {', '.join(self.inputs)}")
        if dataset.is_classification and self.standardise and self.standardise.targets:
            raise DataError(f"found classes as targets; allowed: numbers, as {self.target} is predicted in its units")
        points = with_features(dataset, self.features) if self.features else dataset
        return self.standardise.apply(points) if self.standardise else points

    def predict(self, inputs: ArrayLike) -> NDArray[Any]:
        """What the model says of points ``inputs`` (n, columns), or (n,) for one column: numbers (n, outputs), or names of classes (n,).

        Raises ValueError for arrays of another shape.
        """
        if self.is_classification:
            named: NDArray[Any] = np.array(self.classes)[np.argmax(self.probabilities(inputs), axis=1)]
            return named
        values = self._outputs(inputs)
        return self.standardise.targets.unscaled(values) if self.standardise and self.standardise.targets else values

    def probabilities(self, inputs: ArrayLike) -> NDArray[np.float64]:
        """The probability of every class, (n, classes). Raises ValueError where the model predicts numbers."""
        if not self.is_classification:
            raise ValueError(f"a network trained with {self.network.loss} predicts numbers and no probabilities")
        logits = self._outputs(inputs)
        if self.network.loss == "bce":  # the logit of the second class, against one of 0
            logits = np.concatenate((np.zeros_like(logits), logits), axis=1)
        shares: NDArray[np.float64] = np.exp(logits - logits.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        return shares

    def _outputs(self, inputs: ArrayLike) -> NDArray[np.float64]:
        points = np.asarray(inputs, dtype=np.float64)
        points = points[:, np.newaxis] if points.ndim == 1 and len(self.inputs) == 1 else points
        if points.ndim != 2 or points.shape[1] != len(self.inputs):
            names = ", ".join(self.inputs[:6]) + (", ..." if len(self.inputs) > 6 else "")
            raise ValueError(f"found inputs of shape {points.shape}; allowed: (n, {len(self.inputs)}), with a column for each of {names}")
        points = columns(points, self.features) if self.features else points
        points = self.standardise.scaled(points) if self.standardise else points
        return learn.predict(self.network, self.weights, self.buffers, points).astype(np.float64)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes the model as safetensors, whole or not at all: a state dict that PyTorch takes, with the rest as metadata.

        Raises OSError.
        """
        weights.save(path, self.network, self.weights, self.buffers, batches=self.batches, metadata=self.metadata)

    @property
    def metadata(self) -> dict[str, str]:
        """What ``save`` writes beside the tensors."""
        described = {
            "format": FORMAT,
            "network": {field.name: getattr(self.network, field.name) for field in fields(self.network)},
            **{name: getattr(self, name) for name in ("inputs", "features", "target", "classes")},
            "standardise": asdict(self.standardise) if self.standardise else None,
        }
        return {KEY: json.dumps(described, allow_nan=False)}

    @classmethod
    def load(cls, path: str | os.PathLike[str], network: Network | None = None) -> "Model":
        """The model in a file that ``save`` wrote; or, with a ``network``, in any file of its weights, such as PyTorch's.

        Raises WeightsError (a ValueError), which says what is wrong with the file. Nothing in it is ever executed.
        """
        tensors, metadata = load_tensors(path)
        described = _described(metadata[KEY], path) if KEY in metadata else {}
        shape = network or described.get("network")
        if shape is None:
            raise WeightsError(path, "", "weights alone, without a description of their network", A_MODEL)
        vector, buffers = weights.vectors(shape, tensors, path)
        batches = max((int(array) for name, array in tensors.items() if name.endswith(weights.COUNT)), default=0)
        rest = {name: value for name, value in described.items() if name != "network"}
        try:
            return cls(shape, vector, buffers, **rest, batches=batches)
        except ValueError as error:
            raise WeightsError(path, KEY, printable(str(error)), "a description that goes with its network") from None


def _described(text: str, path: str | os.PathLike[str]) -> dict[str, Any]:
    """Arguments of ``Model`` from the metadata of a file. Raises WeightsError."""

    def refuse(found: str, allowed: str) -> WeightsError:
        return WeightsError(path, KEY, found, allowed)

    try:
        table = json.loads(text)
    except (ValueError, RecursionError):
        raise refuse("a description that is not JSON", A_MODEL) from None
    if not isinstance(table, dict) or set(table) != set(KEYS):
        raise refuse("another description", f"a table of {', '.join(KEYS)}")
    if table["format"] != FORMAT:
        raise refuse("a description of another format", f"format {FORMAT}, as this version of gdsim writes it")
    if not isinstance(table["network"], dict) or "layers" not in table["network"]:
        raise refuse("no network", "a table with layers")
    if not isinstance(table["target"], str):
        raise refuse("a target that is no text", "the name of what is predicted")
    names = {key: _names(table[key]) for key in ("inputs", "features", "classes")}
    for key, found in names.items():
        if found is None:
            raise refuse(f"{key} that are no array of different texts", "names")
    try:
        network = Network(**table["network"])
    except (ValueError, TypeError) as error:
        raise refuse(f"no network ({printable(str(error))})", "a network") from None
    standardise = _standardise(table["standardise"])
    if standardise is None and table["standardise"] is not None:
        raise refuse("no standardisation", "null, or a table of mean, deviation and targets with finite numbers")
    return {"network": network, "target": table["target"], "standardise": standardise, **names}


def _names(values: Any) -> tuple[str, ...] | None:
    fits = isinstance(values, list) and len(values) <= MOST_NAMES and all(isinstance(value, str) for value in values)
    return tuple(values) if fits and len(set(values)) == len(values) else None


def _standardise(table: Any, *, with_targets: bool = True) -> Standardise | None:
    """None for what is none."""
    if not isinstance(table, dict) or set(table) != {"mean", "deviation", "targets"}:
        return None
    rows = [table["mean"], table["deviation"]]
    if not all(isinstance(row, list) and all(type(value) in (int, float) for value in row) for row in rows):
        return None
    mean, deviation = ([float(value) if abs(value) < 1e308 else math.inf for value in row] for row in rows)
    if not all(map(math.isfinite, (*mean, *deviation))) or not all(value > 0.0 for value in deviation):
        return None
    if table["targets"] is None or not with_targets:
        return Standardise(tuple(mean), tuple(deviation)) if table["targets"] is None else None
    targets = _standardise(table["targets"], with_targets=False)
    return Standardise(tuple(mean), tuple(deviation), targets) if targets else None
