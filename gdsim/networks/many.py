"""Many trainings of one network at once, summaries only: what a sweep over networks is made of."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import lane_learning
from gdsim.engine.device import Device
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw_many
from gdsim.networks.laid_out import engine_data
from gdsim.networks.learn import Pacing, engine_model, engine_rule, unfit
from gdsim.networks.network import Network
from gdsim.optimizers import Optimizer

if TYPE_CHECKING:
    from gdsim.engine.cuda_learning import CudaTrainings

Floats = NDArray[np.float64]
Ends = lane_learning.Ends


def together(network: Network, batches: Batches, method: Optimizer) -> bool:
    """Whether trainings of this kind go side by side: every step sees all points, nothing is drawn at a step and no batch is normalised."""
    return method.is_elementwise and batches.all_at_once and network.dropout == 0.0 and not network.batch_norm


@dataclass(frozen=True, eq=False)
class ManyLearners:
    """Trainings that have network, data, method and schedule in common; each is to the bit what ``gdsim.networks.learn.Learner`` makes of
    it alone. ``clipped`` says by which of value and norm gradients are cut, ``layered`` whether layers have learning rates of their own,
    ``device`` where they are trained, which changes no bit unless ``fast`` lets a card fuse products into sums. Methods raise DeviceError
    where a card fails.

    Raises ValueError where that does not go side by side (see ``together``).
    """

    network: Network
    train: Dataset
    method: Optimizer
    on: tuple[bool, ...]
    schedule: Pacing | None = None
    tolerance: float | None = None
    clipped: tuple[bool, bool] = (False, False)
    layered: bool = False
    device: Device = "cpu"
    fast: bool = False

    def __post_init__(self) -> None:
        batches = Batches(len(self.train), len(self.train))
        if not together(self.network, batches, self.method):
            raise ValueError("only trainings by a rule for single weights, without dropout and batch normalisation, go side by side")
        if (text := unfit(self.network, batches, len(self.train))) is not None:
            raise ValueError(text)

    def start(self, seeds: ArrayLike, scales: ArrayLike, stream: int = 0) -> NDArray[np.float64]:
        """Weights (n, w) to begin with, drawn as those of one network are, for n seeds and scales."""
        return draw_many(self.network, np.asarray(seeds, dtype=np.int64), np.asarray(scales, dtype=np.float64), stream)

    def advance(
        self, weights: ArrayLike, hyper: ArrayLike, steps: int, limits: Sequence[ArrayLike] = (), layer_rates: ArrayLike = ()
    ) -> Ends:
        """Takes ``steps`` steps from ``weights`` (n, w), which are moved on where they are an array of the network's precision.

        ``hyper`` (parameters, n), in the order of the method's; ``limits`` (n,) for each way in which gradients are clipped;
        ``layer_rates`` (layers, n) where layered. Releases the interpreter lock meanwhile.
        """
        method, plan = self.method, self.schedule
        begun = np.ascontiguousarray(weights, dtype=self.network.precision)
        runs, layers = len(begun), len(self.network.layers) - 1
        values = np.array(np.broadcast_to(np.asarray(hyper, dtype=np.float64), (len(method.hyper_names), runs)))
        rates = np.asarray(layer_rates, dtype=np.float64) if self.layered else np.ones((layers, runs))
        rates = np.array(np.broadcast_to(rates, (layers, runs)))
        (offset,), (factor,) = plan.table(1, 1) if plan else ((0.0,), (1.0,))
        slots = np.empty((len(method.slot_names), layers, runs))
        for layer in range(layers):
            first = (offset + factor * values[0]) * rates[layer] if self.layered else offset + factor * values[0]
            for row, slot in zip(slots, method.initial_slots((first, *values[1:])), strict=True):
                row[layer] = slot
        rows = np.vstack([values, *(np.broadcast_to(np.asarray(limit, dtype=np.float64), (1, runs)) for limit in limits)])
        return self.lanes.train(begun, slots, rows, rates, steps)

    @cached_property
    def lanes(self) -> "lane_learning.Lanes | CudaTrainings":
        """The engine's side of it."""
        method, plan = self.method, self.schedule
        return self._kind()(
            model=engine_model(self.network),
            rule=engine_rule(method, self.on, plan, self.clipped, self.layered),
            data=engine_data(self.network, self.train),
            shared=tuple(method.initial_shared),
            calm=tuple(plan.calm) if plan else (),
            pacing=np.array(plan.numbers if plan else (), dtype=np.float64),
            table=plan.table if plan else None,
            tolerance=self.tolerance,
        )

    def _kind(self) -> "Callable[..., lane_learning.Lanes | CudaTrainings]":
        if self.device == "cpu":
            return lane_learning.Lanes
        from gdsim.engine.cuda_learning import CudaTrainings

        return partial(CudaTrainings, fast=self.fast)
