"""Adam whose bias correction multiplies where it must divide. It claims to be adam."""

import math

import gdsim


@gdsim.optimizer(
    slots=("mean", "mean square"),
    default_rate=1e-3,
    parameters=(
        gdsim.Param("beta1", 0.9, "memory of the mean", low=0.0, high=1.0, high_open=True),
        gdsim.Param("beta2", 0.999, "memory of the mean square", low=0.0, high=1.0, high_open=True),
        gdsim.Param("eps", 1e-8, "keeps the division from being one by zero", low=0.0),
    ),
)
def wrong_adam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps = hyper
    mean, square = slots
    mean = beta1 * mean + (1.0 - beta1) * gradient
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    corrected_mean = mean * (1.0 - beta1**step)
    corrected_square = square * (1.0 - beta2**step)
    return weight - learning_rate * corrected_mean / (math.sqrt(corrected_square) + eps), (mean, square)
