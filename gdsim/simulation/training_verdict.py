"""The verdict on a training: what became of it, where its learning rate lies, and the evidence in one sentence.

It is read off the loss over the whole training part at points spread over the run, which the noise of batches does not blur. All changes
are measured against the way that the loss came, so nothing depends on the loss's scale. Where theory knows the limit of stability of the
method (on a quadratic of curvature lambda, plain descent is stable for eta lambda < 2), the sharpness where the run ended is set against
it.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from gdsim.engine.descend import DIVERGED
from gdsim.simulation.scenario import Run
from gdsim.simulation.training_record import Epochs
from gdsim.simulation.trajectory import Floats
from gdsim.simulation.verdict import SMALL_SHARE, Outcome, Rate, Verdict

THROWN = 10.0
"""Times its first value that the loss may stand at in the end: beyond, the run was thrown out."""
SWING = 0.02
"""Share of the way that the loss came which a climb in the second half has to reach to count as one."""
LARGE_SWING = 0.5
"""Share of that way from which on a climb is too large to be blamed on noise alone: the rate lets it throw away what was learnt."""
FALLING = 0.005
"""Share of the way that the loss comes in the last quarter of a run which has not arrived, at least ..."""
TO_COME = 0.02
"""... and share of it that is still to come, if every quarter brings as much less than the one before it as the last one did."""
GUESS = 0.005
"""Share of points (or of variance) by which an answer has to be better than a constant one to tell something."""
OVERFITTING = 0.02
"""Share of its first value by which the validation loss has to rise above its least to speak of overfitting."""
ROUNDING = 1e-9
"""Share of the first loss below which a change may be rounding."""
SMOOTH = 0.25
"""Climbs of at most this share of the fall leave room for a larger rate."""


@dataclass(frozen=True, eq=False)
class Course:
    """What is measured on a training before it is judged.

    ``losses`` (n,), over the whole training part, at points spread evenly from the start to the end; where every step saw the whole part,
    those of all steps. ``slope`` is the norm of the full gradient at the end and ``noise`` the root mean square distance of a batch's
    gradient from it (0 where the batch is everything); ``sharpness`` the largest eigenvalue of the Hessian there, where it was looked for.
    ``guess`` is the score of a constant answer.
    """

    losses: Floats
    slope: float
    noise: float
    sharpness: float | None
    epochs: Epochs
    guess: float
    steps: int
    batch: int
    stopped_early: int | None = None
    restored: int | None = None

    @cached_property
    def way(self) -> float:
        """How far down the loss came."""
        return float(self.losses[0] - np.fmin.reduce(self.losses))

    @cached_property
    def end(self) -> float:
        """The loss in the last eighth."""
        return _mean(self.losses, 7 / 8, 1.0)

    @cached_property
    def late_fall(self) -> float:
        """By how much the loss fell over the last quarter."""
        return _mean(self.losses, 5 / 8, 6 / 8) - self.end

    @cached_property
    def falling(self) -> bool:
        """Whether a good part of the way is still to come."""
        before = _mean(self.losses, 3 / 8, 4 / 8) - _mean(self.losses, 5 / 8, 6 / 8)
        if self.late_fall <= FALLING * self.way:
            return False
        return self.late_fall >= before or self.late_fall**2 / (before - self.late_fall) > TO_COME * self.way

    @cached_property
    def climb(self) -> float:
        """The largest climb from a low to a later high in the second half."""
        tail = self.losses[len(self.losses) // 2 :]
        return float(np.max(tail - np.minimum.accumulate(tail)))

    @cached_property
    def fall(self) -> float:
        """By how much the loss fell in the second half."""
        return _mean(self.losses, 4 / 8, 5 / 8) - self.end

    @property
    def signal_to_noise(self) -> float:
        """Squared norm of the full gradient over the mean square of a batch's error."""
        return self.slope**2 / self.noise**2 if self.noise > 0.0 else np.inf


def _mean(losses: Floats, low: float, high: float) -> float:
    first = min(int(low * len(losses)), len(losses) - 1)
    return float(np.mean(losses[first : max(int(high * len(losses)), first + 1)]))


def judge_training(run: Run, course: Course, status: int) -> Verdict:
    """The verdict on a run; ``status`` is how the engine ended it."""
    outcome = _outcome(run, course, status)
    limit = _limit(run, course)
    return Verdict(outcome, _rate(run, course, outcome, limit), _evidence(run, course, outcome, limit), limit)


def _limit(run: Run, course: Course) -> float | None:
    """The largest stable learning rate, where theory knows it and the loss curves upwards."""
    if run.method.stable_product is None or course.sharpness is None or run.layer_rates is not None:
        return None
    sharpness = course.sharpness + float(run.values.get("weight_decay", 0.0))
    return run.method.stable_product(run.settings) / sharpness if 0.0 < sharpness < np.inf else None


