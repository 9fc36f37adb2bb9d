"""The ruler of a run: what becomes of it with every learning rate that its slider offers, all else being equal."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.landscapes import Landscape
from gdsim.simulation.noise_floor import is_noisy
from gdsim.simulation.run import start_of
from gdsim.simulation.run_batches import most_steps
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.sweep_axes import Axis, Sweep
from gdsim.simulation.sweep_block import Columns, Computer, empty
from gdsim.simulation.sweep_map import ARRIVED
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

Floats = NDArray[np.float64]

RATES = (1e-6, 10.0)
"""The learning rates that sliders offer."""
COUNT = 512
COARSEST = 8
"""Every 8th rate is tried first."""
AT_ONCE = 0.006
"""Seconds that the rest may take to be done in one go; where it takes longer, it grows finer step by step."""
PIECE_STEPS = 20_000_000
"""Steps that are done at a time: some 50 ms."""
LONGEST = 4.0
"""Seconds that a finer ruler may take. Beyond them the ruler stays as coarse as it is."""


@dataclass(frozen=True)
class Mark:
    """The largest stable learning rate by theory: ``rate``, in words (``2 / λmax``), and ``where`` the curvature is taken."""

    rate: float
    words: str
    where: str


@dataclass(frozen=True, eq=False)
class Ruler:
    """Verdicts (codes into OUTCOMES) and numbers of ``steps`` of the run of ``subject`` with each of ``rates``, in ascending order.

    ``whole`` if a finer one is not to come; ``share`` of it is there. ``mark`` is None where theory knows no limit; ``silent`` then says
    why. Where it is ``withheld`` there are no rates, because it would take so many seconds.
    """

    subject: Scenario
    rates: Floats
    verdicts: NDArray[np.int8]
    steps: NDArray[np.int32]
    whole: bool
    mark: Mark | None = None
    silent: str = ""
    share: float = 1.0
    withheld: float = 0.0

    def at(self, rate: float) -> int:
        """The place of the rate that is nearest to ``rate``, by ratio."""
        with np.errstate(divide="ignore"):
            return int(np.argmin(np.abs(np.log(self.rates) - np.log(rate))))

    def outcome(self, place: int) -> Outcome:
        return OUTCOMES[int(self.verdicts[place])]

    def shares(self) -> list[tuple[Outcome, float]]:
        """The verdicts that there are in the order of the codes, with their shares of the rates."""
        counts = np.bincount(self.verdicts, minlength=len(OUTCOMES))
        return [(OUTCOMES[code], float(counts[code] / len(self.verdicts))) for code in np.flatnonzero(counts)]


def subject_of(scenario: Scenario, index: int) -> Scenario:
    """The scenario whose sweep is the ruler of run ``index``: equal for two that have the same.

    Its parts were valid before, so they are not validated again: it is made anew while something is dragged.
    """
    own = scenario.runs[index]
    start = own.start if scenario.is_network else start_of(scenario, index)
    run = own.model_copy(update={"label": "", "learning_rate": RATES[0], "start": start})
    return scenario.model_copy(update={"title": "", "start": None, "runs": (run,), "sweep": SWEEP})


SWEEP = Sweep(axes=(Axis(over="learning_rate", low=RATES[0], high=RATES[1], count=COUNT, scale="log"),))


def rulers(subject: Scenario, longest: float = LONGEST) -> Iterator[Ruler | None]:
    """The ruler of ``subject`` from coarse to fine, the last one whole; in one go if that is a matter of milliseconds. None now and then,
    where there is nothing to tell yet.

    All on the thread that asks: to hand so little to others would take longer than to do it.
    """
    plan = Plan(subject, "cpu")
    computer, columns = Computer(plan), empty(plan, COUNT)
    stride, known = COARSEST, np.arange(0)
    while True:
        rows = np.setdiff1d(np.arange(0, COUNT, stride), known)
        pace = yield from _compute(computer, rows, columns)
        if not len(known) and pace * COUNT > longest:
            pace = yield from _compute(computer, rows[:COARSEST], columns)  # the first time may have been spent on compiling
        known = np.arange(0, COUNT, stride)
        if stride == 1:
            yield _ruler(subject, plan, columns, known, whole=True)
            return
        if pace * (COUNT - len(known)) <= AT_ONCE:
            stride = 1
            continue
        beyond = pace * len(known) > longest
        yield _ruler(subject, plan, columns, known, whole=beyond)
        if beyond:
            return
        stride //= 2


def _compute(computer: Computer, rows: NDArray[np.int64], columns: Columns) -> Generator[None, None, float]:
    """Computes these runs, so many at a time that it can be given up in between; returns the seconds that each took."""
    data = computer.plan.scenario.landscape.data
    steps = most_steps(computer.plan.scenario) * (1 if data is None else len(data))
    piece = max(COARSEST, PIECE_STEPS // steps)
    began = time.perf_counter()
    for low in range(0, len(rows), piece):
        some = rows[low : low + piece]
        fresh = empty(computer.plan, len(some))
        computer.fill(some, fresh, slice(None))
        for name, values in fresh.items():
            columns[name][some] = values
        if low + piece < len(rows):
            yield None
    return (time.perf_counter() - began) / len(rows)


def _ruler(subject: Scenario, plan: Plan, columns: Columns, rows: NDArray[np.int64], *, whole: bool) -> Ruler:
    chosen = {name: values[rows] for name, values in columns.items()}
    mark, silent = mark_of(subject, chosen)
    return Ruler(subject, plan.axes[0].values[rows], chosen["verdict"], chosen["steps"], whole, mark, silent)


def mark_of(subject: Scenario, columns: Columns) -> tuple[Mark | None, str]:
    """The limit of stability in the minimum in which most of the runs end, or why there is none.

    Linear stability is a matter of the minimum and not of the start: near it a run contracts if learning rate times curvature stays below
    the method's limit (2 for plain descent), whatever the ground is like from where it came.
    """
    run, landscape = subject.runs[0], subject.landscape
    if run.method.stable_product is None:
        return None, f"Theory knows no limit of stability for {run.method.title}."
    if run.schedule is not None:
        return None, "The learning rate changes on the way, so no limit is marked."
    settled = np.isin(columns["verdict"], ARRIVED)
    sharpness, where = _curvature(landscape, columns, settled)
    sharpness += float(run.values.get("weight_decay", 0.0))
    if not (np.isfinite(sharpness) and sharpness > 0.0):
        return None, "No minimum is known here, so no limit is marked."
    product = run.method.stable_product(run.settings)
    where += ", without the noise that lowers it" if is_noisy(landscape, run) else ""
    return Mark(product / sharpness, words_of_limit(run, product), where), ""


def _curvature(landscape: Landscape, columns: Columns, settled: NDArray[np.bool_]) -> tuple[float, str]:
    reached = columns["minimum"][settled & (columns["minimum"] >= 0)]
    if np.any(settled) and not len(reached):
        # A minimum that nobody has listed: what the runs found there.
        return float(np.median(columns["sharpness"][settled])), "the minimum where runs arrive"
    if not landscape.minima:
        return np.nan, ""
    point = landscape.minima[int(np.bincount(reached).argmax()) if len(reached) else 0]
    hessian = landscape.hessian(*point.position)
    sharpest = float(np.linalg.eigvalsh(hessian)[-1]) if np.all(np.isfinite(hessian)) else np.nan
    at = ", ".join(f"{weight:.3g}" for weight in point.position)
    who = "where most of those that arrive end" if len(reached) else "which none of them reaches"
    return sharpest, f"the minimum at ({at}), {who}"


def words_of_limit(run: Run, product: float) -> str:
    """Where the limit of stability comes from, ``product`` being that of rate and curvature: ``2 / λmax``."""
    plain = run.optimizer == "sgd" and run.lookahead is None and not run.values.get("dampening")
    if plain and run.values.get("momentum"):
        return "(2 + 2β) / ((1 + 2β) λmax)" if run.values.get("nesterov") is True else "2 (1 + β) / λmax"
    return "2 / λmax" if plain else f"{product:.3g} / λmax"
