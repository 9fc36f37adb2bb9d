"""Networks as arrays in, arrays out: what ``gdsim.engine.training`` computes, with its scratch space and its compiled kernels."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import elementary, training
from gdsim.engine.descend import RUNNING, STEEPEST
from gdsim.engine.gather import gather, scatter
from gdsim.engine.layout import Layout, pad, scratch, tile_of, zeros
from gdsim.engine.single import in_single
from gdsim.engine.specialise import specialise
from gdsim.engine.vectors import width

Floats = NDArray[np.float64]
Numbers = NDArray[Any]
Whole = NDArray[np.int64]
Leaf = Callable[..., Any]


@dataclass(frozen=True)
class Model:
    """A network as the engine knows it: sizes, and leaves as ``gdsim.networks.layers`` has them. ``finish`` is the output's activation,
    None for the identity; ``loss`` None stands for cross-entropy. ``word`` names random bits (``gdsim.networks.batches``).
    """

    sizes: tuple[int, ...]
    activation: Leaf
    finish: Leaf | None
    loss: Leaf | None
    word: Leaf
    batch_norm: bool
    dropout: float
    l1: float
    l2: float
    precision: str

    @property
    def outputs(self) -> int:
        return self.sizes[-1]

    @property
    def threshold(self) -> int:
        """Words below it leave a unit out."""
        return round(self.dropout * 2**32)

    def layout(self, together: int) -> Layout:
        """Places for ``together`` points at most; batch normalisation wants all of them at once."""
        tile = together if self.batch_norm else min(together, tile_of(self.sizes, self.precision))
        return Layout(self.sizes, self.batch_norm, self.precision, tile)

    def bindings(self, *, trained: bool) -> dict[str, Any]:
        """The names that stand free in ``gdsim.engine.backprop``."""
        leaves: dict[str, Leaf] = {"activation": self.activation, "exponential": elementary.exp, "logarithm": elementary.log}
        leaves |= {name: leaf for name, leaf in (("finish", self.finish), ("loss", self.loss)) if leaf is not None}
        single = self.precision == "float32"
        return {
            **{name: in_single(leaf) if single else leaf for name, leaf in leaves.items()},
            "word": self.word,
            "BATCH_NORM": self.batch_norm,
            "DROPOUT": trained and self.dropout > 0.0,
            "FINISHED": self.finish is not None,
            "CLASSES": self.loss is None,
            "PENALISED": self.l1 > 0.0 or self.l2 > 0.0,
            "WIDTH": width(self.precision),
            "PAD": pad(self.precision),
            "NUMBER": np.dtype(self.precision).type,
        }


@dataclass(frozen=True)
class Data:
    """Points: ``inputs`` (n * features,) and ``targets`` (n * outputs,), row after row, in the model's precision; or ``labels`` (n,)."""

    inputs: Numbers
    targets: Numbers
    labels: Whole


def predict(model: Model, weights: Numbers, buffers: Numbers, inputs: Numbers) -> Numbers:
    """Outputs (n, outputs) for ``inputs`` (n, features), by running statistics."""
    points = len(inputs)
    layout = Layout(model.sizes, model.batch_norm, model.precision, min(max(points, 1), tile_of(model.sizes, model.precision)))
    out = np.empty(points * model.outputs, dtype=model.precision)
    kernel = specialise(training.outputs_of, **model.bindings(trained=False))
    kernel(weights, buffers, layout.table, layout.places, layout.weights, scratch(layout), layout.tile, inputs.reshape(-1), out)
    return out.reshape(points, model.outputs)


def slopes(model: Model, weights: Numbers, data: Data, chosen: Whole, size: int) -> tuple[Floats, Numbers]:
    """Losses (batches,) and gradients (batches, weights) of the points ``chosen``, ``size`` to a batch, without dropout."""
    layout = model.layout(size)
    batches = len(chosen) // size
    losses, gradients = np.empty(batches), np.empty((batches, len(weights)), dtype=model.precision)
    buffers = np.zeros(2 * sum(model.sizes[1:-1]), dtype=model.precision)  # the kernel moves running statistics, which nobody asked for
    kernel = specialise(training.slopes, **model.bindings(trained=False))
    places = (layout.table, layout.places, layout.weights, scratch(layout), layout.tile)
    given = (data.inputs, data.targets, data.labels, chosen, size, model.l1, model.l2)
    kernel(weights, buffers, *places, *given, losses, gradients)
    return losses, gradients


@dataclass(frozen=True)
class Rule:
    """How weights are moved, as in ``gdsim.engine.descend.Rule``, and how batches are found (leaves of ``gdsim.networks.batches``)."""

    update: Leaf
    advance: Leaf
    on: tuple[bool, ...]
    slots: int
    shared: int
    hyper: int
    place: Leaf
    shuffle: Leaf
    drawn: Leaf
    pace: Leaf | None = None
    pacing: int = 0
    calm: int = 0
    cut_values: bool = False
    cut_norm: bool = False
    layered: bool = False
    """Whether layers have learning rates of their own."""

    def bindings(self, precision: str) -> dict[str, Any]:
        bound: dict[str, Any] = {
            "update": in_single(self.update) if precision == "float32" else self.update,
            "advance": self.advance,
            "place": self.place,
            "shuffle": self.shuffle,
            "drawn": self.drawn,
            "ON": self.on,
            "SLOTS": self.slots,
            "SHARED": self.shared,
            "HYPER": self.hyper,
            "PACED": self.pace is not None,
            "CUT_VALUES": self.cut_values,
            "CALM": self.calm,
            "CUT_NORM": self.cut_norm,
            "LAYERED": self.layered,
        }
        counts = {"slots": self.slots, "shared": self.shared, "calm": self.calm, "hyper": self.hyper, "pace": self.pacing}
        bound |= {f"gather_{name}": gather(count) for name, count in counts.items()}
        bound |= {f"scatter_{name}": scatter(counts[name]) for name in ("slots", "shared", "calm")}
        return bound if self.pace is None else bound | {"pace": self.pace}