def _outcome(run: Run, course: Course, status: int) -> Outcome:
    losses = course.losses
    if status == DIVERGED or not np.all(np.isfinite(losses)) or course.end > THROWN * abs(losses[0]):
        return Outcome.DIVERGED
    rounding = ROUNDING * abs(losses[0])
    if course.climb > max(course.fall, SWING * course.way, rounding):
        return _swinging(run, course)
    if course.way <= rounding or course.falling:
        return Outcome.TOO_SLOW if course.stopped_early is None else Outcome.CONVERGED
    if course.epochs.training_score[-1] <= course.guess + GUESS:
        return Outcome.PLATEAU
    return Outcome.CONVERGED


def _swinging(run: Run, course: Course) -> Outcome:
    """A loss that does not settle: because of the noise of batches, unless the rate alone explains it."""
    limit = _limit(run, course)
    below = limit is None or run.learning_rate <= limit
    steady = below and course.climb <= LARGE_SWING * course.way and _mean(course.losses, 0.5, 1.0) < course.losses[0]
    return Outcome.NOISE_LIMITED if steady and course.signal_to_noise < 1.0 else Outcome.OVERSHOOTING


def _rate(run: Run, course: Course, outcome: Outcome, limit: float | None) -> Rate:
    if outcome in (Outcome.DIVERGED, Outcome.OVERSHOOTING):
        return Rate.TOO_LARGE
    if outcome is not Outcome.TOO_SLOW:
        return Rate.STABLE
    if limit is not None:
        return Rate.TOO_SMALL if run.learning_rate < SMALL_SHARE * limit else Rate.STABLE
    return Rate.TOO_SMALL if course.climb <= SMOOTH * course.fall else Rate.STABLE


def _evidence(run: Run, course: Course, outcome: Outcome, limit: float | None) -> str:
    product = "" if limit is None else f"; eta x lambda_max = {run.learning_rate * (course.sharpness or 0.0):.3g}, the limit is "
    if limit is not None:
        product += f"{limit * (course.sharpness or 0.0):.3g}"
    match outcome:
        case Outcome.DIVERGED:
            return f"after {course.steps} steps the loss is {course.losses[-1]:.3g}, at the start it was {course.losses[0]:.3g}{product}"
        case Outcome.OVERSHOOTING:
            text = f"the loss does not settle: it climbs again by up to {course.climb:.3g}{product}"
        case Outcome.NOISE_LIMITED:
            tail = course.losses[len(course.losses) // 2 :]
            text = (
                f"the loss hovers between {tail.min():.3g} and {tail.max():.3g}: batches of {course.batch} make more noise than the "
                f"gradient is long (signal to noise {course.signal_to_noise:.2g})"
            )
        case Outcome.TOO_SLOW:
            text = _evidence_of_slowness(run, course, product)
        case Outcome.PLATEAU:
            text = f"the loss stands still at {course.end:.3g}, and a constant answer would do as well (slope {course.slope:.2g})"
        case _:
            came = "had come down to" if course.falling else "settled at"
            text = f"the loss {came} {course.end:.3g} (slope {course.slope:.2g}){product}"
    return text + _stopped(course) + _overfitting(course.epochs)


def _evidence_of_slowness(run: Run, course: Course, product: str) -> str:
    if run.learning_rate == 0.0:
        return "with a learning rate of 0 nothing is learnt"
    if course.way <= ROUNDING * abs(course.losses[0]):
        return f"the loss did not fall in {course.steps} steps{product}"
    before = course.end + course.late_fall
    share = 100.0 * course.late_fall / before if before > 0.0 else 0.0
    return (
        f"still falling when the {course.steps} steps ran out: by {share:.2g} % over the last quarter, from {before:.3g} to "
        f"{course.end:.3g}{product}"
    )


def _stopped(course: Course) -> str:
    if course.stopped_early is None:
        return ""
    return (
        f"; stopped after epoch {course.stopped_early}, as the validation loss was least after epoch {course.restored}, whose weights are "
        "restored"
    )


def _overfitting(epochs: Epochs) -> str:
    """What is to be said where the validation loss rises while the training loss falls."""
    train, validation = epochs.training_loss, epochs.validation_loss
    if not np.all(np.isfinite(validation)):
        return ""
    best = int(np.argmin(validation))
    late = slice(-max(1, len(epochs) // 4), None)
    risen, fallen = float(np.mean(validation[late])), float(np.mean(train[late]))
    if risen > validation[best] + OVERFITTING * validation[0] and fallen < train[best]:
        return f"; since epoch {epochs.epoch[best]} it overfits: the validation loss rose from {validation[best]:.3g} to {risen:.3g}"
    return ""
