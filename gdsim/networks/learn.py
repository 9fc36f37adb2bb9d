"""Learning: what a network says of data, how its loss slopes, and a training that goes on step by step.

Arrays of weights are flat vectors as ``Network.parts`` describes them, buffers as ``Network.buffers`` does. Losses that are trained on and
their gradients include the penalties of l1 and l2; those of ``evaluate`` do not.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import learning
from gdsim.networks import layers
from gdsim.networks.batches import Batches, drawn, place, shuffle, word
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.laid_out import engine_data
from gdsim.networks.network import Network
from gdsim.optimizers import Optimizer

Floats = NDArray[np.float64]
Leaf = Callable[..., Any]
LearnerState = learning.Standing

MOST_DROPPED = 2**30
"""Hidden units times points of a batch, of which dropout can tell so many apart."""


@cache
def engine_model(network: Network) -> learning.Model:
    """What the engine has to know of the network."""
    output = layers.ACTIVATIONS[network.output].value_and_slope
    return learning.Model(
        sizes=network.layers,
        activation=layers.ACTIVATIONS[network.activation].value_and_slope,
        finish=None if network.output == "identity" else output,
        loss=layers.LOSSES[network.loss].value_and_slope,
        word=word,
        batch_norm=network.batch_norm and len(network.layers) > 2,
        dropout=network.dropout if len(network.layers) > 2 else 0.0,
        l1=network.l1,
        l2=network.l2,
        precision=network.precision,
    )


def _numbers(network: Network, array: ArrayLike) -> NDArray[Any]:
    """A copy in the network's precision, contiguous."""
    return np.array(array, dtype=network.precision, order="C")


def _flat(network: Network, weights: ArrayLike) -> NDArray[Any]:
    flat = _numbers(network, weights)
    if flat.shape != (network.weights,):
        raise ValueError(f"the weights have the shape {flat.shape}, and layers {list(network.layers)} need ({network.weights},)")
    return flat


def _running(network: Network, buffers: ArrayLike) -> NDArray[Any]:
    flat, length = _numbers(network, buffers), len(start_buffers(network))
    if flat.shape != (length,):
        raise ValueError(f"the buffers have the shape {flat.shape}, and this network needs ({length},)")
    return flat


def start_buffers(network: Network) -> NDArray[Any]:
    """The buffers of a network that has seen nothing: means 0, variances 1; empty without batch normalisation."""
    pieces = [np.full(part.size, float(part.name.endswith("running_var"))) for part in network.buffers]
    return np.concatenate([*pieces, np.zeros(0)]).astype(network.precision)


def _chosen(dataset: Dataset, rows: ArrayLike | None) -> NDArray[np.int64]:
    if rows is None:
        return np.arange(len(dataset))
    chosen = np.arange(len(dataset))[np.asarray(rows)].reshape(-1)  # a mask or indices, also from the end
    return np.array(chosen, dtype=np.int64)


def loss_and_gradient(network: Network, weights: ArrayLike, dataset: Dataset, rows: ArrayLike | None = None) -> tuple[float, NDArray[Any]]:
    """J and dJ/dW (weights,) of the points ``rows`` (all without), as a training step sees them, except that no unit is dropped.

    Batch normalisation takes the statistics of these points. Raises ValueError where network and data do not fit.
    """
    chosen = _chosen(dataset, rows)
    least = 2 if engine_model(network).batch_norm else 1
    if len(chosen) < least:
        raise ValueError(f"{len(chosen)} points are given, and at least {least} are needed")
    losses, gradients = learning.slopes(engine_model(network), _flat(network, weights), engine_data(network, dataset), chosen, len(chosen))
    return float(losses[0]), gradients[0]


def point_gradients(network: Network, weights: ArrayLike, dataset: Dataset, rows: ArrayLike | None = None) -> tuple[Floats, NDArray[Any]]:
    """J_k (n,) and dJ_k/dW (n, weights) of single points; their means are J and dJ/dW. Raises ValueError with batch normalisation."""
    if engine_model(network).batch_norm:
        raise ValueError("with batch normalisation a point has no gradient of its own: it depends on the others of its batch")
    return learning.slopes(engine_model(network), _flat(network, weights), engine_data(network, dataset), _chosen(dataset, rows), 1)


