"""What came out of training a network: read-only arrays a step and an epoch, weights on the way, and what the network can do."""

from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.networks.dataset import Dataset
from gdsim.networks.model import Model
from gdsim.simulation.extras import extra
from gdsim.simulation.trajectory import Floats, Integers, Steps, Trajectory


def frozen(array: Any) -> Any:
    """The array itself, from now on read-only."""
    array.flags.writeable = False
    return array


@dataclass(frozen=True, eq=False)
class Epochs:
    """One row an evaluation of the whole training and validation part: before the first step (epoch 0), then after epochs.

    Arrays of one length: ``epoch``, ``step`` (the number of steps taken by then), losses without dropout and penalties, and scores: the
    share of points that are classified rightly, or R^2. Without a validation part its columns are NaN. Of parts with more than 10,000
    points (fewer for large networks) so many are evaluated, spread evenly; and of more than 500 epochs every second or further one.
    """

    epoch: Integers
    step: Integers
    training_loss: Floats
    validation_loss: Floats
    training_score: Floats
    validation_score: Floats

    def __len__(self) -> int:
        return len(self.epoch)

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        return {each.name: getattr(self, each.name) for each in fields(self)}

    def __repr__(self) -> str:
        losses = f", training loss {self.training_loss[0]:.6g} to {self.training_loss[-1]:.6g}" if len(self) else ""
        return f"<Epochs of {len(self)} evaluations{losses}>"

    def to_pandas(self) -> Any:
        """A pandas DataFrame with one row an evaluation. Raises ImportError where pandas is not installed."""
        return extra("pandas").DataFrame(self.columns)


@dataclass(frozen=True, eq=False)
class Snapshots:
    """Weights on the way, for playing what the network computed: before step ``steps[i]`` (from 0) they were ``weights[i]``.

    ``steps`` (m,) rises, ``weights`` (m, W), ``buffers`` (m, B), in the network's precision. They are spread evenly over the run so far;
    its last point is among them.
    """

    steps: Integers
    weights: Floats
    buffers: Floats

    def at(self, step: float) -> int:
        """The number of the last snapshot not after ``step``."""
        return max(int(np.searchsorted(self.steps, step, side="right")) - 1, 0)


@dataclass(frozen=True, eq=False, repr=False)
class TrainingSteps(Steps):
    """Consecutive rows of a training. Row k describes the point before step k: the loss of its batch, the gradient's norm there.

    ``positions`` and ``gradients`` have width 0, since a network has too many weights to keep them all: ``snapshots`` has some. The
    batch's ``losses`` and ``norms`` (of its gradient, with penalties) are what the step saw; at the last point, from which no step is
    taken, those of the batch that would come next. ``weight_norms`` are Euclidean. ``epochs`` and ``snapshots`` are those of the run so
    far.
    """

    norms: Floats
    weight_norms: Floats
    epochs: Epochs
    snapshots: Snapshots

    @property
    def gradient_norms(self) -> Floats:
        return self.norms

    @classmethod
    def none(cls) -> "TrainingSteps":
        """Of a training whose network is not there yet."""
        rows, wide, whole = np.empty(0), np.empty((0, 0)), np.empty(0, dtype=np.int64)
        epochs, snapshots = Epochs(whole, whole, rows, rows, rows, rows), Snapshots(whole, wide, wide)
        return cls(wide, rows, wide, rows, rows, norms=rows, weight_norms=rows, epochs=epochs, snapshots=snapshots)


@dataclass(frozen=True, eq=False)
class Test:
    """How the trained network does on points that took no part in training: loss, score, and the points with its answers.

    ``predictions`` (n, outputs): values for regression, else probabilities of the classes.
    """

    loss: float
    score: float
    points: Dataset
    predictions: Floats

    def __repr__(self) -> str:
        return f"<Test on {len(self.points):,} points: loss {self.loss:.6g}, score {self.score:.6g}>"


@dataclass(frozen=True, eq=False, repr=False)
class Training(Trajectory, TrainingSteps):
    """One whole training. ``model`` is the trained network (with early stopping, at its best weights); ``test`` None without a test part.

    ``stopped_early`` is the epoch after which early stopping ended the run, or None; ``restored`` the epoch whose weights the model has.
    """

    model: Model
    test: Test | None
    stopped_early: int | None = None
    restored: int | None = None

    def predict(self, inputs: Any) -> Any:
        """See ``Model.predict``."""
        return self.model.predict(inputs)

    def save(self, path: Any) -> None:
        """Writes the model as safetensors (see ``Model.save``)."""
        self.model.save(path)
