"""Gradient descent as arrays in, arrays out: one run recorded step by step, or a block of runs with summaries only."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import templates
from gdsim.engine.batch import batch, in_place
from gdsim.engine.evaluate import NO_DATA
from gdsim.engine.gather import gather, scatter
from gdsim.engine.precision import DOUBLE, Precision
from gdsim.engine.specialise import specialise

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Leaf = Callable[..., Any]

RUNNING, CONVERGED, DIVERGED = templates.RUNNING, templates.CONVERGED, templates.DIVERGED
LANES = 128
MOST_PLACES = 1 << 24
"""Places in the orders of points that a block keeps for its runs together; where there are more, they are shuffled again at every call."""
COUNTED_STEPS = 1 << 18
"""Steps of a call in single precision, which counts them and their evaluations in float32: exactly, were they 64 each."""
STEEPEST = DOUBLE.steepest


@dataclass(frozen=True, slots=True)
class Rule:
    """The leaves of one landscape and one optimizer with their switches: what ``specialise`` binds (see ``gdsim.engine.templates``).

    ``slots`` and ``shared`` are the counts of numbers kept a weight and a run, ``params`` and ``hyper`` those of the landscape's and the
    optimizer's parameters. ``observe`` moves the landscape and ``disturb`` is noise on its gradient; both share ``trouble`` numbers, and
    noise keeps ``memory`` numbers a run. ``pace`` is a schedule with ``pacing`` numbers that keeps ``calm`` numbers a run. ``clip`` cuts
    gradients at ``limits`` numbers a run, which stand below the optimizer's parameters. Where the landscape is made ``from_data``, its
    leaves get the data with its parameters. With ``term``, ``place``, ``shuffle`` and ``drawn`` the optimizer sees mini-batches (see
    ``gdsim.engine.batch``); a block then looks at the ``whole`` set at every step, or not.
    """

    value_and_gradient: Leaf
    update: Leaf | None
    advance: Leaf
    on: tuple[bool, ...]
    slots: int
    shared: int
    params: int
    hyper: int
    take_step: Leaf = templates.elementwise
    observe: Leaf = templates.still
    disturb: Leaf | None = None
    trouble: int = 0
    memory: int = 0
    pace: Leaf | None = None
    pacing: int = 0
    calm: int = 0
    clip: Leaf | None = None
    limits: int = 0
    second_derivatives: Leaf | None = None
    residuals: Leaf | None = None
    from_data: bool = False
    term: Leaf | None = None
    place: Leaf | None = None
    shuffle: Leaf | None = None
    drawn: Leaf | None = None
    displace: Leaf = in_place
    whole: bool = True

    @property
    def counted(self) -> bool:
        """Whether a step may take other than one evaluation."""
        return self.take_step is not templates.elementwise

    def bindings(self) -> dict[str, Any]:
        """The names that stand free in the templates."""
        bound = {
            "value_and_gradient": self.value_and_gradient,
            "advance": self.advance,
            "take_step": self.take_step,
            "observe": self.observe,
            "values_of": templates.parameters_and_data if self.from_data else templates.parameters,
            "ON": self.on,
            "MOVING": self.observe is not templates.still,
            "SAMPLED": self.term is not None,
            "WHOLE": self.whole or self.term is None,
            "DISTURBED": self.disturb is not None,
            "PACED": self.pace is not None,
            "CLIPPED": self.clip is not None,
            "COUNTED": self.counted,
            "SLOTS": self.slots,
            "SHARED": self.shared,
            "MEMORY": self.memory,
            "CALM": self.calm,
            "PARAMS": self.params,
            "HYPER": self.hyper,
            "LIMITS": self.limits,
        }
        others = {
            "disturb": self.disturb,
            "pace": self.pace,
            "clip": self.clip,
            "update": self.update,
            "second_derivatives": self.second_derivatives,
            "residuals": self.residuals,
        }
        if self.term is not None:
            others |= {"batch": batch, "term": self.term, "displace": self.displace}
            others |= {"place": self.place, "shuffle": self.shuffle, "drawn": self.drawn}
        bound |= {name: leaf for name, leaf in others.items() if leaf is not None}
        kept = {"slots": self.slots, "shared": self.shared, "memory": self.memory, "calm": self.calm}
        given = {"params": self.params, "hyper": self.hyper, "trouble": self.trouble, "pace": self.pacing, "limits": self.limits}
        bound |= {f"gather_{name}": gather(count) for name, count in (kept | given).items()}
        return bound | {f"scatter_{name}": scatter(count) for name, count in kept.items()}


KEPT = ("weights", "slots", "shared", "memory", "calm")
"""The arrays of a State."""


@dataclass
class State:
    """Where runs stand, one column a run: ``weights`` (2, n), ``slots`` (2 slots, n), ``shared`` (shared, n), ``memory`` of the noise and
    ``calm`` of the schedule; ``step`` is the next step.
    """

    weights: Floats
    slots: Floats
    shared: Floats
    memory: Floats
    calm: Floats
    step: int = 1

    def to(self, precision: Precision) -> "State":
        """The same state in these numbers; what is of their type already is shared and not copied."""
        weights, slots, shared, memory, calm = (precision.numbers(getattr(self, name)) for name in KEPT)
        return State(weights, slots, shared, memory, calm, self.step)

    @classmethod
    def start(
        cls,
        weights: Floats,
        slots: Sequence[float | Floats] | Floats,
        shared: tuple[float, ...],
        memory: tuple[float, ...] = (),
        calm: tuple[float, ...] = (),
    ) -> "State":
        """``weights`` (2, n), of a curve (1, n); ``slots`` the initial numbers of a weight, each for all runs or (n,); the rest for all."""
        runs = weights.shape[1]
        at, each = np.zeros((2, runs)), np.empty((2, len(slots), runs))
        at[: len(weights)] = weights
        for k, slot in enumerate(slots):
            each[:, k] = slot

        def alike(numbers: tuple[float, ...]) -> Floats:
            return np.repeat(np.array(numbers, dtype=np.float64)[:, np.newaxis], runs, axis=1)

        return cls(at, each.reshape(2 * len(slots), runs), alike(shared), alike(memory), alike(calm))


def _nothing() -> Floats:
    return np.empty(0)


@dataclass(frozen=True)
class Conditions:
    """What a run meets on its way: numbers of ``trouble`` (moves and noise) and of the schedule (``pacing``), the random ``seed``, and the
    ``data`` (quantities, points) that its landscape is made of. ``stages`` (rows, 4) and ``cut`` (2,) say how the data are cut into
    mini-batches (see ``gdsim.networks.batches``), ``own_stages`` (2, 1), or (2, runs) in a block, from which row of ``stages`` to which
    they hold for a run.

    ``table(first, steps)`` gives a schedule's offsets and factors, (2, steps), for steps numbered from ``first``.
    """

    trouble: Floats = field(default_factory=_nothing)
    pacing: Floats = field(default_factory=_nothing)
    table: Callable[[int, int], Floats] | None = None
    seed: int = 0
    data: Floats = field(default_factory=lambda: NO_DATA)
    stages: Whole = field(default_factory=lambda: np.zeros((1, 4), np.int64))
    own_stages: Whole = field(default_factory=lambda: np.zeros((2, 1), np.int64))
    cut: Whole = field(default_factory=lambda: np.zeros(2, np.int64))

    def rows(self, first: int, steps: int) -> Floats:
        return np.empty((2, 0)) if self.table is None else np.ascontiguousarray(self.table(first, steps))


QUIET = Conditions()


@cache
def recorder(rule: Rule) -> Callable[..., Any]:
    """The compiled kernel that records one run of ``rule``."""
    return specialise(templates.record, **rule.bindings())


@cache
def summariser(
    rule: Rule, lanes: int, shared_by_all: bool, trouble_each: bool = False, precision: Precision = DOUBLE
) -> Callable[..., Any]:
    """The compiled kernel that takes a block of runs of ``rule`` through their steps."""
    constants = {"LANES": lanes, "SHARED_BY_ALL": shared_by_all, "TROUBLE_EACH": trouble_each}
    return specialise(precision.leaf(templates.block), **constants, **precision.bound(rule.bindings()))


@dataclass(frozen=True)
class Recording:
    """Points of one run: ``positions`` and ``gradients`` (n, 2), ``losses`` (n,), and the status after the last of them.

    Where the rule has a schedule, ``rates`` (n,) holds the learning rate of the step from every point, taken or not; where it counts,
    ``evaluations`` (n,) how many of them the step took, which means nothing at a point from which none was taken. Both are None otherwise.
    """

    positions: Floats
    losses: Floats
    gradients: Floats
    status: int
    rates: Floats | None = None
    evaluations: NDArray[np.int64] | None = None


def record(
    rule: Rule,
    state: State,
    params: Floats,
    hyper: Floats,
    steps: int,
    *,
    closing: bool = True,
    tolerance: float | None = None,
    limit: float = math.inf,
    conditions: Conditions = QUIET,
    stream: int = 0,
) -> Recording:
    """Takes ``steps`` steps of the one run in ``state`` (which is moved on), recording the point before each.

    ``params`` (p,) and ``hyper`` (h,) are the landscape's and the optimizer's parameters, the latter followed by the limits of clipping;
    ``stream`` names the run's random numbers. With ``closing`` the point after the last step is recorded too. Fewer points come back
    where the run converged (gradient norm <= ``tolerance``) or diverged (not finite, or steeper than ``limit``).
    """
    rows = steps + closing
    positions, losses, gradients = np.empty((rows, 2)), np.empty(rows), np.empty((rows, 2))
    rates = np.empty(rows if rule.pace is not None else 0)
    evaluations = np.zeros(rows if rule.counted else 0, dtype=np.int64)
    kept = (state.weights, state.slots, state.shared, state.memory, state.calm)
    own = [array[:, 0].copy() for array in kept]
    small, large = DOUBLE.squares(tolerance, limit)
    given = (params, conditions.data, hyper, conditions.trouble, conditions.pacing, conditions.rows(state.step, rows))
    batches = (conditions.stages, conditions.own_stages, conditions.cut)
    ends = (small, large, conditions.seed, stream)
    columns = (positions, losses, gradients, rates, evaluations)
    points, status = recorder(rule)(*own, *given, *batches, state.step, steps, closing, *ends, *columns)
    for array, moved in zip(kept, own, strict=True):
        array[:, 0] = moved
    state.step += steps
    return Recording(
        positions[:points],
        losses[:points],
        gradients[:points],
        status,
        rates[:points] if rule.pace is not None else None,
        evaluations[:points] if rule.counted else None,
    )


@dataclass(frozen=True)
class Summaries:
    """What became of every run of a block: steps taken, evaluations, loss at the end, the least seen, the status; arrays of length n."""

    taken: NDArray[np.int64]
    evaluations: NDArray[np.int64]
    losses: Floats
    best: Floats
    status: NDArray[np.int8]


class Block:
    """Many runs of one rule at once, in pieces that any number of threads may work on.

    ``params`` (p, n) and ``hyper`` (h, n) hold each run's parameters, ``seeds`` (by default the conditions') and ``streams`` (n,) name its
    random numbers; the ``trouble`` of the conditions may have a column a run. ``alike`` says whether what the optimizer shares is the same
    in all runs, where they are a part of more: parts then share a kernel.

    ``advance(low, high, steps)`` moves runs low to high and releases the interpreter lock meanwhile; pieces may not overlap. Neither their
    size nor their order changes a bit of any run. Once all have been advanced, ``move_on(steps)`` makes the next call go on from there.
    ``through(legs)`` does both for all runs, and leg by leg, in one call of the kernel.

    In single ``precision`` all arithmetic is in float32, on what was given narrowed. Results are float64 arrays all the same.
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
        alike: bool | None = None,
        precision: Precision = DOUBLE,
    ) -> None:
        runs = state.weights.shape[1]
        self.rule, self.conditions, self.precision = rule, conditions, precision
        narrow = precision.numbers
        self._state = state.to(precision) if precision.single else state
        given = (params, conditions.data, hyper, conditions.trouble.ravel(), conditions.pacing)
        self._given = tuple(map(narrow, given))
        self.streams = np.zeros(runs, np.int64) if streams is None else streams
        self.seeds = np.full(runs, conditions.seed, np.int64) if seeds is None else seeds
        counts = (np.zeros(runs, np.int64), np.zeros(runs, np.int64))
        losses, best = narrow(np.full(runs, math.nan)), narrow(np.full(runs, math.inf))
        self._summaries = Summaries(*counts, losses, best, np.zeros(runs, np.int8))
        self._squares = precision.squares(tolerance, limit)
        # Orders that last from one call to the next need not be shuffled again.
        points = conditions.data.shape[1] if rule.term is not None else 0
        self._orders = np.empty((runs if runs * points <= MOST_PLACES else 0, points), np.int32)
        self._known = np.full(runs if rule.term is not None else 0, -1, np.int64)
        # What the optimizer shares may depend on anything but the learning rate (row 0).
        if alike is None:
            numbers = hyper[1 : rule.hyper]
            alike = bool(np.all(numbers == numbers[:, :1]) and np.all(state.shared == state.shared[:, :1])) if runs else True
        self._kernel = summariser(rule, LANES, alike, conditions.trouble.ndim == 2, precision)

    def advance(self, low: int, high: int, steps: int) -> None:
        self._through(low, high, [(steps, -1)], *self._passed(0, False))

    def through(self, legs: Sequence[int], *, losses: bool) -> tuple[Floats, Floats]:
        """Takes all runs so many steps further, one leg or more, of which the first may have none. Returns the positions at their ends,
        (legs, 2, n), and, where asked for, the ``losses`` there, (legs, n).
        """
        passed, seen = self._passed(len(legs), losses)
        self._through(0, len(self.streams), [(steps, row) for row, steps in enumerate(legs)], passed, seen)
        self.move_on(sum(legs))
        return DOUBLE.numbers(passed), DOUBLE.numbers(seen)

    def _passed(self, marks: int, losses: bool) -> tuple[NDArray[Any], NDArray[Any]]:
        runs, real = len(self.streams), self.precision.dtype
        return np.empty((marks, 2, runs), real), np.empty((marks if losses else 0, runs), real)

    def _through(self, low: int, high: int, legs: list[tuple[int, int]], passed: NDArray[Any], seen: NDArray[Any]) -> None:
        state, out, met, first = self._state, self._summaries, self.conditions, self._state.step
        kept = (state.weights, state.slots, state.shared, state.memory, state.calm)
        batches = (met.stages, met.own_stages, met.cut, self._orders, self._known)
        ends = (*self._squares, self.seeds, self.streams, low, high)
        summaries = (out.taken, out.losses, out.best, out.evaluations, out.status)
        for call in _calls(legs, COUNTED_STEPS) if self.precision.single else (legs,):
            steps = sum(leg for leg, _ in call)
            rows = self.precision.numbers(met.rows(first, steps))
            self._kernel(*kept, *self._given, rows, *batches, first, np.array(call), *ends, *summaries, passed, seen)
            first += steps

    def move_on(self, steps: int) -> None:
        """Says that every run has been advanced by ``steps``."""
        self._state.step += steps

    @property
    def state(self) -> State:
        """Where the runs stand: a copy in single precision, otherwise what moves on."""
        return self._state.to(DOUBLE)

    @property
    def weights(self) -> Floats:
        """``state.weights`` alone."""
        return DOUBLE.numbers(self._state.weights)

    @property
    def summaries(self) -> Summaries:
        """What became of every run: a copy in single precision, otherwise what goes on."""
        out = self._summaries
        return replace(out, losses=DOUBLE.numbers(out.losses), best=DOUBLE.numbers(out.best))


def _calls(legs: list[tuple[int, int]], most: int) -> Iterator[list[tuple[int, int]]]:
    """The legs, (steps, row), in calls of at most so many steps: what is cut off a leg has no row."""
    call: list[tuple[int, int]] = []
    left = most
    for steps, row in legs:
        while steps > left:
            yield [*call, (left, -1)]
            call, steps, left = [], steps - left, most
        call.append((steps, row))
        left -= steps
    yield call
