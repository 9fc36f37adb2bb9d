"""A block of runs on a graphics card."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.cuda import compiled
from gdsim.engine.cuda_driver import driving
from gdsim.engine.cuda_launches import in_launches
from gdsim.engine.cuda_stream import Launched, Stream
from gdsim.engine.descend import KEPT, QUIET, Conditions, Floats, Rule, State, Summaries
from gdsim.engine.precision import DOUBLE, Precision


class CudaBlock:
    """Many runs of one rule at once, on the card: ``gdsim.engine.descend.Block`` in all that it says, to the bit unless ``fast``.

    Runs stay on the card between calls; ``state`` and ``summaries`` fetch what is asked for. Numbers that all runs share are kept once.
    Every method raises DeviceError where the card fails, and what it held is lost then.
    """

    def __init__(
        self,
        rule: Rule,
        state: State,
        params: Floats,
        hyper: Floats,
        *,
        tolerance: float | None = None,
        limit: float = math.inf,
        conditions: Conditions = QUIET,
        streams: NDArray[np.int64] | None = None,
        seeds: NDArray[np.int64] | None = None,
        precision: Precision = DOUBLE,
        fast: bool = False,
    ) -> None:
        self.rule, self.conditions, self.precision = rule, conditions, precision
        self._runs, self._step = state.weights.shape[1], state.step
        self._shape = {name: getattr(state, name).shape for name in KEPT}
        self._kernel, self._threads = compiled(rule, precision, fast)
        self._ends = precision.squares(tolerance, limit)
        runs, real = self._runs, precision.dtype
        points = conditions.data.shape[1] if rule.term is not None else 0
        trouble = conditions.trouble if conditions.trouble.ndim == 2 else conditions.trouble[:, np.newaxis]
        with driving(f"{runs:,} runs"):
            stream = self._stream = Stream()
            sent = stream.sent
            self._no_rows = stream.room((2, 1), real)
            self._state = {name: sent(getattr(state, name).ravel(), real) for name in KEPT}
            self._given = (
                sent(_common(params).ravel(), real),
                sent(conditions.data, real),
                sent(_common(hyper).ravel(), real),
                sent(_common(trouble).ravel(), real),
                sent(conditions.pacing, real),
            )
            self._batches = (
                sent(conditions.stages, np.int64),
                sent(_common(conditions.own_stages), np.int64),
                sent(conditions.cut, np.int64),
                stream.room((max(1, runs if points else 0), max(1, points)), np.int32),
                sent(np.full(runs if points else 1, -1), np.int64),
            )
            self._names = (
                sent(_common(np.array([conditions.seed]) if seeds is None else seeds), np.int64),
                sent(_common(np.zeros(1) if streams is None else streams), np.int64),
            )
            self._out = {
                "taken": sent(np.zeros(runs), np.int64),
                "losses": sent(np.full(runs, math.nan), real),
                "best": sent(np.full(runs, math.inf), real),
                "evaluations": sent(np.zeros(runs), np.int64),
                "status": sent(np.zeros(runs), np.int8),
            }
            stream.wait()

    def walk(self, low: int, high: int, steps: int) -> Iterator[float]:
        """Moves runs low to high by short launches, yielding the share that is done. Closing the generator leaves them on their way."""
        if low >= high:
            return
        with driving("a launch"):
            yield from in_launches(partial(self._launch, low, high), steps)

    def _launch(self, low: int, high: int, after: int, steps: int, closing: bool) -> Launched:
        first, rows = self._step + after, self._no_rows
        if self.conditions.table is not None:
            rows = self._stream.sent(self.conditions.rows(first, steps), self.precision.dtype)
        arguments = (
            *self._state.values(), *self._given, rows, *self._batches,
            first, steps, int(closing), *self._ends, *self._names, low, high, *self._out.values(),
        )  # fmt: skip
        return self._stream.launch(self._kernel, -(-(high - low) // self._threads), self._threads, arguments)

    def advance(self, low: int, high: int, steps: int) -> None:
        """``walk`` to its end."""
        for _ in self.walk(low, high, steps):
            pass

    def through(self, legs: Sequence[int], *, losses: bool) -> tuple[Floats, Floats]:
        """Takes all runs so many steps further, one leg or more, of which the first may have none. Returns the positions at their ends,
        (legs, 2, n), and, where asked for, the ``losses`` there, (legs, n); of a leg without steps they are not known.
        """
        passed, seen = np.empty((len(legs), 2, self._runs)), np.empty((len(legs) if losses else 0, self._runs))
        for row, steps in enumerate(legs):
            self.advance(0, self._runs, steps)
            self.move_on(steps)
            passed[row] = self.weights
            if losses:
                seen[row] = self._fetched(self._out["losses"], (self._runs,))
        return passed, seen

    def move_on(self, steps: int) -> None:
        """Says that every run has been advanced by ``steps``."""
        self._step += steps

    @property
    def state(self) -> State:
        """Where the runs stand: a copy."""
        return State(**{name: self._fetched(self._state[name], self._shape[name]) for name in KEPT}, step=self._step)

    @property
    def weights(self) -> Floats:
        """``state.weights`` alone."""
        weights: Floats = self._fetched(self._state["weights"], self._shape["weights"])
        return weights

    @property
    def summaries(self) -> Summaries:
        """What became of every run: a copy."""
        shape = (self._runs,)
        return Summaries(**{name: self._fetched(array, shape) for name, array in self._out.items()})

    def _fetched(self, array: Any, shape: tuple[int, ...]) -> Any:
        with driving("fetching results"):
            (flat,) = self._stream.fetched(array)
        kept = flat[: math.prod(shape)].reshape(shape)
        return kept.astype(np.float64) if kept.dtype == np.float32 else kept


def _common(array: NDArray[Any]) -> NDArray[Any]:
    """The first column alone, where all are the same to the bit."""
    first = array[..., :1]
    same = array.size > 0 and array.dtype.kind in "if" and np.array_equal(_bits(array), np.broadcast_to(_bits(first), array.shape))
    return first if same else array


def _bits(array: NDArray[Any]) -> NDArray[Any]:
    return np.ascontiguousarray(array).view(np.int64) if array.dtype == np.float64 else array