@dataclass(frozen=True)
class Plan:
    """Which points a step looks at: ``stages`` as in ``gdsim.networks.batches``, and the ``largest`` batch of them."""

    largest: int
    stages: Whole
    shuffled: bool
    replacement: bool


@dataclass
class Standing:
    """Where a training stands; with it put back, the same training goes on to the bit.

    ``weights`` (w,), ``slots`` (slots, w) and ``buffers`` are in the model's precision, ``shared`` and ``calm`` float64; ``step`` is the
    next step, from 1, which with the seed decides everything random.
    """

    weights: Numbers
    slots: Numbers
    shared: Floats
    buffers: Numbers
    calm: Floats
    step: int = 1


@dataclass(frozen=True)
class Records:
    """Columns of one row a step, and the status after the last."""

    losses: Floats
    gradient_norms: Floats
    weight_norms: Floats
    step_lengths: Floats
    rates: Floats
    status: int


@dataclass
class Trainer:
    """The compiled training of ``model`` by ``rule`` on ``data``, and its scratch space."""

    model: Model
    rule: Rule
    data: Data
    plan: Plan
    hyper: Floats
    pacing: Floats
    table: Callable[[int, int], Floats] | None
    tolerance: float | None
    seed: int
    stream: int
    layer_rates: Floats = field(default_factory=lambda: np.ones(0))
    """What the learning rate is multiplied by, layer by layer (layers,), where the rule is layered."""
    _layout: Layout = field(init=False)
    _work: Numbers = field(init=False)
    _scratch: tuple[Numbers, ...] = field(init=False)
    _ordered: int = field(init=False, default=-1)
    """The epoch whose order of points lies in the scratch space: to shuffle many points takes longer than a short call."""

    def __post_init__(self) -> None:
        self._layout = layout = self.model.layout(self.plan.largest)
        self._work = scratch(layout)
        precision, rule = self.model.precision, self.rule
        points = len(self.data.inputs) // self.model.sizes[0]
        self._scratch = (
            np.arange(points),
            np.empty(self.plan.largest, dtype=np.int64),
            zeros(layout.weights, precision),
            zeros(layout.weights, precision),
            zeros(rule.slots * layout.weights, precision),
            zeros(4 * layout.tile * self.model.outputs, precision),
            np.empty(rule.hyper + 1, dtype=precision),
            np.empty(rule.shared + 1),
            np.empty(rule.shared + 1, dtype=precision),
            np.empty(2 * sum(self.model.sizes[1:-1]) if self.model.batch_norm else 0, dtype=precision),
        )

    def advance(self, standing: Standing, steps: int) -> Records:
        """Takes ``steps`` steps, fewer where the training ends; ``standing`` is moved on."""
        model, layout, plan = self.model, self._layout, self.plan
        columns = [np.empty(steps) for _ in range(5)]
        columns[4][:] = self.hyper[0]
        pace_table = np.empty((2, 0)) if self.table is None else np.ascontiguousarray(self.table(standing.step, steps))
        places = (layout.table, layout.places, layout.weights, self._work, layout.tile)
        given = (self.data.inputs, self.data.targets, self.data.labels, *self._scratch, self.layer_rates, self._ordered)
        given = (*given, standing.step, steps)
        drawn = (plan.stages, plan.shuffled, plan.replacement, model.threshold, model.l1, model.l2)
        ends = (-1.0 if self.tolerance is None else self.tolerance**2, STEEPEST**2, self.seed, self.stream)
        kept = (standing.weights, standing.slots, standing.shared, standing.buffers, standing.calm)
        kernel = trainer(model, self.rule)
        rows, status, self._ordered = kernel(*kept, self.hyper, self.pacing, pace_table, *places, *given, *drawn, *ends, *columns)
        standing.step += rows if status == RUNNING else rows - 1
        losses, gradient_norms, weight_norms, step_lengths, rates = (column[:rows] for column in columns)
        return Records(losses, gradient_norms, weight_norms, step_lengths, rates, status)


@cache
def trainer(model: Model, rule: Rule) -> Callable[..., Any]:
    """The compiled kernel of a training."""
    return specialise(training.train, **model.bindings(trained=True), **rule.bindings(model.precision))


def mean_loss(model: Model, outputs: Numbers, data: Data) -> float:
    """The mean loss of given outputs (n, outputs), penalties left out."""
    kernel = specialise(training.mean_loss, **model.bindings(trained=False))
    return float(kernel(outputs.reshape(-1), model.outputs, data.targets, data.labels))
