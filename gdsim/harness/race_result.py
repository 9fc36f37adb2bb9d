"""What came out of a race: times, scores, and which settings won."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.race_file import Race
from gdsim.harness.race_score import profile, ratios, score, score_intervals

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Tried:
    """A trial of the tuning: the ``setting``, and the median ``time`` (infinity for a miss) and ``loss`` of its runs."""

    setting: Mapping[str, float]
    time: float
    loss: float


@dataclass(frozen=True, eq=False)
class RaceResult:
    """E entries on P problems. ``all_times`` and ``losses`` (E, P, seeds) are of the runs that count, with the best ``settings`` [e][p];
    ``goals`` (P,) are the losses to reach. Times are evaluations of loss and gradient; infinity is a miss.
    """

    race: Race
    goals: Floats
    all_times: Floats
    losses: Floats
    settings: tuple[tuple[Mapping[str, float], ...], ...]
    trials: tuple[tuple[tuple[Tried, ...], ...], ...]

    def __repr__(self) -> str:
        scores = ", ".join(f"{self.entries[e]} {self.scores[e]:.2f}" for e in self.ranking())
        return f"<RaceResult of {len(self.entries)} optimizers on {len(self.problems)} problems: {scores}>"

    @property
    def entries(self) -> tuple[str, ...]:
        return tuple(entry.name for entry in self.race.entries)

    @property
    def problems(self) -> tuple[str, ...]:
        return tuple(course.name for course in self.race.courses)

    @property
    def times(self) -> Floats:
        """The median over seeds, (E, P)."""
        found: Floats = np.median(self.all_times, axis=2)
        return found

    @property
    def scores(self) -> Floats:
        """AlgoPerf's score of every entry, 0 to 1, (E,)."""
        return score(self.times)

    @property
    def score_intervals(self) -> Floats:
        """The 95 % interval (low, high) of every score over other seeds, (E, 2). With one seed there is nothing to tell it from."""
        return score_intervals(self.all_times)

    @property
    def solved(self) -> Floats:
        """The share of the problems that every entry solves, (E,)."""
        found: Floats = np.mean(np.isfinite(self.times), axis=1)
        return found

    @property
    def forgiveness(self) -> Floats:
        """The share of the settings that were tried whose time is within a factor two of the best one's, mean over the problems that the
        entry solved while it was tuned, (E,); NaN where there are none. Of a grid of rates: how much the rate matters.
        """
        return np.array([_forgiveness(row) for row in self.trials])

    def profile(self, taus: Sequence[float] | Floats) -> Floats:
        """See ``race_score.profile``: (E, taus)."""
        return profile(self.times, np.asarray(taus, dtype=np.float64))

    @property
    def ratios(self) -> Floats:
        return ratios(self.times)

    def ranking(self) -> list[int]:
        """Entries by score, then by the share solved."""
        return sorted(range(len(self.entries)), key=lambda e: (-self.scores[e], -self.solved[e], e))


def _forgiveness(row: Sequence[Sequence[Tried]]) -> float:
    shares = []
    for tried in row:
        times = np.array([one.time for one in tried])
        if np.any(np.isfinite(times)) and len(times) > 1:
            shares.append(float(np.mean(times <= 2.0 * max(1.0, float(np.min(times))))))
    return float(np.mean(shares)) if shares else float("nan")
