"""Many trainings of one network at once, as arrays in, arrays out: what ``gdsim.engine.lane_training`` computes, with its scratch space."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import lane_training
from gdsim.engine.descend import STEEPEST
from gdsim.engine.layout import COLUMNS, Layout, pad, zeros
from gdsim.engine.learning import Data, Model, Rule
from gdsim.engine.specialise import specialise
from gdsim.engine.vectors import width

Floats = NDArray[np.float64]
Numbers = NDArray[Any]

TILE_WEIGHTS = 16
"""Weights of all lanes that a rule moves at once: so many numbers make the loop over them worth its checks."""

CACHE = 60_000
"""Bytes that what some points leave behind may take."""


@dataclass(frozen=True, eq=False)
class Ends:
    """What became of n trainings: ``losses`` (n, steps + 1) of every point of the way (NaN behind the end), the norm of the gradient at the
    end, the steps ``taken``, ``status`` as of ``descend``, and the ``outputs`` (n, points, outputs) of the network at the end.
    """

    losses: Floats
    gradient_norms: Floats
    taken: NDArray[np.int64]
    status: NDArray[np.int8]
    outputs: Numbers


@dataclass(frozen=True, eq=False)
class Lanes:
    """The compiled trainings of ``model`` by ``rule`` on all of ``data`` at every step, from the same ``shared`` and ``calm``."""

    model: Model
    rule: Rule
    data: Data
    shared: tuple[float, ...]
    calm: tuple[float, ...]
    pacing: Floats
    table: Callable[[int, int], Floats] | None
    tolerance: float | None
    _places: NDArray[np.int64] = field(init=False)
    _chains: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        if self.model.batch_norm or self.model.dropout > 0.0:
            raise ValueError("lanes take networks without batch normalisation and dropout")
        object.__setattr__(self, "_places", _table(self.model, self.tile, self.points))
        object.__setattr__(self, "_chains", _chains(self.model, self._places))

    @property
    def points(self) -> int:
        return len(self.data.inputs) // self.model.sizes[0]

    @property
    def tile(self) -> int:
        """How many points go through all layers together; no bit depends on it."""
        kept = 3 * sum(self.model.sizes[1:]) * np.dtype(self.model.precision).itemsize * width(self.model.precision)
        return int(min(self.points, max(4, CACHE // kept // 4 * 4)))

    def train(self, weights: Numbers, slots: Floats, hyper: Floats, layer_rates: Floats, steps: int) -> Ends:
        """Takes ``steps`` steps of the trainings that begin with ``weights`` (n, w), which are moved on.

        ``slots`` (slots, layers, n) is what they keep at first, ``hyper`` (parameters and limits, n) and ``layer_rates`` (layers, n).
        """
        model, rule = self.model, self.rule
        precision, lanes, runs = model.precision, width(model.precision), len(weights)
        table = self._places
        length, one = _length(table, lanes), table[0, COLUMNS.index("WEIGHT")] - lanes
        work = zeros(_size(model, table, self.tile, lanes), precision)
        work[one] = 1.0
        begin = table[0, COLUMNS.index("FROM")]
        work[begin : begin + len(self.data.inputs)] = self.data.inputs
        said = np.empty((runs, self.points * model.outputs), dtype=precision)
        losses, norms = np.full((runs, steps + 1), np.nan), np.empty(runs)
        taken, status = np.empty(runs, np.int64), np.empty(runs, np.int8)
        pace_table = np.empty((2, 0)) if self.table is None else np.ascontiguousarray(self.table(1, steps + 1))
        kept = np.ascontiguousarray(slots, dtype=precision).reshape(rule.slots, len(table), runs)
        given = (np.array(self.shared), np.array(self.calm), hyper, layer_rates, self.pacing, pace_table)
        places = (table, self._chains, length, work, self.tile, one, self.points, np.repeat(self.data.targets, lanes), self.data.labels)
        ends = (-1.0 if self.tolerance is None else self.tolerance**2, STEEPEST**2, 0, runs)
        kernel = trainer(model, rule)
        kernel(weights, kept, *given, *places, steps, model.l1, model.l2, *ends, losses, norms, taken, status, said)
        return Ends(losses, norms, taken, status, said.reshape(runs, self.points, model.outputs))


@cache
def trainer(model: Model, rule: Rule) -> Callable[..., Any]:
    """The compiled kernel."""
    lanes = width(model.precision)
    bindings = model.bindings(trained=True) | rule.bindings(model.precision)
    return specialise(lane_training.train_lanes, **bindings, LANES=lanes, TILE=TILE_WEIGHTS * lanes)


def _table(model: Model, tile: int, points: int) -> NDArray[np.int64]:
    """A row of ``gdsim.engine.layout.COLUMNS`` for each layer: places of vectors, and in FLAT_* those of PyTorch's order."""
    lanes = width(model.precision)
    shapes = list(pairwise(model.sizes))
    at, flat = lanes * (shapes[0][1] + 1), 0
    rows = []
    for inputs, outputs in shapes:
        row = dict.fromkeys(COLUMNS, 0) | {"INPUTS": inputs, "OUTPUTS": outputs}
        row |= {"WEIGHT": at, "BIAS": at + inputs * outputs * lanes, "FLAT_WEIGHT": flat, "FLAT_BIAS": flat + inputs * outputs}
        at += (inputs + 1) * outputs * lanes
        flat += (inputs + 1) * outputs
        rows.append(row)
    at += lanes  # a zero, for chains of unequal lengths
    at += at - rows[0]["WEIGHT"]  # the gradient
    come, at = at, at + -(-points * model.sizes[0] // lanes) * lanes
    for row in rows:
        row["FROM"] = come
        for name in ("VALUE", "SLOPE", "ERROR"):
            row[name] = at
            at += (tile * row["OUTPUTS"] + 5) * lanes
        come = row["VALUE"]
    return np.array([[row[name] for name in COLUMNS] for row in rows], dtype=np.int64)


def _length(table: NDArray[np.int64], lanes: int) -> int:
    """Numbers of all weights and the zero behind them."""
    last = dict(zip(COLUMNS, table[-1].tolist(), strict=True))
    return int(last["BIAS"] + (last["OUTPUTS"] + 1) * lanes - table[0, COLUMNS.index("WEIGHT")])


def _size(model: Model, table: NDArray[np.int64], tile: int, lanes: int) -> int:
    return int(table[-1, COLUMNS.index("ERROR")] + tile * model.outputs * lanes)


def _chains(model: Model, table: NDArray[np.int64]) -> NDArray[np.int64]:
    """Which places belong to each chain of a norm: the number of a weight's chain is its place in the layout of one network alone."""
    lanes, count = width(model.precision), 4 * pad(model.precision)
    alone = Layout(model.sizes, False, model.precision, 1).places
    mine = []
    for row in (dict(zip(COLUMNS, numbers, strict=True)) for numbers in table.tolist()):
        inputs, outputs = row["INPUTS"], row["OUTPUTS"]
        mine.append(row["WEIGHT"] + lanes * np.arange(inputs * outputs).reshape(inputs, outputs).T.reshape(-1))
        mine.append(row["BIAS"] + lanes * np.arange(outputs))
    here = np.concatenate(mine) - table[0, COLUMNS.index("WEIGHT")]
    inward = np.argsort(alone)
    chains = [here[inward[alone[inward] % count == chain]] for chain in range(count)]
    filled = np.full((count, max(map(len, chains))), _length(table, lanes) - lanes)
    for line, chain in zip(filled, chains, strict=True):
        line[: len(chain)] = chain
    return filled.reshape(-1)
