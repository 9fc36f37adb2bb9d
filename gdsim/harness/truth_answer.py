"""What a truth trial answers, before it is known which trial it was."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from gdsim.harness.target import Target
from gdsim.harness.trial import Verdict


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    sentence: str
    figures: Mapping[str, float] = field(default_factory=dict)


Question = Callable[[Target, int], Answer]
"""``question(target, seed)``; may raise TargetError."""


def passed(sentence: str, figures: Mapping[str, float] | None = None) -> Answer:
    return Answer(Verdict.PASSED, sentence, figures or {})


def failed(sentence: str, figures: Mapping[str, float] | None = None) -> Answer:
    return Answer(Verdict.FAILED, sentence, figures or {})


def skipped(reason: str) -> Answer:
    """``reason`` goes on after "not asked: "."""
    return Answer(Verdict.SKIPPED, f"Not asked: {reason}.")
