"""The learning-rate finder against the truth: what one run with a growing rate suggests, beside what became of a run at every rate.

The finder (the range test of L. N. Smith, "Cyclical learning rates for training neural networks", WACV 2017, section 3.3) takes one run,
multiplies its learning rate by the same factor after every step, and looks where the loss falls and from where on it grows. It is cheap,
because it is one run; the sweep over the same rates is a run for each of them.
"""

from dataclasses import dataclass
from os import PathLike
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.painting import painter_of
from gdsim.simulation.run import run
from gdsim.simulation.run_batches import steps_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.scenario_file import scenario_of
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_result import SweepResult
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

Floats = NDArray[np.float64]

CAUTION = 10.0
"""The rule of thumb takes the rate at which the finder's loss is lowest divided by this."""
GOOD = (OUTCOMES.index(Outcome.CONVERGED), OUTCOMES.index(Outcome.LOCAL_MINIMUM))


@dataclass(frozen=True, eq=False)
class RateFinder:
    """``losses`` (n,) of the finder's run before each of its steps, which it took at ``rates`` (n,); ``truth`` is the sweep."""

    rates: Floats
    losses: Floats
    truth: SweepResult

    @property
    def lowest(self) -> float:
        """The rate at which the loss was lowest."""
        return float(self.rates[int(np.argmin(np.where(np.isfinite(self.losses), self.losses, np.inf)))])

    def __repr__(self) -> str:
        arrive = "no run arrives" if self.working is None else "runs arrive from {:.3g} to {:.3g}".format(*self.working)
        return f"<RateFinder: its loss is lowest at {self.lowest:.3g}, so {self.suggested:.3g} is suggested; {arrive}>"

    @property
    def suggested(self) -> float:
        return self.lowest / CAUTION

    @property
    def working(self) -> tuple[float, float] | None:
        """The smallest and the largest rate of the sweep at which a run arrives within its steps; None where none does."""
        (rates,) = self.truth.axes.values()
        arrived = rates[np.isin(self.truth.columns["verdict"], GOOD)]
        return (float(arrived.min()), float(arrived.max())) if len(arrived) else None

    def plot(self, path: str | PathLike[str] | None = None, *, theme: Literal["light", "dark"] = "light") -> Any:
        """Paints curve and ruler into ``path`` (.png, .svg or .pdf); without one, the pixels are returned, as of ``SweepResult.plot``."""
        return painter_of("a rate finder")(self, path, theme=theme)


def find_rate(scenario: Scenario | str | PathLike[str], low: float = 1e-5, high: float = 1.0, count: int = 512) -> RateFinder:
    """The finder's run of a scenario with one run, from the rate ``low`` to ``high`` within its steps, and a sweep of ``count`` runs.

    Raises ScenarioError, and ValueError for a scenario of several runs, with a schedule, or that trains a network.
    """
    whole = scenario_of(scenario)
    if len(whole.runs) != 1 or whole.runs[0].schedule is not None or whole.is_network or not 0.0 < low < high:
        raise ValueError("a finder takes one run over a landscape, without a schedule, and rates from one above 0 to a larger one")
    own, steps = whole.runs[0], steps_of(whole, 0)
    growth = (high / low) ** (1.0 / max(1, steps - 1))
    growing = own.changed(learning_rate=low, schedule={"name": "exponential", "gamma": growth})
    (found,) = run(whole.changed(runs=(growing,), sweep=None, tolerance=None)).runs
    axis = {"over": "learning_rate", "low": low, "high": high, "count": count, "scale": "log"}
    return RateFinder(found.learning_rates[:steps], found.losses[:steps], sweep(whole, axes=[axis]))