def predict(network: Network, weights: ArrayLike, buffers: ArrayLike, inputs: ArrayLike) -> NDArray[Any]:
    """The network's outputs (n, outputs) for ``inputs`` (n, features), evaluated and not trained; logits where the loss takes such."""
    points = _numbers(network, inputs)
    if points.ndim != 2 or points.shape[1] != network.layers[0]:
        raise ValueError(f"the inputs have the shape {points.shape}, and the network takes (points, {network.layers[0]})")
    return learning.predict(engine_model(network), _flat(network, weights), _running(network, buffers), points)


def evaluate(network: Network, weights: ArrayLike, buffers: ArrayLike, dataset: Dataset) -> tuple[float, float]:
    """(loss, metric) on a dataset, evaluated and not trained. The loss is the data's alone. The metric is the share of points whose class
    is found, or R^2 for regression (NaN where all targets are equal, and both NaN for no points).
    """
    data = engine_data(network, dataset)
    if not len(dataset):
        return math.nan, math.nan
    points = data.inputs.reshape(len(dataset), -1)
    outputs = learning.predict(engine_model(network), _flat(network, weights), _running(network, buffers), points)
    loss = learning.mean_loss(engine_model(network), outputs, data)
    return loss, accuracy(network, outputs, dataset) if dataset.is_classification else r_squared(outputs, dataset)


def classes_of(network: Network, outputs: NDArray[Any]) -> NDArray[np.int64]:
    """The class number (n,) that outputs (n, outputs) speak for: the largest of several; of one the logit > 0, or the number > 1/2."""
    if outputs.shape[1] > 1:
        largest: NDArray[np.int64] = outputs.argmax(axis=1)
        return largest
    return (outputs[:, 0] > (0.0 if network.loss == "bce" else 0.5)).astype(np.int64)


def accuracy(network: Network, outputs: NDArray[Any], dataset: Dataset) -> float:
    """The share of points whose class is found; NaN where an output is none."""
    if np.isnan(outputs).any():
        return math.nan
    return float(np.mean(classes_of(network, outputs) == dataset.targets))


def r_squared(outputs: NDArray[Any], dataset: Dataset) -> float:
    """1 - (sum of squared errors) / (sum of squared distances from the mean target); of several targets, the mean over them."""
    targets = dataset.targets.reshape(len(dataset), -1)
    shares = []
    for column in range(targets.shape[1]):
        wanted, said = targets[:, column], outputs[:, column].astype(np.float64)
        with np.errstate(all="ignore"):
            errors, away = (wanted - said) ** 2, (wanted - math.fsum(wanted) / len(wanted)) ** 2
        if not np.all(np.isfinite(errors)):
            return math.nan
        spread = math.fsum(away)
        shares.append(1.0 - math.fsum(errors) / spread if spread > 0.0 else math.nan)
    return sum(shares) / len(shares)


@dataclass(frozen=True)
class Pacing:
    """A schedule as the engine wants it: ``pace`` (leaf), its ``numbers``, the numbers that it keeps (``calm``, as they are at first) and
    ``table(first, steps)`` with offsets and factors (2, steps) of steps numbered from ``first``, 1 for the first of the training.
    """

    pace: Leaf
    table: Callable[[int, int], Floats]
    numbers: tuple[float, ...] = ()
    calm: tuple[float, ...] = ()


@dataclass(frozen=True)
class Rows:
    """One row a step, each describing the point before it: the loss of the step's batch and the norm of its gradient (with penalties,
    before clipping), the norm of all weights, the length of the step and its learning rate. ``status`` is that of the last:
    ``descend.RUNNING``, CONVERGED or DIVERGED; the last two end the training at a row whose step was not taken (its length is NaN).
    ``evaluations`` counts the losses that a step asked for, where a method asks for other than one.
    """

    losses: Floats
    gradient_norms: Floats
    weight_norms: Floats
    step_lengths: Floats
    learning_rates: Floats
    status: int
    evaluations: NDArray[np.int64] | None = None


def engine_rule(
    method: Optimizer, on: tuple[bool, ...], schedule: Pacing | None, clipped: tuple[bool, bool], layered: bool
) -> learning.Rule:
    """What the engine has to know of the method, whose parameters ``on`` are switched on. ``clipped`` says by which of value and norm
    gradients are cut, ``layered`` whether layers have learning rates of their own.
    """
    return learning.Rule(
        update=method.update,  # type: ignore[arg-type]
        advance=method.advance,
        on=on,
        slots=len(method.slot_names),
        shared=len(method.initial_shared),
        hyper=len(method.hyper_names),
        place=place,
        shuffle=shuffle,
        drawn=drawn,
        pace=schedule.pace if schedule else None,
        pacing=len(schedule.numbers) if schedule else 0,
        calm=len(schedule.calm) if schedule else 0,
        cut_values=clipped[0],
        cut_norm=clipped[1],
        layered=layered,
    )


