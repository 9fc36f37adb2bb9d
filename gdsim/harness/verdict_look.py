"""How a verdict looks wherever it is shown: a colour and a sign, and what it means in a line.

Signs are strokes in a unit square (y down), so that a painter, a page and a picture all draw the same. Meaning never rests on colour alone;
the colours of one family of trials stay apart under every common kind of colour blindness.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gdsim.harness.trial import Verdict

Strokes = tuple[tuple[tuple[float, float], ...], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """``fill`` is the colour of a cell and ``ink`` that of the sign on it (4.5:1 and more), on light paper and on dark alike."""

    fill: str
    ink: str
    strokes: Strokes
    meaning: str


_CHEVRON = ((0.22, 0.62), (0.5, 0.34), (0.78, 0.62))
LOOKS: Mapping[Verdict, Look] = MappingProxyType(
    {
        Verdict.EXCELLENT: Look(
            "#2a62a8",
            "#ffffff",
            (((0.22, 0.5), (0.5, 0.22), (0.78, 0.5)), ((0.22, 0.78), (0.5, 0.5), (0.78, 0.78))),
            "far ahead of gradient descent at its best constant rate",
        ),
        Verdict.GOOD: Look("#86cbb4", "#0b2f25", (_CHEVRON,), "beside it, or not far behind"),
        Verdict.INSUFFICIENT: Look("#f2d479", "#3d2c00", (((0.22, 0.5), (0.78, 0.5)),), "far behind it"),
        Verdict.UNRELIABLE: Look(
            "#9a7fc9",
            "#140a26",
            (((0.18, 0.58), (0.34, 0.38), (0.5, 0.62), (0.66, 0.38), (0.82, 0.58)),),
            "some progress, but with too few of the seeds or starts",
        ),
        Verdict.DIVERGED: Look(
            "#9c2a1f", "#ffffff", (((0.25, 0.25), (0.75, 0.75)), ((0.75, 0.25), (0.25, 0.75))), "left for infinity, or lost its numbers"
        ),
        Verdict.PASSED: Look("#86cbb4", "#0b2f25", (((0.2, 0.52), (0.42, 0.74), (0.8, 0.28)),), "the answer is the right one"),
        Verdict.FAILED: Look("#9c2a1f", "#ffffff", (((0.5, 0.18), (0.5, 0.58)), ((0.5, 0.76), (0.5, 0.82))), "something broke"),
        Verdict.SKIPPED: Look("#8b929c", "#0f1216", (((0.46, 0.5), (0.54, 0.5)),), "does not apply to this optimizer"),
    }
)
