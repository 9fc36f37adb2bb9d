"""What may become of a run."""

from enum import StrEnum


class Outcome(StrEnum):
    CONVERGED = "converged"
    OSCILLATING = "converged, oscillating"
    TOO_SLOW = "too slow"
    LOCAL_MINIMUM = "stuck in a local minimum"
    SADDLE = "stuck at a saddle"
    PLATEAU = "stuck on a plateau"
    OVERSHOOTING = "overshooting"
    NOISE_LIMITED = "noise-limited"
    DIVERGED = "diverged"


OUTCOMES = (
    Outcome.CONVERGED,
    Outcome.TOO_SLOW,
    Outcome.LOCAL_MINIMUM,
    Outcome.SADDLE,
    Outcome.PLATEAU,
    Outcome.OVERSHOOTING,
    Outcome.DIVERGED,
    Outcome.NOISE_LIMITED,
)
"""The verdicts of a sweep, in the order of their codes (``gdsim.engine.assess``)."""
