"""What came out of a run: read-only arrays with a verdict."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.painting import painter_of
from gdsim.simulation.norm import norm
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.verdict import Verdict

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Steps:
    """Consecutive rows of a recording. Row k describes the point before step k; arrays have one row a step and are read-only.

    ``positions`` and ``gradients`` have shape (rows, dim), the rest (rows,). ``step_lengths`` is the length of the step taken from the
    point; at the last point of a run no step is taken and it is NaN.

    ``evaluations``, where the method tries points before it steps, counts those where it had to know the landscape (see ``Optimizer``): a
    step's own point and all it tried but the one it ended in. It is 0 at the last point, and None for a rule that takes one a step.
    """

    positions: Floats
    losses: Floats
    gradients: Floats
    step_lengths: Floats
    learning_rates: Floats
    evaluations: Integers | None = field(default=None, kw_only=True)

    @property
    def gradient_norms(self) -> Floats:
        return norm(self.gradients)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} of {len(self.losses):,} points>"


@dataclass(frozen=True, eq=False)
class Trajectory(Steps):
    """One whole run. ``positions[0]`` is the start; ``converged_at`` and ``diverged_at`` are step numbers or None."""

    label: str
    optimizer: str
    learning_rate: float
    verdict: Verdict
    converged_at: int | None
    diverged_at: int | None

    @property
    def steps(self) -> int:
        """Steps taken: one less than the number of points."""
        return len(self.losses) - 1

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self._told}>"

    @property
    def _told(self) -> str:
        label = f"{self.label}: " if self.label != self.optimizer else ""
        losses = f"loss {self.losses[0]:.6g} to {self.losses[-1]:.6g} in {self.steps:,} step{'s' * (self.steps != 1)}"
        return f"{label}{self.optimizer} at {self.learning_rate:g}, {losses}, {self.verdict}"

    def to_pandas(self) -> Any:
        """A pandas DataFrame with one row a point: the columns of the table that ``gdsim.write`` writes. Raises ImportError where pandas is
        not installed.
        """
        return _data_frame([self])


@dataclass(frozen=True, eq=False)
class Chunk:
    """A piece of a running simulation: rows ``first_step`` and following of run number ``run``; with the last one comes the verdict."""

    run: int
    first_step: int
    steps: Steps
    trajectory: Trajectory | None = None


@dataclass(frozen=True, eq=False)
class Result:
    """All runs of a scenario, in its order."""

    scenario: Scenario
    runs: tuple[Trajectory, ...]

    def __repr__(self) -> str:
        return "\n".join([f"<Result {self.scenario.title}".rstrip(), *(f"  {run._told}" for run in self.runs)]) + ">"

    def to_pandas(self) -> Any:
        """The tables of all runs, one under the other; see ``Trajectory.to_pandas``."""
        return _data_frame(self.runs)

    def plot(
        self, path: str | os.PathLike[str] | None = None, *, theme: Literal["light", "dark"] = "light", size: tuple[int, int] = (1280, 800)
    ) -> Any:
        """Paints the views of the window into ``path`` (.png, .svg, .pdf or .gif); without one, the pixels are returned, (height, width,
        4), RGBA. ``size`` in pixels. Raises ValueError for another suffix or size, OSError.
        """
        return painter_of("a result")(self, path, theme=theme, size=size)


def _data_frame(runs: Iterable[Trajectory]) -> Any:
    from gdsim.simulation.store import data_frame

    return data_frame(runs)
