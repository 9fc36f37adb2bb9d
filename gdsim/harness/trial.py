"""Trial: one question that is put to an optimizer. Outcome: what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Family(StrEnum):
    """Kinds of trials, in the order in which they are put."""

    TRUTH = "truth"
    ROBUST = "robust"
    UNIT = "unit"
    LANDSCAPES = "landscapes"


class Verdict(StrEnum):
    """The first five grade a unit trial by the progress of the best constant learning rate of gradient descent, best first (Schaul,
    Antonoglou and Silver, 2013). The others answer all other trials; what does not apply to an optimizer is skipped.
    """

    EXCELLENT = "excellent"
    GOOD = "good"
    INSUFFICIENT = "insufficient"
    UNRELIABLE = "unreliable"
    DIVERGED = "diverged"
    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"

    @property
    def is_failure(self) -> bool:
        """Whether something broke. A slow optimizer is graded insufficient, and has not failed."""
        return self in (Verdict.DIVERGED, Verdict.FAILED)


@dataclass(frozen=True)
class Trial:
    """``id`` names it for good, its family first: ``unit/quad_bowl/normal/gauss_add_low``. ``title`` is what is asked, as a sentence."""

    id: str
    family: Family
    title: str
    group: str = ""
    """Trials of one family that belong together: a block of rows in a picture."""


@dataclass(frozen=True)
class Outcome:
    """``sentence`` says why, with numbers. ``score`` orders trials of one family, the worst first (NaN where there is none).

    ``interval`` is the 95 % interval (low, high) of the share of seeds that succeeded, where seeds were drawn. ``figures`` are all other
    numbers by name. ``scenario`` is the TOML text of a scenario that shows the run, where a scenario can.
    """

    trial: Trial
    verdict: Verdict
    sentence: str
    score: float = float("nan")
    interval: tuple[float, float] | None = None
    figures: Mapping[str, float] = field(default_factory=dict)
    scenario: str | None = None
