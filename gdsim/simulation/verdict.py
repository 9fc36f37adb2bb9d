"""The verdict on a run: what became of it, where its learning rate lies, and the evidence in one sentence.

The outcome is read off some moments of the trajectory, by the same rules for every optimizer, alone and in a sweep (``recorded_outcome``).
Lengths are in units of the landscape (``path.CLOSE`` of its diagonal), so nothing depends on the scale of the loss. The place of the
learning rate follows from the limit of stability where theory knows one: on a quadratic of curvature lambda, plain descent is stable for
eta lambda < 2.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

from gdsim.landscapes import Landscape
from gdsim.simulation.hovering import Hovering, hovering
from gdsim.simulation.norm import norm
from gdsim.simulation.outcome import Outcome as Outcome
from gdsim.simulation.path import TURNS, Path
from gdsim.simulation.recorded_outcome import outcome_of
from gdsim.simulation.scenario import Run

if TYPE_CHECKING:
    from gdsim.simulation.trajectory import Steps

SMALL_SHARE = 0.25
"""A run that did not arrive is too small if its rate is below this share of the limit; above it, the landscape is to blame."""
THROWN = 10.0
"""Growth of the loss above the least known that tells that a rate was too large at some time, where no limit is known."""


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


def judge(landscape: Landscape, run: Run, steps: "Steps", status: int, factor: float = 1.0, planned: int | None = None) -> Verdict:
    """The verdict on the recorded ``steps`` of ``run``; ``status`` is how the engine ended it, ``planned`` how many steps it was to take
    (None: those that it took).

    On a landscape that moves, ``steps`` are those seen from a place that moves with it (``standing_still``), and its scale is ``factor`` at
    the end. So a run that follows a drifting minimum has settled.
    """
    path = Path(landscape, steps.positions, steps.gradients, steps.losses)
    hover = hovering(landscape, run, path)
    outcome = outcome_of(landscape, run, steps, status, factor, len(steps.losses) - 1 if planned is None else planned)
    if outcome is Outcome.CONVERGED and path.turns(0) >= TURNS:
        outcome = Outcome.OSCILLATING
    sharpness = factor * _sharpness(path, outcome, run)
    in_the_mean = hover.floor.limit if hover is not None and hover.floor is not None else None
    limit = _limit(run, sharpness) if in_the_mean is None else in_the_mean
    eta = run.learning_rate if run.schedule is None else _late_rate(steps)
    rate = _rate(path, outcome, eta, limit, hover is not None)
    if rate is Rate.TOO_SMALL and limit is not None:
        # A larger rate has to pass the sharpest place on the way, too.
        strictest = _limit(run, max(sharpness, factor * path.sharpest_from(0)))
        rate = Rate.TOO_SMALL if strictest is None or eta < SMALL_SHARE * strictest else Rate.STABLE
    return Verdict(outcome, rate, _evidence(path, eta, outcome, sharpness, limit, hover), limit)


def _late_rate(steps: "Steps") -> float:
    """The rate by which a run with a schedule is judged: the median of its second half, in which a peak and an end at 0 count little."""
    return float(np.median(steps.learning_rates[len(steps.learning_rates) // 2 :]))


def _sharpness(path: Path, outcome: Outcome, run: Run) -> float:
    """The curvature that the rate is measured against: where the run settled, else the largest met lately, or swung across; weight decay
    adds to it.
    """
    settled = outcome in (Outcome.CONVERGED, Outcome.OSCILLATING, Outcome.LOCAL_MINIMUM, Outcome.SADDLE)
    sharpness = float(path.end.sharpness[-1]) if settled else path.sharpest_late
    if outcome is Outcome.OVERSHOOTING:
        sharpness = max(sharpness, path.sharpest_across(len(path.losses) // 2))
    return sharpness + float(run.values.get("weight_decay", 0.0))


def _limit(run: Run, sharpness: float) -> float | None:
    """The largest stable learning rate, where theory knows it and the ground curves upwards."""
    if run.method.stable_product is None or not sharpness > 0.0 or not np.isfinite(sharpness):
        return None
    return run.method.stable_product(run.settings) / sharpness


def _rate(path: Path, outcome: Outcome, learning_rate: float, limit: float | None, noisy: bool) -> Rate:
    late = outcome in (Outcome.TOO_SLOW, Outcome.PLATEAU)
    if limit is not None:
        if learning_rate > limit or (outcome is Outcome.DIVERGED and path.landscape.bounded_below):
            return Rate.TOO_LARGE
        return Rate.TOO_SMALL if late and learning_rate < SMALL_SHARE * limit else Rate.STABLE
    thrown = bool(np.fmax.reduce(path.gaps, initial=-np.inf) > THROWN * path.gaps[0])
    # Noise and motion keep a run swinging at any rate: that alone tells nothing about it.
    if outcome is Outcome.OVERSHOOTING and (noisy or path.landscape.motion) and not thrown:
        return Rate.STABLE
    if outcome is Outcome.OVERSHOOTING or (outcome is Outcome.DIVERGED and path.landscape.bounded_below):
        return Rate.TOO_LARGE
    if late:
        return Rate.TOO_LARGE if thrown else Rate.TOO_SMALL
    return Rate.STABLE


def _evidence(path: Path, eta: float, outcome: Outcome, sharpness: float, limit: float | None, hover: Hovering | None) -> str:
    last = len(path.losses) - 1
    slope = float(norm(path.gradients[-1]))
    product = "" if limit is None else f"eta x lambda_max = {eta * sharpness:.3g}, the limit is {limit * sharpness:.3g}"
    product += " for batches of this size" if hover is not None and hover.floor is not None and hover.floor.limit is not None else ""
    with_product = f": {product}" if product else ""
    match outcome:
        case Outcome.CONVERGED:
            return f"it settled in the minimum and stays there{with_product}"
        case Outcome.OSCILLATING:
            return f"it swung to and fro across the valley before it settled{with_product}"
        case Outcome.LOCAL_MINIMUM:
            return f"it settled in a false minimum: the loss is {path.losses[-1]:.3g} here, {path.least:.3g} is possible"
        case Outcome.SADDLE:
            return f"the slope has vanished ({slope:.2g}), but the ground falls away to a side: this is no minimum"
        case Outcome.PLATEAU:
            return f"the ground is nearly flat here (slope {slope:.2g}, typical {path.typical_slope:.2g}), so the steps have become tiny"
        case Outcome.TOO_SLOW:
            return _evidence_of_slowness(eta, path, last, slope, product)
        case Outcome.OVERSHOOTING:
            return f"{_overshoot(limit, eta, path.landscape, hover is not None)}{with_product}"
        case Outcome.NOISE_LIMITED:
            return _evidence_of_noise(hover) if hover is not None else ""
        case Outcome.DIVERGED:
            if not path.landscape.bounded_below and path.losses[-1] < path.losses[0]:
                return "the loss falls without end here: there is no minimum to find"
            how = "it was thrown far out and stays there" if path.growth <= 1.0 else "each step lands farther out than the last"
            return f"{how}, after {last} steps the loss is {path.losses[-1]:.3g}{with_product}"


def _evidence_of_noise(hover: Hovering) -> str:
    found = f"it hovers {hover.height:.3g} above the least loss in the mean"
    if hover.floor is None or not np.isfinite(hover.floor.excess):
        return f"{found}, where the noise of its gradients keeps it"
    return f"{found}, where noise keeps it: theory gives {hover.floor.excess:.3g} for this learning rate"


def _overshoot(limit: float | None, eta: float, landscape: Landscape, noisy: bool) -> str:
    if limit is None or eta <= limit:
        if noisy:
            return "noise on the gradient keeps it swinging across the valley"
        if landscape.motion:
            return "it swings across the valley, and the landscape moves before it settles"
    if limit is not None and eta <= limit:
        return "it still swings across the valley, in ever smaller swings"
    return "each step jumps across the valley"


def _evidence_of_slowness(eta: float, path: Path, last: int, slope: float, product: str) -> str:
    if eta == 0.0 and np.all(path.positions == path.positions[0]):
        return "with a learning rate of 0 it does not move"
    still = f"still descending when the {last} steps ran out (slope {slope:.2g})"
    if not product:
        return still
    ratio = path.end.sharpness[-1] / path.end.eigenvalues[-1, 0] if path.end.eigenvalues[-1, 0] > 0.0 else np.inf
    if ratio > 100.0 and np.isfinite(ratio):
        return f"{still}: the valley is {ratio:.0f} times steeper across than along; {product}"
    return f"{still}; {product}"
