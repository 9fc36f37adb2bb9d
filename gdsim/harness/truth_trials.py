"""Truth trials: closed forms that an optimizer has to obey, because of what it claims to be, or because every optimizer has to."""

from collections.abc import Callable, Iterator, Sequence

from gdsim.harness.target import Target, TargetError
from gdsim.harness.trial import Family, Outcome, Trial
from gdsim.harness.truth_answer import Answer, Question, failed, passed, skipped
from gdsim.harness.truth_claim import AGREE, STEPS, changed, claimed, compare
from gdsim.harness.truth_frozen import frozen_stability
from gdsim.harness.truth_quadratic import ball, contraction, flow, stability, with_momentum
from gdsim.harness.truth_steps import constant_gradient, downhill, first_step, rate_zero, step_bound, weight_decay
from gdsim.optimizers import OPTIMIZERS


def claim(target: Target, seed: int) -> Answer:
    record = claimed(target)
    if record is None:
        return skipped("it claims to be no update rule of the catalogue")
    wrong, apart = compare(target, record, seed, 1)
    return _told(wrong, apart, f"It follows {record.name}")


def claim_changed(target: Target, seed: int) -> Answer:
    record = claimed(target)
    if record is None:
        return skipped("it claims to be no update rule of the catalogue")
    other = changed(target, record)
    if other is None:
        return skipped("none of its values can be changed")
    news = ", ".join(f"{key} = {value:g}" for key, value in other.values.items() if value != target.values.get(key))
    wrong, apart = compare(other, record, seed, 2)
    return _told(wrong, apart, f"With {news} it follows {record.name}", f"With {news}: ")


def _told(wrong: str | None, apart: float, right: str, before: str = "") -> Answer:
    figures = {"apart": apart}
    if wrong is None:
        return passed(
            f"{right} for {STEPS:,} steps of drawn gradients, at most {apart:.1e} of the way apart (allowed: {AGREE:.0e}).", figures
        )
    return failed(before + wrong, figures)


QUESTIONS: dict[str, tuple[str, str, Question]] = {
    "claim/own": ("what it claims", "Does it go the way of the optimizer that it claims to be?", claim),
    "claim/changed": ("what it claims", "Does it so with other values of its hyper-parameters?", claim_changed),
    "stability/own": ("quadratics", "Does it stay stable up to the learning rate that theory tells?", stability),
    "stability/plain": ("quadratics", "Is plain descent stable up to 2 / curvature?", with_momentum(0.0, False)),
    "stability/heavy_ball": ("quadratics", "Is the heavy ball stable up to 2 (1 + m) / curvature?", with_momentum(0.9, False)),
    "stability/nesterov": ("quadratics", "Is Nesterov's stable up to 2 (1 + m) / (1 + 2 m) / curvature?", with_momentum(0.9, True)),
    "stability/frozen": ("quadratics", "Is it stable up to theory's limit where eps outweighs the gradients?", frozen_stability),
    "contraction": ("quadratics", "Does every step shrink the distance as theory has it?", contraction),
    "flow": ("quadratics", "Does it follow the gradient flow, with an error of first order in the learning rate?", flow),
    "ball": ("quadratics", "Do its weights scatter under noise as theory has it?", ball),
    "first_step": ("steps", "Is the first step as long as theory has it?", first_step),
    "constant_gradient": ("steps", "Has every step its length while the gradient stays the same?", constant_gradient),
    "step_bound": ("steps", "Is Adam's step never longer than its bound, and as long in the worst case?", step_bound),
    "weight_decay": ("steps", "Does weight decay shrink the weights as theory has it?", weight_decay),
    "rate_zero": ("every optimizer", "Does it stand still with the learning rate 0?", rate_zero),
    "downhill": ("every optimizer", "Does the first step go down the gradient?", downhill),
}
"""What is asked, by the trial's name: group, title and question."""


def trials(target: Target, quick: bool) -> Sequence[Trial]:
    """All of them, for every target: together they take less than a second."""
    return tuple(Trial(f"truth/{name}", Family.TRUTH, title, group) for name, (group, title, _) in QUESTIONS.items())


def put(target: Target, trials: Sequence[Trial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    """Yields the outcome of every trial, in order. An error in the target's code fails the trial in which it happens."""
    for trial in trials:
        if not progress():
            return
        answer = _answer(target, trial, seed)
        yield Outcome(trial, answer.verdict, answer.sentence, figures=answer.figures)


def _answer(target: Target, trial: Trial, seed: int) -> Answer:
    record = target.record or OPTIMIZERS.get(target.claims or "")
    if record is not None and not record.is_elementwise:
        return skipped(f"{record.name} looks at the landscape before it steps, and here there are only gradients")
    try:
        return QUESTIONS[trial.id.removeprefix("truth/")][2](target, seed)
    except TargetError as error:
        return failed(str(error))
