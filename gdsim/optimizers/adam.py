"""Adam."""

import math

from gdsim.optimizers.gradient_descent import LEARNING_RATE
from gdsim.optimizers.optimizer import Optimizer
from gdsim.parameter import Param

# ruff: noqa: D103


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
    power1 *= beta1
    power2 *= beta2
    return power1, power2, 1.0 / (1.0 - power1), 1.0 / math.sqrt(1.0 - power2)


ADAM = Optimizer(
    name="adam",
    title="Adam",
    family="adam",
    parameters=(
        Param("learning_rate", 1e-3, LEARNING_RATE, low=0.0, log=True),
        Param("beta1", 0.9, "decay of the mean of the gradient", low=0.0, high=1.0, high_open=True),
        Param("beta2", 0.999, "decay of the mean of its square", low=0.0, high=1.0, high_open=True),
        Param("eps", 1e-8, "added to the root, against division by zero", low=0.0, log=True),
        Param("weight_decay", 0.0, "strength of the pull towards zero (L2)", low=0.0),
        Param("amsgrad", False, "divide by the largest mean square so far"),
    ),
    update=adam,
    initial_slots=adam_slots,
    slot_names=("mean", "square", "largest square"),
    advance=adam_advance,
    initial_shared=(1.0, 1.0, 0.0, 0.0),
    switches=("weight_decay", "amsgrad"),
    formula="w <- w - learning_rate m' / (sqrt(v') + eps)",
    latex=r"w \leftarrow w - \eta\,\hat m / (\sqrt{\hat v} + \epsilon)",
    source="Kingma and Ba (2015), algorithm 1; the convention of torch.optim.Adam",
)

OPTIMIZERS = (ADAM,)
