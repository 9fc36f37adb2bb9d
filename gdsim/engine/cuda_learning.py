"""Many trainings of one network at once on a graphics card: what ``gdsim.engine.cuda_training`` computes."""

from collections.abc import Callable, Generator
from functools import cache
from types import FunctionType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import cuda_training
from gdsim.engine.cuda import compiled_kernel, kernel_of, number_types
from gdsim.engine.cuda_driver import driving
from gdsim.engine.cuda_launches import in_launches
from gdsim.engine.cuda_layout import CardLayout
from gdsim.engine.cuda_stream import Launched, Stream
from gdsim.engine.descend import STEEPEST
from gdsim.engine.device import simulated
from gdsim.engine.lane_learning import Ends
from gdsim.engine.learning import Data, Model, Rule

Floats = NDArray[np.float64]
Numbers = NDArray[Any]

SIMULATED_THREADS = 4
"""Of a block in the simulator, whose threads are slow: as few as still have to wait for each other."""


class CudaTrainings:
    """Trainings on the card: ``gdsim.engine.lane_learning.Lanes`` in all that it says, to the bit.

    A block of ``threads`` is a training, by default as many as suit the network. ``fast`` lets the compiler fuse products into sums, after
    which the bits are the card's own. Every method raises DeviceError where the card fails.
    """

    def __init__(
        self,
        model: Model,
        rule: Rule,
        data: Data,
        shared: tuple[float, ...],
        calm: tuple[float, ...],
        pacing: Floats,
        table: Callable[[int, int], Floats] | None,
        tolerance: float | None,
        *,
        fast: bool = False,
        threads: int | None = None,
    ) -> None:
        if model.batch_norm or model.dropout > 0.0:
            raise ValueError("cards take networks without batch normalisation and dropout")
        self.model, self.rule, self.data, self.table = model, rule, data, table
        self.begun, self.pacing, self.fast = (*shared, *calm), pacing, fast
        self.ends = (-1.0 if tolerance is None else tolerance**2, STEEPEST**2)
        self.layout = CardLayout(model, rule, len(data.inputs) // model.sizes[0])
        self.threads = threads or (SIMULATED_THREADS if simulated() else self.layout.threads)

    def train(self, weights: Numbers, slots: Floats, hyper: Floats, layer_rates: Floats, steps: int) -> Ends:
        """As ``Lanes.train``."""
        way = self.walk(weights, slots, hyper, layer_rates, steps)
        while True:
            try:
                next(way)
            except StopIteration as ended:
                ends: Ends = ended.value
                return ends

    def walk(self, weights: Numbers, slots: Floats, hyper: Floats, layer_rates: Floats, steps: int) -> Generator[float, None, Ends]:
        """``train``, yielding which share of the steps is done. Closing the generator stops after the launches under way."""
        with driving(f"{len(weights):,} trainings"):
            there = _Trainings(self, weights, slots, hyper, layer_rates, steps)
            # The last step leads to a point more.
            yield from in_launches(there.launch, steps + 1)
            return there.fetched(weights)


class _Trainings:
    """Trainings that are on the card."""

    def __init__(self, task: CudaTrainings, weights: Numbers, slots: Floats, hyper: Floats, layer_rates: Floats, steps: int) -> None:
        self.task, self.steps, self.stream = task, steps, Stream()
        layout, data, runs, real = task.layout, task.data, len(weights), np.dtype(task.model.precision)
        sent, room = self.stream.sent, self.stream.room
        self.kernel = compiled(task.model, task.rule, layout.near, task.fast)
        self.shape = (runs, layout.points, task.model.outputs)
        self.weights, self.no_rows = sent(weights, real), room((2, 1), np.float64)
        kept, scalars = room((runs, layout.kept), real), sent(np.tile(task.begun, runs), np.float64)
        own = (sent(hyper.ravel(), np.float64), sent(layer_rates.ravel(), np.float64))
        self.state = (self.weights, kept, scalars, sent(slots.ravel(), real), *own, sent(task.pacing, np.float64))
        self.places = (sent(layout.table), sent(layout.chains), sent(layout.flat), sent(layout.places))
        self.data = (sent(data.inputs, real), sent(data.targets, real), sent(data.labels, np.int64))
        self.out = (
            room((runs, steps + 1), np.float64),
            room(runs, np.float64),
            room(runs, np.int64),
            sent(np.zeros(runs), np.int8),
            room((runs, layout.points * task.model.outputs), real),
        )

    def launch(self, after: int, count: int, _closing: bool) -> Launched:
        """Queues ``count`` points of the way behind the first ``after``."""
        task = self.task
        rows = self.no_rows if task.table is None else self.stream.sent(task.table(1 + after, count))
        arguments = (
            *self.state, rows, *self.places, *self.data,
            after, count, self.steps, task.model.l1, task.model.l2, *task.ends, *self.out,
        )  # fmt: skip
        return self.stream.launch(self.kernel, self.shape[0], task.threads, arguments, task.layout.shared_bytes)

    def fetched(self, weights: Numbers) -> Ends:
        """What became of them; ``weights`` are moved on."""
        weights[:], losses, norms, taken, status, said = self.stream.fetched(self.weights, *self.out)
        return Ends(losses, norms, taken, status, said.reshape(self.shape))


def function(model: Model, rule: Rule, near: bool = True) -> FunctionType:
    """The kernel as Python."""
    return kernel_of(cuda_training.train_block, model.bindings(trained=True) | rule.bindings(model.precision) | {"NEAR": near})


@cache
def compiled(model: Model, rule: Rule, near: bool = True, fast: bool = False) -> Any:
    """The kernel on the card at hand."""
    return compiled_kernel(function(model, rule, near), None if simulated() else signature(model.precision), fast)


def signature(precision: str) -> Any:
    """The types of a kernel's arguments, in order."""
    types = number_types()
    real, double, whole = types.float32 if precision == "float32" else types.float64, types.float64, types.int64
    row = {kind: types.Array(kind, 1, "C") for kind in (real, double, whole, types.int32, types.int8)}
    matrix = {kind: types.Array(kind, 2, "C") for kind in (real, double, whole)}
    state = (matrix[real], matrix[real], row[double], row[real], row[double], row[double], row[double], matrix[double])
    places = (matrix[whole], row[types.int32], row[types.int32], row[whole])
    data = (row[real], row[real], row[whole])
    numbers = (whole, whole, whole, double, double, double, double)
    ends = (matrix[double], row[double], row[whole], row[types.int8], matrix[real])
    return types.void(*state, *places, *data, *numbers, *ends)
