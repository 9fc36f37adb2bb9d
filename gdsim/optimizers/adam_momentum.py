"""Adam with another momentum: NAdam, QHAdam, Adan."""

import math
from dataclasses import replace

from gdsim.engine.elementary import exp
from gdsim.optimizers.adam import ADAM_SHARED, BETA1, BETA2, EPS, adam_advance, vanishing
from gdsim.optimizers.optimizer import DECOUPLED, DECOUPLED_WEIGHT_DECAY, WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

LOG_096 = -0.040821994520255166
"""Natural logarithm of 0.96, the base of NAdam's momentum schedule."""


def nadam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay, _ = hyper
    has_weight_decay, decoupled = on
    mean, square = slots
    _, _, gradient_share, mean_share, root_correction = shared
    if has_weight_decay:
        if decoupled:
            weight = weight * (1.0 - learning_rate * weight_decay)
        else:
            gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    denominator = math.sqrt(square) * root_correction + eps
    return weight - learning_rate * ((gradient_share * gradient + mean_share * mean) / denominator), (mean, square)


def nadam_advance(shared, hyper, step):
    """The product of all momenta, beta2^t, the shares of gradient and mean in the step, and 1 / sqrt(1 - beta2^t)."""
    _, beta1, beta2, _, _, momentum_decay = hyper
    product, power2, _, _, _ = shared
    now = beta1 * (1.0 - 0.5 * exp(LOG_096 * (step * momentum_decay)))
    following = beta1 * (1.0 - 0.5 * exp(LOG_096 * ((step + 1.0) * momentum_decay)))
    product = vanishing(product * now)
    power2 = vanishing(power2 * beta2)
    return product, power2, (1.0 - now) / (1.0 - product), following / (1.0 - product * following), 1.0 / math.sqrt(1.0 - power2)


def qhadam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, nu1, nu2, weight_decay = hyper
    (has_weight_decay,) = on
    mean, square = slots
    _, _, mean_correction, root_correction = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    numerator = gradient + nu1 * (mean * mean_correction - gradient)
    scale = (1.0 - nu2) * gradient * gradient + nu2 * (square * root_correction * root_correction)
    return weight - learning_rate * (numerator / (math.sqrt(scale) + eps)), (mean, square)


