"""Learning by a method that looks at all weights together, with the face of ``Learner``: whole training set, no noise, float64."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine.descend import CONVERGED, DIVERGED, RUNNING, STEEPEST
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.learn import LearnerState, Pacing, Rows, loss_and_gradient, point_gradients, predict, start_buffers
from gdsim.networks.methods import METHODS, Here, State
from gdsim.networks.network import Network
from gdsim.optimizers import Optimizer

Floats = NDArray[np.float64]

MOST_WEIGHTS = {"newton": 1000, "damped_newton": 1000, "levenberg_marquardt": 1000, "bfgs": 3000}
"""Weights of a network for methods that keep or solve a matrix of them: some 70 MB, and a second a step."""


@dataclass(frozen=True)
class Kept:
    """What a method keeps, by name: ``vectors`` of a number a weight, or ``tables`` of several such rows (all equally many), and ``few``
    numbers besides.
    """

    vectors: tuple[str, ...] = ()
    tables: tuple[str, ...] = ()
    few: str = ""


KEPT = {
    "barzilai_borwein": Kept(vectors=("weights", "gradient")),
    "conjugate_gradient": Kept(vectors=("gradient", "direction"), few="length_and_slope"),
    "bfgs": Kept(tables=("inverse",)),
    "lbfgs": Kept(tables=("steps", "changes")),
    "levenberg_marquardt": Kept(few="damping_and_growth"),
}


class Training:
    """What a method may ask of a network on a data set: a ``gdsim.networks.methods.Ground``."""

    def __init__(self, network: Network, dataset: Dataset) -> None:
        self.network, self.dataset = replace(network, precision="float64"), dataset

    def loss(self, weights: Floats) -> float:
        return self.loss_and_gradient(weights)[0]

    def loss_and_gradient(self, weights: Floats) -> tuple[float, Floats]:
        return loss_and_gradient(self.network, weights, self.dataset)

    def hessian(self, weights: Floats) -> Floats:
        """By central differences of gradients, whose error is some 1e-10 of the curvature's size."""
        rows = []
        for k, weight in enumerate(weights):
            reach = 6e-6 * max(1.0, abs(weight))
            ahead, behind = weights.copy(), weights.copy()
            ahead[k] += reach
            behind[k] -= reach
            rows.append((self.loss_and_gradient(ahead)[1] - self.loss_and_gradient(behind)[1]) / (ahead[k] - behind[k]))
        square = np.array(rows)
        symmetric: Floats = 0.5 * (square + square.T)
        return symmetric

    def residuals(self, weights: Floats) -> tuple[Floats, Floats]:
        """The errors of all outputs at all points, and sqrt(l2 / 2) times each linear weight."""
        outputs = predict(self.network, weights, start_buffers(self.network), self.dataset.inputs)
        targets = self.dataset.targets.reshape(outputs.shape)
        share = 1.0 / math.sqrt(outputs.size)
        values, slopes = [share * (outputs - targets).ravel(order="F")], []
        width = outputs.shape[1]
        for k in range(width):
            # Where only output k misses its target, by half the number of outputs, the gradient of the squared error is the output's.
            missed = outputs.copy()
            missed[:, k] -= 0.5 * width
            plain = replace(self.network, l2=0.0)
            slopes.append(share * point_gradients(plain, weights, replace(self.dataset, targets=missed))[1])
        if self.network.l2 > 0.0:
            decay = np.zeros(len(weights))
            for part in self.network.parts:
                decay[part.place] = math.sqrt(0.5 * self.network.l2) if len(part.shape) == 2 else 0.0
            values.append(decay * weights)
            slopes.append(np.diag(decay))
        return np.concatenate(values), np.vstack(slopes)


def misfit(network: Network, train: Dataset, method: Optimizer, batches: Batches, clipped: bool) -> str | None:
    """Why the method cannot train this network so, in one sentence; None if it can."""
    steady, squares = not (network.dropout or network.batch_norm), network.loss == "mse" and not network.l1
    found = unsuited(method, whole=batches.all_at_once, steady=steady, clipped=clipped, squares=squares)
    return found or too_wide(method, network)


def unsuited(method: Optimizer, *, whole: bool, steady: bool, clipped: bool, squares: bool) -> str | None:
    """Why the method cannot train a network so, in one sentence; None if it can. ``whole`` says that every step sees all points, ``steady``
    that the loss depends on the weights alone, ``squares`` that it is a sum of them.
    """
    if not whole:
        return f'{method.name} compares losses at several points, so it needs the whole training set each step: batch_size = "full"'
    if not steady:
        return f"{method.name} needs a loss that depends on the weights alone, without dropout and batch normalisation"
    if clipped:
        return f"{method.name} chooses the length of its steps by itself, so gradients cannot be clipped"
    if method.needs_residuals and not squares:
        return f"{method.name} needs a sum of squares: loss mse, and l1 0"
    return None


