"""Adam: momentum and a rate for every weight, both corrected for starting at zero."""

import math

from gdsim.optimizers.optimizer import WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def adam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay = hyper
    has_weight_decay, amsgrad = on
    mean, square, largest = slots
    _, _, mean_correction, root_correction = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    seen = square
    if amsgrad:
        largest = square if square > largest else largest
        seen = largest
    denominator = math.sqrt(seen) * root_correction + eps
    return weight - learning_rate * mean_correction * (mean / denominator), (mean, square, largest)


def adam_slots(hyper):
    return (0.0, 0.0, 0.0)


def adam_advance(shared, hyper, step):
    _, beta1, beta2, _, _ = hyper
    power1, power2, _, _ = shared
    power1 = vanishing(power1 * beta1)
    power2 = vanishing(power2 * beta2)
    return power1, power2, 1.0 / (1.0 - power1), 1.0 / math.sqrt(1.0 - power2)


def vanishing(power):
    """0 for what no longer counts beside 1: subnormal numbers would slow down every later step."""
    return power if power > 1e-300 else 0.0


ADAM = Optimizer(
    name="adam",
    title="Adam",
    family="adam",
    parameters=(
        learning_rate(1e-3),
        Param("beta1", 0.9, "memory of the mean gradient: closer to 1 gives more momentum", low=0.0, high=1.0, high_open=True),
        Param("beta2", 0.999, "memory of the mean squared gradient: closer to 1 remembers longer", low=0.0, high=1.0, high_open=True),
        Param("eps", 1e-8, "small number that keeps the division from being one by zero", low=0.0, log=True),
        WEIGHT_DECAY,
        Param("amsgrad", False, "divide by the largest mean square so far, so that steps do not grow again"),
    ),
    update=adam,
    initial_slots=adam_slots,
    slot_names=("mean", "mean square", "largest mean square"),
    advance=adam_advance,
    initial_shared=(1.0, 1.0, 0.0, 0.0),
    switches=("weight_decay", "amsgrad"),
    formula="m <- beta1 m + (1 - beta1) g;  v <- beta2 v + (1 - beta2) g^2;  "
    "w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
    latex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2,\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Kingma and Ba (2015), arXiv:1412.6980, algorithm 1; AMSGrad: Reddi, Kale and Kumar (2018), ICLR, algorithm 2; "
    "the convention of torch.optim.Adam",
    notes="eps stands outside the root, after the correction. The first step has the length of the learning rate, whatever the gradient. "
    "weight_decay joins the gradient (L2) and is rescaled with it; AdamW's does not. amsgrad takes the largest v before the correction, as "
    "PyTorch does (the paper corrects nothing).",
)

OPTIMIZERS = (ADAM,)
