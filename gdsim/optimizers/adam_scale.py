"""Adam that divides by something else: Adamax, RAdam, Yogi, AdaBelief."""

import math
from dataclasses import replace

from gdsim.optimizers.adam import ADAM_SHARED, BETA1, BETA2, EPS, adam_advance, vanishing
from gdsim.optimizers.optimizer import DECOUPLED, WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def adamax(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay = hyper
    (has_weight_decay,) = on
    mean, size = slots
    _, mean_correction = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    remembered, seen = beta2 * size, abs(gradient) + eps
    size = remembered if remembered > seen else seen
    return weight - learning_rate * mean_correction * (mean / size), (mean, size)


def adamax_advance(shared, hyper, step):
    power, _ = shared
    power = vanishing(power * hyper[1])
    return power, 1.0 / (1.0 - power)


def radam(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay = hyper
    has_weight_decay, decoupled = on
    mean, square = slots
    _, _, _, _, mean_correction, rectification = shared
    if has_weight_decay:
        if decoupled:
            weight = weight * (1.0 - learning_rate * weight_decay)
        else:
            gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    square = beta2 * square + (1.0 - beta2) * gradient * gradient
    scale = rectification / (math.sqrt(square) + eps) if rectification > 0.0 else 1.0
    return weight - learning_rate * mean_correction * mean * scale, (mean, square)


def radam_advance(shared, hyper, step):
    """beta1^t, beta2^t, two sums, 1 / (1 - beta1^t), and what takes 1 / sqrt(v) to Adam's rectified step (0 while v is not trusted).

    The paper's length of memory rho_t = rho_inf - 2 t beta2^t / (1 - beta2^t) subtracts nearly equal numbers. With k from 0 to t - 1 it is
    also the sum of (2 k + 1) beta2^k over the sum of beta2^k, and 1 - beta2^t is 1 - beta2 times the latter: nothing cancels.
    """
    _, beta1, beta2, _, _ = hyper
    power1, power2, count, moment, _, _ = shared
    power1 = vanishing(power1 * beta1)
    count = count + power2
    moment = moment + (2.0 * step - 1.0) * power2
    power2 = vanishing(power2 * beta2)
    length = moment / count
    longest = (1.0 + beta2) / (1.0 - beta2)
    rectification = 0.0
    if length > 5.0:
        trust = (length - 4.0) * (length - 2.0) * longest / ((longest - 4.0) * (longest - 2.0) * length)
        rectification = math.sqrt(trust * (1.0 - beta2) * count)
    return power1, power2, count, moment, 1.0 / (1.0 - power1), rectification


def yogi(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay, _ = hyper
    (has_weight_decay,) = on
    mean, square = slots
    _, _, mean_correction, root_correction = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - beta1) * (gradient - mean)
    seen = gradient * gradient
    change = (1.0 - beta2) * seen
    square = square - change if square > seen else square + change if square < seen else square
    denominator = math.sqrt(square) * root_correction + eps
    return weight - learning_rate * mean_correction * (mean / denominator), (mean, square)


def yogi_slots(hyper):
    return (0.0, hyper[5])


def adabelief(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, eps, weight_decay = hyper
    (has_weight_decay,) = on
    mean, square = slots
    _, _, mean_correction, root_correction = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    surprise = gradient - mean
    mean = mean + (1.0 - beta1) * surprise
    # What the new mean leaves of the surprise.
    surprise = beta1 * surprise
    square = beta2 * square + (1.0 - beta2) * surprise * surprise + eps
    denominator = math.sqrt(square) * root_correction + eps
    return weight - learning_rate * mean_correction * (mean / denominator), (mean, square)


ADAMAX = Optimizer(
    name="adamax",
    title="Adamax",
    family="adam",
    parameters=(
        learning_rate(2e-3),
        BETA1,
        replace(BETA2, doc="memory of the largest gradient: closer to 1 remembers longer"),
        EPS,
        WEIGHT_DECAY,
    ),
    update=adamax,
    slot_names=("mean", "gradient size"),
    advance=adamax_advance,
    initial_shared=(1.0, 0.0),
    switches=("weight_decay",),
    formula="m <- beta1 m + (1 - beta1) g;  u <- max(beta2 u, |g| + eps);  w <- w - learning_rate m / (1 - beta1^t) / u",
    latex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad u \leftarrow \max(\beta_2 u, |g| + \epsilon),\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{u}",
    source="Kingma and Ba (2015), arXiv:1412.6980, algorithm 2; the convention of torch.optim.Adamax",
    notes="Adam that divides by the largest recent gradient instead of a root mean square: no root, and nothing to correct. eps is added "
    "to the gradient's size (the paper has none). The first step has the length of the learning rate.",
)

RADAM = Optimizer(
    name="radam",
    title="RAdam (rectified Adam)",
    family="adam",
    parameters=(learning_rate(1e-3), BETA1, BETA2, EPS, WEIGHT_DECAY, DECOUPLED),
    update=radam,
    slot_names=("mean", "mean square"),
    advance=radam_advance,
    initial_shared=(1.0, 1.0, 0.0, 0.0, 0.0, 0.0),
    switches=("weight_decay", "decoupled_weight_decay"),
    formula="m and v as in Adam;  L = 2 / (1 - beta2) - 1;  l = L - 2 t beta2^t / (1 - beta2^t);  "
    "l > 5: w <- w - learning_rate m / (1 - beta1^t) sqrt(1 - beta2^t) / (sqrt(v) + eps) "
    "sqrt((l - 4) (l - 2) L / ((L - 4) (L - 2) l));  else w <- w - learning_rate m / (1 - beta1^t)",
    latex=r"\rho_t = \rho_\infty - \frac{2 t \beta_2^t}{1 - \beta_2^t},\quad "
    r"w \leftarrow w - \eta\,\frac{m}{1 - \beta_1^t}\cdot\begin{cases}"
    r"\sqrt{\frac{(\rho_t - 4)(\rho_t - 2)\rho_\infty}{(\rho_\infty - 4)(\rho_\infty - 2)\rho_t}}\,"
    r"\frac{\sqrt{1 - \beta_2^t}}{\sqrt v + \epsilon}"
    r" & \rho_t > 5 \\ 1 & \text{else}\end{cases}",
    source="Liu et al. (2020), ICLR, arXiv:1908.03265, algorithm 2; the convention of torch.optim.RAdam",
    notes="Adam does not trust its mean square while it has seen few gradients: the first steps (5 with the default beta2) are "
    "momentum's and grow with the gradient, and then the division by sqrt(v) fades in. eps is added before the correction, unlike in "
    "Adam. A beta2 of 2/3 or less never leaves the first kind of step.",
)

YOGI = Optimizer(
    name="yogi",
    title="Yogi",
    family="adam",
    parameters=(
        learning_rate(1e-2),
        BETA1,
        BETA2,
        replace(EPS, default=1e-3),
        WEIGHT_DECAY,
        Param("initial_accumulator_value", 1e-6, "what the mean square starts from: more makes the first steps shorter", low=0.0, log=True),
    ),
    update=yogi,
    initial_slots=yogi_slots,
    slot_names=("mean", "mean square"),
    advance=adam_advance,
    initial_shared=ADAM_SHARED,
    switches=("weight_decay",),
    formula="m <- beta1 m + (1 - beta1) g;  v <- v - (1 - beta2) sign(v - g^2) g^2;  "
    "w <- w - learning_rate m / (1 - beta1^t) / (sqrt(v / (1 - beta2^t)) + eps)",
    latex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad v \leftarrow v - (1 - \beta_2)\operatorname{sign}(v - g^2)\,g^2,\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \epsilon}",
    source="Zaheer, Reddi, Sachan, Kale and Kumar (2018), NeurIPS, Adaptive Methods for Nonconvex Optimization, algorithm 2",
    notes="Adam whose mean square falls no faster than it rises: after a steep stretch the steps grow again only slowly. eps is large, "
    "as the paper advises. Both means are corrected as in Adam (the paper corrects nothing); the mean gradient starts at 0.",
)

ADABELIEF = Optimizer(
    name="adabelief",
    title="AdaBelief",
    family="adam",
    parameters=(
        learning_rate(1e-3),
        BETA1,
        replace(BETA2, doc="memory of the mean squared surprise: closer to 1 remembers longer"),
        Param("eps", 1e-16, "small number added to the mean square in every step, and to its root", low=0.0, log=True),
        WEIGHT_DECAY,
    ),
    update=adabelief,
    slot_names=("mean", "mean square"),
    advance=adam_advance,
    initial_shared=ADAM_SHARED,
    switches=("weight_decay",),
    formula="m <- beta1 m + (1 - beta1) g;  s <- beta2 s + (1 - beta2) (g - m)^2 + eps;  "
    "w <- w - learning_rate m / (1 - beta1^t) / (sqrt(s / (1 - beta2^t)) + eps)",
    latex=r"m \leftarrow \beta_1 m + (1 - \beta_1) g,\quad s \leftarrow \beta_2 s + (1 - \beta_2)(g - m)^2 + \epsilon,\quad "
    r"w \leftarrow w - \eta\,\frac{m / (1 - \beta_1^t)}{\sqrt{s / (1 - \beta_2^t)} + \epsilon}",
    source="Zhuang et al. (2020), NeurIPS, arXiv:2010.07468, algorithm 2, with the eps of the authors' code",
    notes="Adam that divides by how much the gradient surprises: long steps where it is as expected, even if it is large. On an even "
    "slope nothing surprises and steps grow, up to learning_rate g / sqrt(eps / (1 - beta2)). eps stays in the mean square and adds up. "
    "The first step has the length learning_rate / beta1.",
)

OPTIMIZERS = (ADAMAX, RADAM, YOGI, ADABELIEF)
