"""What came out of a sweep: read-only columns over its axes."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from os import PathLike
from types import MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.painting import painter_of
from gdsim.simulation.extras import extra
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_block import Columns
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

Index = int | tuple[int, ...]


@dataclass(frozen=True)
class SweepRun:
    """One run of a sweep: its number, the values of the axes, and its row of every column (``verdict`` as an Outcome)."""

    index: int
    label: str
    values: Mapping[str, float]
    verdict: Outcome
    numbers: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class SweepResult:
    """Every run of a sweep. ``axes`` holds the values of each axis by name; ``columns`` one number a run, in row-major order of ``shape``.

    ``shape`` has the sizes of the axes, with the number of runs of the scenario before them where it has several. The columns:

    - ``verdict``: a code, the place in ``OUTCOMES``; ``minimum``: the place of the minimum reached among the landscape's ``minima``, -1 for
      none.
    - ``steps`` taken: where a run converged (``tolerance``) or diverged, the step at which it did.
    - ``final_loss`` and ``best_loss``; ``x`` and ``y`` where it ended; there ``gradient_norm``, ``lowest_curvature`` and ``sharpness`` (the
      eigenvalues of the Hessian).
    - ``contraction_rate``: mean natural logarithm of the ratio of two losses one after the other, above that of the global minimum (or of
      the local one that was reached); NaN where none is known. Negative is down, -0.1 about a tenth a step.

    A sweep over networks has neither minima nor positions, and of the last block ``gradient_norm`` alone. Instead there are ``score``, the
    share of training points whose class is found or R^2, and ``trainability``: below 0 where the network was trained (minus the sum of the
    losses in units of the first), above 0 where it was not (the sum of the inverse losses). Where steps see batches, losses are those of
    the whole training part.

    All arrays are read-only. ``stride`` is more than 1 in a coarse picture of a finer sweep.
    """

    scenario: Scenario
    axes: Mapping[str, NDArray[np.float64]]
    columns: Mapping[str, NDArray[Any]]
    stride: int = 1

    @property
    def shape(self) -> tuple[int, ...]:
        sizes = tuple(len(values) for values in self.axes.values())
        return sizes if len(self.scenario.runs) == 1 else (len(self.scenario.runs), *sizes)

    @property
    def size(self) -> int:
        return prod(self.shape)

    def __getitem__(self, name: str) -> NDArray[Any]:
        """A column in the form of ``shape``."""
        return self.columns[name].reshape(self.shape)

    def __repr__(self) -> str:
        axes = ", ".join(f"{name} ({len(values)})" for name, values in self.axes.items())
        return f"<SweepResult of {self.size:,} runs over {axes}>"

    def shares(self) -> dict[Outcome, float]:
        """The share of each verdict among all runs, largest first; verdicts that none has are left out."""
        counts = np.bincount(self.columns["verdict"], minlength=len(OUTCOMES))
        order = np.argsort(-counts, kind="stable")
        return {OUTCOMES[code]: float(counts[code] / self.size) for code in order if counts[code]}

    def row(self, index: Index) -> SweepRun:
        """One run, by its number or by its place in ``shape``. Raises IndexError."""
        number = self._number(index)
        place = np.unravel_index(number, self.shape)
        own = place[-len(self.axes) :]
        run = self.scenario.runs[int(place[0]) if len(place) > len(self.axes) else 0]
        values = {name: float(all_[k]) for (name, all_), k in zip(self.axes.items(), own, strict=True)}
        numbers = {name: column[number].item() for name, column in self.columns.items() if name != "verdict"}
        return SweepRun(number, run.label or run.optimizer, values, OUTCOMES[int(self.columns["verdict"][number])], numbers)

    def best(self) -> SweepRun:
        """The run that ended lowest; of several the one that took the fewest steps."""
        losses = np.where(np.isfinite(self.columns["final_loss"]), self.columns["final_loss"], np.inf)
        lowest = np.flatnonzero(losses == losses.min())
        return self.row(int(lowest[np.argmin(self.columns["steps"][lowest])]))

    def scenario_at(self, index: Index) -> Scenario:
        """The scenario of one run alone: ``gdsim.run`` of it gives that run, to the bit unless the sweep has another precision than float64
        or is ``fast``. Raises IndexError.
        """
        place = np.unravel_index(self._number(index), self.shape)
        own = [int(k) * self.stride for k in place[-len(self.axes) :]]
        plan = Plan(self.scenario)
        run = int(place[0]) if len(place) > len(self.axes) else 0
        return plan.scenario_at(run * plan.points + int(np.ravel_multi_index(own, plan.shape)))

    def _number(self, index: Index) -> int:
        if isinstance(index, tuple):
            if len(index) != len(self.shape) or not all(-n <= k < n for k, n in zip(index, self.shape, strict=True)):
                raise IndexError(f"{index} is no place in {self.shape}")
            return int(np.ravel_multi_index(tuple(k % n for k, n in zip(index, self.shape, strict=True)), self.shape))
        if not -self.size <= index < self.size:
            raise IndexError(f"there is no run {index} among {self.size:,}")
        return int(index) % self.size

    def to_pandas(self) -> Any:
        """A pandas DataFrame with one row a run: the axes, then the columns. Raises ImportError where pandas is not installed."""
        pandas = extra("pandas")
        places = np.unravel_index(np.arange(self.size), self.shape)
        table: dict[str, Any] = {}
        if len(self.shape) > len(self.axes):
            labels = [run.label or run.optimizer for run in self.scenario.runs]
            table["run"] = [labels[k] for k in places[0]]
        for (name, values), k in zip(self.axes.items(), places[-len(self.axes) :], strict=True):
            table[name] = values[k]
        verdict = pandas.Categorical.from_codes(self.columns["verdict"], [str(outcome) for outcome in OUTCOMES])
        return pandas.DataFrame(table | {"verdict": verdict} | {n: c for n, c in self.columns.items() if n != "verdict"})

    def to_xarray(self) -> Any:
        """An xarray Dataset over the axes. Raises ImportError where xarray is not installed."""
        xarray = extra("xarray")
        several = len(self.shape) > len(self.axes)
        coordinates: dict[str, Any] = {"run": [run.label or run.optimizer for run in self.scenario.runs]} if several else {}
        names = (["run"] if several else []) + list(self.axes)
        verdict = np.array([str(outcome) for outcome in OUTCOMES])[self["verdict"]]
        data = {name: (names, self[name]) for name in self.columns if name != "verdict"} | {"verdict": (names, verdict)}
        return xarray.Dataset(data, coordinates | dict(self.axes), {"title": self.scenario.title})

    def plot(
        self,
        path: str | PathLike[str] | None = None,
        *,
        colour: str = "auto",
        theme: Literal["light", "dark"] = "light",
        size: tuple[int, int] | None = None,
    ) -> Any:
        """Paints the sweep as a map into ``path`` (.png, .svg or .pdf); without one, the pixels are returned, (height, width, 4), RGBA.

        ``colour`` is "verdict", "minimum", "loss", "steps", "trainability" or "auto"; ``size`` in pixels. Raises ValueError for what
        cannot be painted, OSError.
        """
        return painter_of("a sweep")(self, path, colour=colour, theme=theme, size=size)


def result_of(plan: Plan, columns: Columns, stride: int = 1) -> SweepResult:
    """The result of a plan whose ``columns`` hold all of its runs; with a ``stride`` every so many values of each axis."""
    axes = {axis.name: axis.values[::stride] for axis in plan.axes}
    if stride > 1:
        shape = (len(plan.scenario.runs), *plan.shape)
        every = (slice(None), *(slice(None, None, stride) for _ in plan.shape))
        columns = {name: np.ascontiguousarray(values.reshape(shape)[every]).ravel() for name, values in columns.items()}
    frozen = {name: values.view() for name, values in columns.items()}
    for values in frozen.values():
        values.flags.writeable = False
    return SweepResult(plan.scenario, MappingProxyType(axes), MappingProxyType(frozen), stride)
