"""Adafactor, for weights that are each a tensor of their own."""

import math

from gdsim.engine.elementary import exp, log
from gdsim.optimizers.optimizer import DECOUPLED_WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def adafactor(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, _, eps1, eps2, d, weight_decay = hyper
    (has_weight_decay,) = on
    (square,) = slots
    newest, slowest = shared
    size = abs(weight)
    size = size if size > eps2 else eps2
    if has_weight_decay:
        weight = weight * (1.0 - learning_rate * weight_decay)
    square = square + newest * (gradient * gradient - square)
    floor = eps1 * eps1
    # Divided by max(1, RMS / d), where the RMS of one number is its size: it is cut at d.
    direction = gradient / math.sqrt(square if square > floor else floor)
    direction = d if direction > d else -d if direction < -d else direction
    rate = learning_rate if learning_rate < slowest else slowest
    return weight - size * rate * direction, (square,)


def adafactor_advance(shared, hyper, step):
    """t^beta2_decay, the share of the newest square in the mean, and 1 / sqrt(t), the largest relative step."""
    return exp(hyper[1] * log(step)), 1.0 / math.sqrt(step)


ADAFACTOR = Optimizer(
    name="adafactor",
    title="Adafactor",
    family="adaptive",
    parameters=(
        learning_rate(1e-2),
        Param("beta2_decay", -0.8, "power of the step number with which the newest square's share in the mean falls", high=0.0),
        Param("eps1", 2.0**-52, "least root mean square that is divided by", low=0.0, log=True),
        Param("eps2", 1e-3, "least size of a weight that its steps are measured by", low=0.0, log=True),
        Param("d", 1.0, "longest step, in units of the learning rate times the weight", low=1.0),
        DECOUPLED_WEIGHT_DECAY,
    ),
    update=adafactor,
    slot_names=("mean square",),
    advance=adafactor_advance,
    initial_shared=(1.0, 1.0),
    switches=("weight_decay",),
    formula="v <- v + t^beta2_decay (g^2 - v);  u = g / max(sqrt(v), eps1), cut at -d and d;  "
    "w <- (1 - learning_rate weight_decay) w - max(eps2, |w|) min(learning_rate, 1 / sqrt(t)) u",
    latex=r"v \leftarrow v + t^{-0.8} (g^2 - v),\quad u = \frac{g}{\max(\sqrt v, \epsilon_1)} \text{ cut at } \pm d,\quad "
    r"w \leftarrow (1 - \eta\lambda) w - \max(\epsilon_2, |w|)\,\min(\eta, t^{-1/2})\,u",
    source="Shazeer and Stern (2018), ICML, arXiv:1804.04235, algorithm 4 without the factorisation of matrices; "
    "the convention of torch.optim.Adafactor",
    notes="Steps are shares of the weight: the learning rate is relative, and near 0 only eps2 lets a weight move and change its sign. "
    "Rates above 1 / sqrt(t) have no effect. Sizes are root mean squares over a tensor; here every weight is a tensor of its own, as in "
    "PyTorch with one parameter a weight, so weights know nothing of each other. There is nothing to factorise then.",
)

OPTIMIZERS = (ADAFACTOR,)
