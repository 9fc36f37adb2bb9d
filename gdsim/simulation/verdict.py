"""What became of a run, in words a student understands, and why."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from gdsim.landscapes import Landscape
from gdsim.simulation.scenario import Run

if TYPE_CHECKING:
    from gdsim.simulation.trajectory import Steps


class Outcome(StrEnum):
    CONVERGED = "converged"
    OSCILLATING = "converged, oscillating"
    TOO_SLOW = "too slow"
    LOCAL_MINIMUM = "stuck in a local minimum"
    SADDLE = "stuck at a saddle"
    PLATEAU = "stuck on a plateau"
    OVERSHOOTING = "overshooting"
    DIVERGED = "diverged"


class Rate(StrEnum):
    """Where the learning rate lies: the lecture's three cases."""

    TOO_SMALL = "too small"
    STABLE = "stable"
    TOO_LARGE = "too large"


@dataclass(frozen=True, slots=True)
class Verdict:
    """``outcome`` and ``rate`` with one sentence of ``evidence``. ``limit`` is the largest stable learning rate where theory knows it."""

    outcome: Outcome
    rate: Rate
    evidence: str
    limit: float | None = None

    def __str__(self) -> str:
        return str(self.outcome)


def judge(landscape: Landscape, run: Run, steps: "Steps", status: int) -> Verdict:
    """FIRST VERSION: being written."""
    return Verdict(Outcome.DIVERGED if status == 2 else Outcome.CONVERGED, Rate.STABLE, "being written")
