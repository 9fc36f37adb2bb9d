"""Effects: what is to be done about a message outside ``update``, as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gdsim.app.state import ThemeChoice
from gdsim.simulation.ensemble import Ensemble
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.training_record import Snapshots


class Effect:
    """Something to be done outside ``update``: by the worker, or by the window."""


@dataclass(frozen=True)
class Compute(Effect):
    """Run the scenario (and survey its landscape unless ``survey`` is off), dropping what is under way.

    With ``live`` (a step of a drag) what is under way gets a moment to be finished, or a drag that is faster than the computation would
    never show anything.
    """

    generation: int
    scenario: Scenario
    survey: bool = True
    live: bool = False


@dataclass(frozen=True)
class Predict(Effect):
    """Find what networks say with weights that were kept on the way; the answers are many ``Predicted``.

    ``wanted`` has a run's snapshots and the numbers of those that are wanted, in the order in which they are; what is nearest to ``step``
    comes first.
    """

    generation: int
    scenario: Scenario
    wanted: Mapping[int, tuple[Snapshots, tuple[int, ...]]]
    step: float


@dataclass(frozen=True)
class FindRate(Effect):
    """Find a learning rate of run ``run`` that is ``too small``, ``stable`` or ``too large``; the answer is ``RateFound``."""

    scenario: Scenario
    run: int
    preset: str


@dataclass(frozen=True)
class Stop(Effect):
    """Give up computations, searches for learning rates and pictures. Files are read and written to their end."""


@dataclass(frozen=True)
class Hold(Effect):
    """Computations wait, or go on. The next one does not wait."""

    on: bool


@dataclass(frozen=True)
class Read(Effect):
    source: str


@dataclass(frozen=True)
class ReadCsv(Effect):
    path: str
    target: str | None


@dataclass(frozen=True)
class Write(Effect):
    scenario: Scenario
    path: Path


@dataclass(frozen=True)
class Render(Effect):
    """Paint the scenario's picture into a file, with the ``ensemble`` of its runs if one is shown."""

    scenario: Scenario
    path: Path
    theme: ThemeChoice
    ensemble: Ensemble | None = None