class Learner:
    """The training of a network, as many steps at a time as one likes: ``advance(n)`` equals ``advance(k)``, then ``advance(n - k)``.

    ``hyper`` and ``on`` are the method's parameters as ``Optimizer.pack`` gives them. ``seed`` and ``stream`` name everything random: the
    weights drawn (unless ``weights`` are given), the batches, the units dropped. ``clip_value`` and ``clip_norm`` cut gradients as
    torch.nn.utils does, the norm being that of all weights. ``layer_rates`` multiply the learning rate, one for each linear layer (and its
    batch normalisation). A training ends where the gradient's norm is at most ``tolerance``, and where loss or gradient leave what its
    precision can hold.

    Raises ValueError where network, data, batches and method do not go together.
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
        if method.update is None:
            raise ValueError(f"{method.name} looks at all weights together; MethodLearner trains by it")
        if (text := unfit(network, batches, len(train))) is not None:
            raise ValueError(text)
        layers = len(network.layers) - 1
        if layer_rates is not None and len(layer_rates) != layers:
            raise ValueError(f"layer_rates has {len(layer_rates)} numbers, and the network has {layers} layers")
        self.network, self.method = network, method
        limits = tuple(limit for limit in (clip_value, clip_norm) if limit is not None)
        self.trainer = learning.Trainer(
            model=engine_model(network),
            rule=engine_rule(method, on, schedule, (clip_value is not None, clip_norm is not None), layer_rates is not None),
            data=engine_data(network, train),
            plan=learning.Plan(batches.largest, batches.stages, batches.shuffle, batches.replacement),
            hyper=np.array((*hyper, *limits), dtype=np.float64),
            pacing=np.array(schedule.numbers if schedule else (), dtype=np.float64),
            table=schedule.table if schedule else None,
            tolerance=tolerance,
            seed=seed,
            stream=stream,
            layer_rates=np.array(() if layer_rates is None else layer_rates, dtype=np.float64),
        )
        flat = draw(network, seed, stream) if weights is None else _flat(network, weights)
        # Rules that keep a step length start from the rate of the first step.
        (offset,), (factor,) = schedule.table(1, 1) if schedule else ((0.0,), (1.0,))
        first = offset + factor * hyper[0]
        slots = np.empty((len(method.slot_names), len(flat)), dtype=network.precision)
        for part in network.parts:
            own = first if layer_rates is None else first * layer_rates[part.layer]
            slots[:, part.place] = _numbers(network, method.initial_slots((own, *hyper[1:]))).reshape(-1, 1)
        self.state = LearnerState(
            weights=flat,
            slots=slots,
            shared=np.array(method.initial_shared, dtype=np.float64),
            buffers=start_buffers(network),
            calm=np.array(schedule.calm if schedule else (), dtype=np.float64),
        )

    def advance(self, steps: int) -> Rows:
        """Takes ``steps`` steps, fewer where the training ends; asked again, it ends at once. Releases the interpreter lock meanwhile."""
        records = self.trainer.advance(self.state, steps)
        return Rows(records.losses, records.gradient_norms, records.weight_norms, records.step_lengths, records.rates, records.status)


def unfit(network: Network, batches: Batches, points: int) -> str | None:
    """Why the network cannot be trained with these batches, in one sentence; None if it can."""
    model = engine_model(network)
    if batches.count != points:
        return f"the batches are cut from {batches.count} points, and there are {points}"
    if wrong := [size for size in batches.sizes if not 1 <= size <= batches.count]:
        return f"batch_size is {wrong[0]}, and there are {batches.count} points"
    hidden = sum(network.layers[1:-1])
    if model.dropout > 0.0 and hidden * batches.largest > MOST_DROPPED:
        return f"dropout cannot tell {hidden} units of {batches.largest} points apart; {MOST_DROPPED:,} in all are the most"
    if not model.batch_norm:
        return None
    whole = batches.replacement or batches.drop_last
    left = any(batches.count % size == 1 for size in batches.sizes if not whole)
    if 1 in batches.sizes or left:
        last = ", and the last of an epoch has 1: drop_last leaves it out" if left else ""
        return f"batch normalisation needs batches of at least 2 points{last}"
    return None