def too_wide(method: Optimizer, network: Network) -> str | None:
    """Why the method cannot take so many weights; None if it can."""
    most = MOST_WEIGHTS.get(method.name)
    if most is None or network.weights <= most:
        return None
    return f"{method.name} solves for all weights together: {most:,} at most, and this network has {network.weights:,}"


class MethodLearner:
    """``Learner`` for the methods in ``METHODS``; its arguments and promises are the same. Arithmetic is float64 whatever the network's.

    ``evaluations`` of its rows counts the losses that each step asked for.
    """

    def __init__(
        self,
        network: Network,
        train: Dataset,
        method: Optimizer,
        hyper: tuple[float, ...],
        on: tuple[bool, ...],
        batches: Batches,
        seed: int,
        stream: int = 0,
        *,
        schedule: Pacing | None = None,
        clip_value: float | None = None,
        clip_norm: float | None = None,
        tolerance: float | None = None,
        weights: ArrayLike | None = None,
        layer_rates: Sequence[float] | None = None,
    ) -> None:
        if layer_rates is not None:
            raise ValueError(f"{method.name} looks at all weights together, so layers have no learning rates of their own")
        clipped = clip_value is not None or clip_norm is not None
        if (text := misfit(network, train, method, batches, clipped)) is not None:
            raise ValueError(text)
        self._name, self._training, self._schedule = method.name, Training(network, train), schedule
        self._values: dict[str, float | bool] = {
            **dict(zip(method.hyper_names, hyper, strict=True)),
            **dict(zip(method.switches, on, strict=True)),
        }
        self._tolerance = -1.0 if tolerance is None else tolerance
        begun = draw(network, seed, stream) if weights is None else np.asarray(weights)
        if begun.shape != (network.weights,):
            raise ValueError(f"weights has the shape {begun.shape}, and this network needs ({network.weights},)")
        calm = np.array(schedule.calm if schedule else (), dtype=np.float64)
        nothing = np.empty((0, network.weights))
        self.state = LearnerState(np.array(begun, dtype=np.float64), nothing, np.empty(0), start_buffers(network), calm)

    def advance(self, steps: int) -> Rows:
        """Takes ``steps`` steps, fewer where the training ends (and none after that)."""
        table = self._schedule.table(self.state.step, steps) if self._schedule else None
        rows: list[tuple[float, ...]] = []
        status = RUNNING
        for k in range(steps):
            weights = self.state.weights
            loss, gradient = self._training.loss_and_gradient(weights)
            size, length = float(np.linalg.norm(gradient)), math.nan
            rate = self._rate(loss, None if table is None else table[:, k])
            if not (math.isfinite(loss) and size <= STEEPEST):
                status = DIVERGED
            elif size <= self._tolerance:
                status = CONVERGED
            else:
                length, spent = self._step(Here(weights, loss, gradient), rate)
            rows.append((loss, size, float(np.linalg.norm(weights)), length, rate, 0 if status != RUNNING else spent))
            if status != RUNNING:
                break
        losses, sizes, norms, lengths, rates, spent_at = np.array(rows).reshape(-1, 6).T
        return Rows(losses, sizes, norms, lengths, rates, status, spent_at.astype(np.int64))

    def _step(self, here: Here, rate: float) -> tuple[float, int]:
        """Moves on; (length of the step, evaluations)."""
        state = self.state
        values = self._values | {"learning_rate": rate}
        after, memory, spent = METHODS[self._name](here, self._memory(), values, state.step, self._training)
        self._keep(memory)
        state.weights, state.step = after, state.step + 1
        return float(np.linalg.norm(after - here.weights)), spent

    def _rate(self, loss: float, row: Any) -> float:
        rate = float(self._values["learning_rate"])
        if self._schedule is None:
            return rate
        paced, calm = self._schedule.pace(rate, float(row[0]), float(row[1]), loss, tuple(self.state.calm), self._schedule.numbers)
        self.state.calm = np.array(calm, dtype=np.float64)
        return float(paced)

    def _memory(self) -> State:
        """What the method remembers, from the arrays of the state."""
        kept, slots, shared = KEPT.get(self._name, Kept()), self.state.slots, self.state.shared
        names = kept.vectors + kept.tables
        memory = dict(zip(names, np.split(slots, len(names)), strict=True)) if names and len(slots) else {}
        memory |= {name: memory[name][0] for name in kept.vectors if name in memory}
        return memory | ({kept.few: shared} if len(shared) else {})

    def _keep(self, memory: State) -> None:
        kept = KEPT.get(self._name, Kept())
        rows = [memory[name] for name in kept.vectors + kept.tables if name in memory]
        self.state.slots = np.vstack(rows) if rows else np.empty((0, len(self.state.weights)))
        self.state.shared = memory.get(kept.few, np.empty(0))
