"""Where eps outweighs all gradients, rules that divide by the size of gradients divide by the same number in every step: they are gradient
descent with a kind of momentum, and theory knows from which curvature on that is unstable.

Of Adam only its mean of gradients is left then, and the limit is learning_rate / eps * curvature = 2 (1 + beta1) / (1 - beta1): 38 for
beta1 = 0.9. It is also that of a preconditioner which beta2 close to 1 holds fixed (Cohen et al., 2022, arXiv:2207.14484).
"""

import math
from collections.abc import Callable, Mapping

from gdsim.harness.target import Target, TargetError
from gdsim.harness.truth_answer import Answer, skipped
from gdsim.harness.truth_claim import claimed, values_of
from gdsim.harness.truth_quadratic import Faint, limit_answer
from gdsim.harness.truth_steps import without_decay
from gdsim.harness.truth_theory import Momentum, Values, mean_of_gradients

FAINT = 1e-60
"""Gradients begin at this share of eps. Their squares are no subnormal numbers, and while gradients are not 10^40 times as large, eps plus
their size is eps to the bit.
"""
LEAST_EPS = 1e-80
LONGEST_MEMORY = 0.995
FORGOTTEN = 1e-6


def _additive(v: Values) -> float:
    return float(v["eps"])


def _adagrad(v: Values) -> float:
    return math.sqrt(float(v["initial_accumulator_value"])) + float(v["eps"])


def _adabelief(v: Values) -> float:
    """eps is added to the mean square in every step, and adds up to eps / (1 - beta2)."""
    return math.sqrt(float(v["eps"]) / (1.0 - float(v["beta2"]))) + float(v["eps"])


def _one(v: Values) -> float:
    return 1.0


DIVISORS: Mapping[str, Callable[[Values], float]] = {
    "adam": _additive,
    "adamw": _additive,
    "adamax": _additive,
    "qhadam": _additive,
    "adabelief": _adabelief,
    "rmsprop": _additive,
    "adagrad": _adagrad,
    "adadelta": _one,
}
"""What a rule divides the learning rate by where eps outweighs the gradients. Adadelta divides two roots of eps by each other."""


def frozen_step(name: str, values: Values) -> Momentum | None:
    """The linear step of a rule with complete ``values``, but without weight decay, whose divisor is frozen; None where it has none."""
    if name not in DIVISORS or float(values["eps"]) < LEAST_EPS or values.get("lr_decay"):
        return None
    rate = float(values["learning_rate"]) / DIVISORS[name](values)
    if "beta1" in values:
        return mean_of_gradients(rate, float(values["beta1"]), float(values.get("nu1", 1.0)))
    return Momentum(rate, float(values.get("momentum", 0.0)), 1.0, 0.0, 1.0)


def frozen_stability(target: Target, seed: int) -> Answer:
    record = claimed(target)
    if record is None:
        return skipped("it claims nothing")
    if record.name not in DIVISORS:
        return skipped(f"eps does not make a linear rule of {record.name}")
    try:
        calm = without_decay(target)
    except TargetError as error:
        return skipped(str(error))
    values = values_of(calm, record)
    step = frozen_step(record.name, values)
    if step is None or step.rate == 0.0 or step.memory > LONGEST_MEMORY:
        return skipped("with these values nothing is frozen, nothing moves, or it remembers for too long")
    # Adam divides its mean by 1 - beta1^t, which goes away in steps without gradients.
    still = math.ceil(math.log(FORGOTTEN) / math.log(step.memory)) if step.memory > 0.0 else 0
    words = f"Where eps outweighs the gradients, which makes its rate {step.rate:.5g}, steps grow from rate * curvature"
    return limit_answer(calm, step, step.limit, words, Faint(FAINT * float(values["eps"]), still))
