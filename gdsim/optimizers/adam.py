"""Adam and AdamW: momentum and a rate for every weight, both corrected for starting at zero."""

import math
from dataclasses import replace

from gdsim.optimizers.optimizer import DECOUPLED_WEIGHT_DECAY, WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def adam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, _, _, _, weight_decay = hyper
    has_weight_decay, amsgrad = on
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    direction, slots = adam_direction(gradient, slots, shared, hyper, amsgrad)
    return weight - learning_rate * direction, slots


def adamw(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, _, _, _, weight_decay = hyper
    has_weight_decay, amsgrad = on
    if has_weight_decay:
        weight = weight * (1.0 - learning_rate * weight_decay)
    direction, slots = adam_direction(gradient, slots, shared, hyper, amsgrad)
    return weight - learning_rate * direction, slots


def adam_direction(gradient, slots, shared, hyper, amsgrad):
    _, beta1, beta2, eps, _ = hyper
    mean, square, largest = slots
    _, _, mean_correction, root_correction = shared
    mean = mean + (1.0 - beta1) * (gradient - mean)
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    seen = square
    if amsgrad:
        largest = square if square > largest else largest
        seen = largest
    denominator = math.sqrt(seen) * root_correction + eps
    return mean_correction * (mean / denominator), (mean, square, largest)


def adam_advance(shared, hyper, step):
    """beta1^t, beta2^t, 1 / (1 - beta1^t) and 1 / sqrt(1 - beta2^t), for every rule whose second and third number are the betas."""
    power1, power2, _, _ = shared
    power1 = vanishing(power1 * hyper[1])
    power2 = vanishing(power2 * hyper[2])
    return power1, power2, 1.0 / (1.0 - power1), 1.0 / math.sqrt(1.0 - power2)


ADAM_SHARED = (1.0, 1.0, 0.0, 0.0)


def vanishing(power):
    """0 for what no longer counts beside 1: subnormal numbers would slow down every later step."""
    return power if power > 1e-300 else 0.0


BETA1 = Param("beta1", 0.9, "memory of the mean gradient: closer to 1 gives more momentum", low=0.0, high=1.0, high_open=True)
BETA2 = Param("beta2", 0.999, "memory of the mean squared gradient: closer to 1 remembers longer", low=0.0, high=1.0, high_open=True)
EPS = Param("eps", 1e-8, "small number that keeps the division from being one by zero", low=0.0, log=True)
AMSGRAD = Param("amsgrad", False, "divide by the largest mean square so far, so that steps do not grow again")
ADAM_SLOTS = ("mean", "mean square", "largest mean square")

ADAM = Optimizer(
    name="adam",
    title="Adam",
    family="adam",
    parameters=(
        learning_rate(1e-3),
        BETA1,
        BETA2,
        EPS,
        WEIGHT_DECAY,
        AMSGRAD,
    ),
    update=adam,
    slot_names=ADAM_SLOTS,
    advance=adam_advance,
    initial_shared=ADAM_SHARED,
    switches=("weight_decay", "amsgrad"),
    formula="m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  "
    "w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
    latex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2,\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Kingma and Ba (2015), arXiv:1412.6980, algorithm 1; AMSGrad: Reddi, Kale and Kumar (2018), ICLR, algorithm 2; "
    "the convention of torch.optim.Adam",
    notes="eps stands outside the root, after the correction. The first step has the length of the learning rate, whatever the gradient. "
    "weight_decay joins the gradient (L2) and is rescaled with it; AdamW's does not. amsgrad takes the largest v before the correction, as "
    "PyTorch does (the paper corrects nothing): with it on, this is the rule that other lists call AMSGrad.",
)

ADAMW = Optimizer(
    name="adamw",
    title="AdamW",
    family="adam",
    parameters=(learning_rate(1e-3), BETA1, BETA2, EPS, replace(DECOUPLED_WEIGHT_DECAY, default=0.01), AMSGRAD),
    update=adamw,
    slot_names=ADAM_SLOTS,
    advance=adam_advance,
    initial_shared=ADAM_SHARED,
    switches=("weight_decay", "amsgrad"),
    formula="w <- (1 - learning_rate weight_decay) w;  m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  "
    "w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
    latex=r"w \leftarrow (1 - \eta\lambda) w,\quad m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad "
    r"v \leftarrow \beta_2 v + (1 - \beta_2) g^2,\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Loshchilov and Hutter (2019), ICLR, arXiv:1711.05101, algorithm 2; the convention of torch.optim.AdamW",
    notes="Adam with weight decay taken off the weight itself, so that it is not divided by the size of the gradients, as Adam's is. The "
    "learning rate multiplies the decay as well, as in PyTorch (the paper has a schedule's factor there). Decay is on by default: the "
    "weights settle a little nearer to zero than the minimum.",
)

OPTIMIZERS = (ADAM, ADAMW)
