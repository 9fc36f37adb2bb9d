"""Trials of robustness: what an optimizer does with gradients that came to harm, and whether a run is its own."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from gdsim.harness import robust_gradients as gradients
from gdsim.harness import robust_running as running
from gdsim.harness.robust_course import Driver, Row
from gdsim.harness.robust_gradients import Question
from gdsim.harness.target import Target, TargetError
from gdsim.harness.trial import Family, Outcome, Trial, Verdict


@dataclass(frozen=True)
class Asked:
    trial: Trial
    question: Question
    quick: bool = True


def _asked(name: str, group: str, title: str, question: Question, quick: bool = True) -> Asked:
    return Asked(Trial(f"robust/{name}", Family.ROBUST, title, group), question, quick)


NUMBERS, SIZES, HARM, RUNS = "gradients that are no numbers", "sizes of gradients", "gradients that came to harm", "runs"
SCALES = (-300, -200, -100, -30, 30, 100, 200, 300)

TRIALS: tuple[Asked, ...] = (
    _asked(
        "nan",
        NUMBERS,
        "A NaN in a gradient is seen: its weight turns NaN for good, or the step is left out for it.",
        gradients.not_a_number,
    ),
    _asked("inf", NUMBERS, "A gradient of plus infinity moves no weight uphill.", gradients.infinite(1.0)),
    _asked("minus_inf", NUMBERS, "A gradient of minus infinity moves no weight uphill.", gradients.infinite(-1.0)),
    _asked("zero", SIZES, "Where all gradients are 0, nothing moves but by decay towards 0.", gradients.none_at_all),
    _asked(
        "subnormal", SIZES, "The smallest gradients that there are move no weight uphill, nor a thousand times as far.", gradients.subnormal
    ),
    *(
        _asked(
            f"scale/1e{exponent:+d}",
            SIZES,
            f"Gradients of size 1e{exponent:+d} move no weight uphill, and "
            + (
                "all stays finite."
                if abs(exponent) <= gradients.SQUARES
                else "where their squares are no numbers any more, that is seen or nothing moves."
            ),
            gradients.scaled(exponent),
            quick=exponent in (-300, 100, 300),
        )
        for exponent in SCALES
    ),
    _asked("float32", SIZES, "In single precision it takes the same way, to rounding.", gradients.single_precision),
    _asked("sparse", HARM, "Gradients that come in every tenth step move their weights downhill, and no others.", gradients.rare),
    _asked("plain", HARM, "It comes down a gentle parabola.", running.comes_down(None, "undisturbed,")),
    _asked(
        "delayed",
        HARM,
        "With gradients one step old it comes down too.",
        running.comes_down(running.delayed, "with gradients one step old"),
    ),
    _asked(
        "quantised",
        HARM,
        "With gradients rounded to quarters of the first it comes down too.",
        running.comes_down(running.quantised, "with rounded gradients"),
    ),
    _asked(
        "flipped",
        HARM,
        "With a tenth of all signs turned it comes down too.",
        running.comes_down(running.flipped, "with a tenth of the signs turned"),
    ),
    _asked("twice", RUNS, "The same run with the same seed gives the same bits.", running.twice),
    _asked("at_once", RUNS, "Two runs at once do not know of each other.", running.at_once),
    _asked("restart", RUNS, "Saved and read again, it goes on as though nothing had been.", running.restarted),
    _asked("permuted", RUNS, "In another order the weights take the same ways.", running.permuted),
    _asked("rescaled", RUNS, "In other units the weights take the same way, with the learning rate in its own unit.", running.rescaled),
)
BY_ID = {asked.trial.id: asked for asked in TRIALS}
NOISELESS = {name for name, asked in BY_ID.items() if asked.trial.group == SIZES} | {"robust/sparse", "robust/permuted", "robust/rescaled"}
"""What can only be asked of those that go where the gradient sends them, as gradient descent with noise of its own does not."""


def trials(target: Target, quick: bool) -> Sequence[Trial]:
    return [asked.trial for asked in TRIALS if asked.quick or not quick]


def put(target: Target, trials: Sequence[Trial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    for trial in trials:
        if not progress():
            return
        yield replayed(target, trial, seed)


def replayed(target: Target, trial: Trial, seed: int, rows: list[Row] | None = None) -> Outcome:
    """The answer to one trial, what was done with the target being written into ``rows``."""
    try:
        with running.seeded(seed):
            if trial.id in NOISELESS and Driver(target).adds_noise:
                return Outcome(trial, Verdict.SKIPPED, "it adds noise of its own: weights part that are alike and meet no slope")
            verdict, sentence = BY_ID[trial.id].question(Driver(target, rows), seed)
    except TargetError as error:
        verdict, sentence = Verdict.FAILED, str(error)
    return Outcome(trial, verdict, sentence)
