"""Input features: what a model sees of a point with two inputs, such as x^2 or x*y (those of TensorFlow Playground)."""

# mypy: disable-error-code="no-untyped-call"

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from gdsim.engine import evaluate
from gdsim.engine.elementary import sin
from gdsim.networks.dataset import DataError, Dataset, Floats


def sines(x: Any, y: Any, _params: Any) -> Any:
    """The sines of both inputs. A leaf."""
    return sin(x), sin(y), 0.0


# The engine's sine, so that a feature has the same bits on every processor.
FEATURES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "x": lambda x, y: x,
    "y": lambda x, y: y,
    "x^2": lambda x, y: x * x,
    "y^2": lambda x, y: y * y,
    "x*y": lambda x, y: x * y,
    "sin x": lambda x, y: evaluate.three_numbers(sines, (), x, y)[0],
    "sin y": lambda x, y: evaluate.three_numbers(sines, (), x, y)[1],
}
"""The features by name: x is the first input, y the second, whatever the data call them."""


def columns(inputs: ArrayLike, features: Sequence[str]) -> Floats:
    """The features of points ``inputs`` (n, 2): an array (n, len(features)). Raises DataError for a name that is none."""
    for name in features:
        if name not in FEATURES:
            raise DataError(f"there is no feature named {name!r}; allowed: {', '.join(FEATURES)}")
    points = np.asarray(inputs, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2:
        found = f"{points.shape[1]} input{'s' * (points.shape[1] != 1)}" if points.ndim == 2 else f"an array of shape {points.shape}"
        raise DataError(f"found data with {found}; allowed: features of x and y are for data with two inputs")
    with np.errstate(over="ignore"):
        return np.stack([FEATURES[name](points[:, 0], points[:, 1]) for name in features], axis=1)


def with_features(dataset: Dataset, features: Sequence[str]) -> Dataset:
    """The same points seen through these features. Raises DataError for data that have not two inputs."""
    if not features or len(set(features)) != len(features):
        raise DataError(f"found the features {', '.join(features) or 'none'}; allowed: at least one, each once")
    return replace(dataset, inputs=columns(dataset.inputs, features), features=tuple(features))
