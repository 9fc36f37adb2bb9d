"""What the runs of a unit trial amount to, beside the best constant rate of gradient descent.

With the median f of the runs' losses, v = (f - f_start) / (f_best - f_start) is 1 for what the best rate reaches, and the verdict is

- diverged: half the runs or more did, and so did the median
- insufficient: v <= 0.1
- unreliable: v > 0.1, but some runs diverged, or more than a quarter of them stay below 0.1
- good: 0.1 < v <= 2
- excellent: v > 2

after Schaul, Antonoglou and Silver (2013). A run is worth the loss that is to be expected where it ends, under the noise that the trial
begins with (``expected_factor``): noise that walks would otherwise judge by its own luck.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.trial import Outcome, Verdict
from gdsim.harness.unit_catalogue import NOISES, UnitTrial

Floats = NDArray[np.float64]

LEAST, MUCH, UNRELIABLE_SHARE = 0.1, 2.0, 0.25
DIGITS = 9
"""Of v: on straight lines a rate of 0.1 makes a tenth of the progress that 1 makes, and rounding should not decide what that is."""

Z_95 = 1.959963984540054


@dataclass(frozen=True)
class Best:
    """The constant learning rate of gradient descent with the lowest median ``loss`` on a trial.

    ``start`` is the loss where all runs begin; of ``runs`` at that rate, ``improved`` ended below it.
    """

    rate: float
    loss: float
    start: float
    improved: int
    runs: int

    @property
    def makes_progress(self) -> bool:
        """Whether more than half of all runs would improve, as far as chance lets these tell; where there is no chance, whether it did."""
        if self.runs == 1:
            return self.loss < self.start
        return self.loss < self.start and wilson(self.improved, self.runs)[0] > 0.5


def wilson(successes: int, count: int) -> tuple[float, float]:
    """The 95 % interval of a share of which ``successes`` in ``count`` were seen (Wilson, J. Am. Stat. Assoc. 22 (1927) 209)."""
    share, square = successes / count, Z_95 * Z_95
    middle = (share + square / (2.0 * count)) / (1.0 + square / count)
    half = Z_95 / (1.0 + square / count) * math.sqrt(share * (1.0 - share) / count + square / (4.0 * count * count))
    return max(0.0, middle - half) if successes else 0.0, min(1.0, middle + half) if successes < count else 1.0


def expected_factor(kind: str, level: float) -> float:
    """The mean of a sample's loss over the loss. Cauchy noise has no mean, and its median stands for it."""
    if kind == "multiplicative":
        return math.exp(0.5 * level * level)
    return 1.0 - level if kind == "mask" else 1.0


def progress(losses: Floats, best: Best, factor: float) -> Floats:
    """v of every loss, of the shape of ``losses``, to nine digits; minus infinity for those that diverged."""
    values: Floats = (factor * losses - factor * best.start) / (factor * best.loss - factor * best.start)
    return np.round(values, DIGITS) + 0.0


def judged(trial: UnitTrial, losses: Floats, best: Best, steps: int) -> Outcome:
    """The outcome, without a scenario, of runs that end at ``losses`` (runs,), infinite where they diverged."""
    factor = expected_factor(*NOISES[trial.noise])
    each = progress(losses, best, factor)
    median = float(np.median(losses))
    value = float(progress(np.array(median), best, factor))
    runs, diverged, succeeded = len(losses), int(np.isinf(losses).sum()), int((each > LEAST).sum())
    verdict = graded(value, 1.0 - succeeded / runs, diverged)
    return Outcome(
        trial.trial,
        verdict,
        _sentence(losses, median, value, succeeded, best, steps),
        score=value if math.isfinite(value) else math.nan,
        interval=wilson(succeeded, runs) if trial.is_random else None,
        figures={
            "start": best.start,
            "median": median,
            "expected": factor * median,
            "best": best.loss,
            "best_rate": best.rate,
            "seeds": float(runs),
            "diverged": float(diverged),
            "succeeded": float(succeeded),
        },
    )


def graded(value: float, failed: float, diverged: int) -> Verdict:
    """The verdict on v, with the share of runs that ``failed`` to get past 0.1 and the number of those that diverged."""
    if value == -math.inf:
        return Verdict.DIVERGED
    if not value > LEAST:
        return Verdict.INSUFFICIENT
    if diverged or failed > UNRELIABLE_SHARE:
        return Verdict.UNRELIABLE
    return Verdict.EXCELLENT if value > MUCH else Verdict.GOOD


def _sentence(losses: Floats, median: float, value: float, succeeded: int, best: Best, steps: int) -> str:
    runs, diverged = len(losses), int(np.isinf(losses).sum())
    peer = f"gradient descent at its best rate, {best.rate:.2g}, goes from {best.start:.6g} to {best.loss:.6g}"
    if runs == 1:
        return (
            f"within {steps} steps it diverged; {peer}" if diverged else f"after {steps} steps the loss is {median:.6g}; {_so(peer, value)}"
        )
    told = f"within {steps} steps {diverged or 'none'} of {runs} seeds diverged"
    if math.isinf(median):
        return f"{told}, and with them the median; {peer}"
    slow = runs - succeeded - diverged
    told += f" and {slow} made less than a tenth of the way" if slow and value > LEAST else ""
    return f"{told}; the median ends at {median:.6g}; {_so(peer, value)}"


def _so(peer: str, value: float) -> str:
    return f"{peer}, so that is {value:.3g} times its progress"