def adan(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, beta3, eps, weight_decay = hyper
    (has_weight_decay,) = on
    mean, mean_change, square, previous = slots
    _, _, _, mean_correction, change_correction, root_correction = shared
    change = 0.0 if step == 1 else gradient - previous
    mean = mean + (1.0 - beta1) * (gradient - mean)
    mean_change = mean_change + (1.0 - beta2) * (change - mean_change)
    ahead = gradient + beta2 * change
    square = beta3 * square + (1.0 - beta3) * ahead * ahead
    numerator = mean_correction * mean + beta2 * (change_correction * mean_change)
    weight = weight - learning_rate * (numerator / (math.sqrt(square) * root_correction + eps))
    if has_weight_decay:
        weight = weight / (1.0 + learning_rate * weight_decay)
    return weight, (mean, mean_change, square, gradient)


def adan_advance(shared, hyper, step):
    _, beta1, beta2, beta3, _, _ = hyper
    power1, power2, power3, _, _, _ = shared
    power1 = vanishing(power1 * beta1)
    power2 = vanishing(power2 * beta2)
    power3 = vanishing(power3 * beta3)
    return power1, power2, power3, 1.0 / (1.0 - power1), 1.0 / (1.0 - power2), 1.0 / math.sqrt(1.0 - power3)


NADAM = Optimizer(
    name="nadam",
    title="NAdam",
    family="adam",
    parameters=(
        learning_rate(2e-3),
        BETA1,
        BETA2,
        EPS,
        WEIGHT_DECAY,
        Param("momentum_decay", 4e-3, "how soon the momentum rises from half of beta1 to beta1 (0: it stays at half)", low=0.0),
        DECOUPLED,
    ),
    update=nadam,
    slot_names=("mean", "mean square"),
    advance=nadam_advance,
    initial_shared=(1.0, 1.0, 0.0, 0.0, 0.0),
    switches=("weight_decay", "decoupled_weight_decay"),
    formula="b_t = beta1 (1 - 0.96^(t momentum_decay) / 2);  m and v as in Adam;  "
    "w <- w - learning_rate (b_(t+1) m / (1 - b_1...b_(t+1)) + (1 - b_t) g / (1 - b_1...b_t)) / (sqrt(v / (1 - beta2^t)) + eps)",
    latex=r"\mu_t = \beta_1 \bigl(1 - \tfrac12 0.96^{t\psi}\bigr),\quad "
    r"w \leftarrow w - \eta\,\frac{\frac{\mu_{t+1} m}{1 - \prod_{i \le t+1} \mu_i}"
    r" + \frac{(1 - \mu_t) g}{1 - \prod_{i \le t} \mu_i}}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Dozat (2016), ICLR workshop, Incorporating Nesterov Momentum into Adam; the convention of torch.optim.NAdam",
    notes="Adam that looks ahead, as Nesterov's momentum does: the step takes the next mean's share now. The momentum rises from half of "
    "beta1, with the defaults over thousands of steps. The first step is a little longer than the learning rate, 1.06 times with the "
    "defaults.",
)

QHADAM = Optimizer(
    name="qhadam",
    title="QHAdam",
    family="adam",
    parameters=(
        learning_rate(1e-3),
        replace(BETA1, default=0.995),
        BETA2,
        EPS,
        Param("nu1", 0.7, "share of the mean gradient above the line; the rest is the gradient of the moment", low=0.0, high=1.0),
        Param("nu2", 1.0, "share of the mean square below the line; the rest is the square of the moment", low=0.0, high=1.0),
        WEIGHT_DECAY,
    ),
    update=qhadam,
    slot_names=("mean", "mean square"),
    advance=adam_advance,
    initial_shared=ADAM_SHARED,
    switches=("weight_decay",),
    formula="m and v as in Adam, corrected;  w <- w - learning_rate ((1 - nu1) g + nu1 m) / (sqrt((1 - nu2) g^2 + nu2 v) + eps)",
    latex=r"w \leftarrow w - \eta\,\frac{(1 - \nu_1) g + \nu_1 \hat m}{\sqrt{(1 - \nu_2) g^2 + \nu_2 \hat v} + \epsilon},\quad "
    r"\hat m = \frac{m}{1 - \beta_1^t},\quad \hat v = \frac{v}{1 - \beta_2^t}",
    source="Ma and Yarats (2019), ICLR, arXiv:1810.06801, section 4, with the parameters that it recommends",
    notes="Adam whose step is partly along the gradient of the moment: nu1 = nu2 = 1 is Adam, nu1 = 0 RMSprop with corrections. The "
    "first step has the length of the learning rate.",
)

ADAN = Optimizer(
    name="adan",
    title="Adan",
    family="adam",
    parameters=(
        learning_rate(1e-3),
        replace(BETA1, default=0.98),
        Param("beta2", 0.92, "memory of the mean change of the gradient, and its share in a step", low=0.0, high=1.0, high_open=True),
        Param("beta3", 0.99, "memory of the mean square: closer to 1 remembers longer", low=0.0, high=1.0, high_open=True),
        EPS,
        replace(
            DECOUPLED_WEIGHT_DECAY, doc="pull of every weight towards zero: a step divides the weight by 1 + learning_rate weight_decay"
        ),
    ),
    update=adan,
    slot_names=("mean", "mean change", "mean square", "previous gradient"),
    advance=adan_advance,
    initial_shared=(1.0, 1.0, 1.0, 0.0, 0.0, 0.0),
    switches=("weight_decay",),
    formula="d = g - g_previous;  m, u, v are the means of g, d and (g + beta2 d)^2, corrected;  "
    "w <- (w - learning_rate (m + beta2 u) / (sqrt(v) + eps)) / (1 + learning_rate weight_decay)",
    latex=r"d = g - g_{\text{prev}},\quad "
    r"w \leftarrow \frac{1}{1 + \eta\lambda}\Bigl(w - \eta\,\frac{\hat m + \beta_2 \hat u}{\sqrt{\hat v} + \epsilon}\Bigr)\quad "
    r"\text{(means of } g,\ d,\ (g + \beta_2 d)^2\text{)}",
    source="Xie, Zhou, Li, Lin and Yan (2024), IEEE TPAMI 46(12), arXiv:2208.06677, algorithm 1",
    notes="Nesterov's momentum from the change of the gradient instead of a look ahead. The betas say how much is remembered, as Adam's "
    "do: the paper's are 1 minus these. Means are corrected for starting at zero and the first change is 0, as in the authors' code. "
    "Weight decay divides the weight after the step.",
)

OPTIMIZERS = (NADAM, QHADAM, ADAN)
