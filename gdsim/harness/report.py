"""Report: all outcomes of one target."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from gdsim.harness.trial import Family, Outcome, Verdict


@dataclass(frozen=True)
class Report:
    """``seconds`` is the time that it took on ``hardware``; ``claims`` is the optimizer of the catalogue that the target says it is.

    ``given`` are those of ``values`` that are not the target's own defaults, where these are known.
    """

    target: str
    values: Mapping[str, float | bool]
    outcomes: tuple[Outcome, ...]
    seed: int
    seconds: float
    hardware: str
    version: str
    claims: str | None = None
    given: Mapping[str, float | bool] | None = None

    def __repr__(self) -> str:
        met = Counter(outcome.verdict for outcome in self.outcomes)
        return f"<Report on {self.target}: {', '.join(f'{met[verdict]} {verdict}' for verdict in Verdict if met[verdict])}>"

    @property
    def failures(self) -> tuple[Outcome, ...]:
        return tuple(outcome for outcome in self.outcomes if outcome.verdict.is_failure)

    def counts(self, family: Family) -> dict[Verdict, int]:
        """How many trials of a family ended how, without what never happened."""
        found = Counter(outcome.verdict for outcome in self.outcomes if outcome.trial.family is family)
        return {verdict: found[verdict] for verdict in Verdict if found[verdict]}

    def worst(self, count: int = 5) -> tuple[Outcome, ...]:
        """What broke, then what was graded low: one of every group of trials, the lowest, before the second of any, so that they differ."""
        rank = {Verdict.FAILED: 0, Verdict.DIVERGED: 1, Verdict.UNRELIABLE: 2, Verdict.INSUFFICIENT: 3}
        told = [outcome for outcome in self.outcomes if outcome.verdict in rank]
        told.sort(key=lambda one: (rank[one.verdict], math.inf if math.isnan(one.score) else one.score))
        met: Counter[tuple[Family, str]] = Counter()
        turns = []
        for one in told:
            kind = (one.trial.family, one.trial.group)
            turns.append((not one.verdict.is_failure, met[kind]))
            met[kind] += 1
        return tuple(told[place] for place in sorted(range(len(told)), key=turns.__getitem__)[:count])
