"""Rules that give every weight a rate of its own, from the gradients it has seen: Adagrad, RMSprop, Adadelta."""

import math

from gdsim.optimizers.optimizer import WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def"


def adagrad(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, _, weight_decay, _, eps = hyper
    (has_weight_decay,) = on
    (total,) = slots
    (decay,) = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    total = total + gradient * gradient
    return weight - learning_rate * decay * (gradient / (math.sqrt(total) + eps)), (total,)


def adagrad_slots(hyper):
    _, _, _, initial_accumulator_value, _ = hyper
    return (initial_accumulator_value,)


def adagrad_advance(shared, hyper, step):
    _, lr_decay, _, _, _ = hyper
    return (1.0 / (1.0 + (step - 1.0) * lr_decay),)


def rmsprop(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, alpha, eps, weight_decay, momentum = hyper
    has_weight_decay, has_momentum, centered = on
    square, mean, velocity = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    square = alpha * square + (1.0 - alpha) * gradient * gradient
    spread = square
    if centered:
        mean = mean + (1.0 - alpha) * (gradient - mean)
        spread = square - mean * mean
        # A variance is never negative: only rounding makes it so, where the gradient hardly changes.
        spread = 0.0 if spread < 0.0 else spread
    direction = gradient / (math.sqrt(spread) + eps)
    if has_momentum:
        velocity = direction if momentum == 0.0 else momentum * velocity + direction
        direction = velocity
    return weight - learning_rate * direction, (square, mean, velocity)


def adadelta(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, rho, eps, weight_decay = hyper
    (has_weight_decay,) = on
    square, moved = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    square = rho * square + (1.0 - rho) * gradient * gradient
    # The ratio of two roots as the root of one ratio: a root less for every weight.
    change = math.sqrt((moved + eps) / (square + eps)) * gradient
    moved = rho * moved + (1.0 - rho) * change * change
    return weight - learning_rate * change, (square, moved)


ADAGRAD = Optimizer(
    name="adagrad",
    title="Adagrad",
    family="adaptive",
    parameters=(
        learning_rate(1e-2),
        Param("lr_decay", 0.0, "how fast the learning rate itself falls: it is divided by 1 + lr_decay times the steps taken", low=0.0),
        WEIGHT_DECAY,
        Param(
            "initial_accumulator_value", 0.0, "what the sum of squared gradients starts from: more makes the first steps shorter", low=0.0
        ),
        Param("eps", 1e-10, "small number that keeps the division from being one by zero", low=0.0, log=True),
    ),
    update=adagrad,
    initial_slots=adagrad_slots,
    slot_names=("sum of squares",),
    advance=adagrad_advance,
    initial_shared=(1.0,),
    switches=("weight_decay",),
    formula="s <- s + g^2;  w <- w - learning_rate / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps)",
    latex=r"s \leftarrow s + g^2,\quad w \leftarrow w - \frac{\eta}{1 + (t - 1)\lambda}\,\frac{g}{\sqrt{s} + \epsilon}",
    source="Duchi, Hazan and Singer (2011), JMLR 12:2121-2159, the diagonal form; the convention of torch.optim.Adagrad",
    notes="eps stands outside the root. The sum never shrinks, so steps only get shorter: with a constant gradient step k has the length "
    "learning_rate / sqrt(k). Other libraries start the sum at 0.1 and take eps = 1e-7.",
)

RMSPROP = Optimizer(
    name="rmsprop",
    title="RMSprop",
    family="adaptive",
    parameters=(
        learning_rate(1e-2),
        Param("alpha", 0.99, "memory of the mean squared gradient: closer to 1 remembers longer", low=0.0, high=1.0),
        Param("eps", 1e-8, "small number that keeps the division from being one by zero", low=0.0, log=True),
        WEIGHT_DECAY,
        Param("momentum", 0.0, "share of the last step that is repeated, like a rolling ball (0: none)", low=0.0),
        Param("centered", False, "divide by the gradient's spread around its mean instead of its size"),
    ),
    update=rmsprop,
    slot_names=("mean square", "mean", "velocity"),
    switches=("weight_decay", "momentum", "centered"),
    formula="s <- alpha s + (1 - alpha) g^2;  v <- momentum v + g / (sqrt(s) + eps);  w <- w - learning_rate v;  "
    "centred: s - mean(g)^2 for s",
    latex=r"s \leftarrow \alpha s + (1 - \alpha) g^2,\quad v \leftarrow \mu v + \frac{g}{\sqrt{s} + \epsilon},\quad w \leftarrow w - \eta v"
    r"\quad\text{(centred: } s - \bar g^2 \text{ for } s\text{)}",
    source="Tieleman and Hinton (2012), Neural Networks for Machine Learning, lecture 6.5; centred: Graves (2013), arXiv:1308.0850, "
    "equations 38 to 41; the convention of torch.optim.RMSprop",
    notes="alpha is 0.99 as in PyTorch; the lecture and Keras have 0.9. eps stands outside the root (Graves: inside). "
    "The mean square starts at 0 and is not corrected for that, so the first step has the length learning_rate / sqrt(1 - alpha), "
    "ten times the learning rate. Centred, a gradient that hardly changes has next to no spread, and steps grow up to "
    "learning_rate gradient / eps.",
)

ADADELTA = Optimizer(
    name="adadelta",
    title="Adadelta",
    family="adaptive",
    parameters=(
        learning_rate(1.0),
        Param("rho", 0.9, "memory of the mean squares of gradients and steps: closer to 1 remembers longer", low=0.0, high=1.0),
        Param("eps", 1e-6, "small number that gets the first steps going: larger starts faster", low=0.0, log=True),
        WEIGHT_DECAY,
    ),
    update=adadelta,
    slot_names=("mean square", "mean squared change"),
    switches=("weight_decay",),
    formula="s <- rho s + (1 - rho) g^2;  d = sqrt((u + eps) / (s + eps)) g;  u <- rho u + (1 - rho) d^2;  w <- w - learning_rate d",
    latex=r"s \leftarrow \rho s + (1 - \rho) g^2,\quad \Delta = \frac{\sqrt{u + \epsilon}}{\sqrt{s + \epsilon}}\,g,\quad "
    r"u \leftarrow \rho u + (1 - \rho) \Delta^2,\quad w \leftarrow w - \eta \Delta",
    source="Zeiler (2012), arXiv:1212.5701, algorithm 1; the convention of torch.optim.Adadelta",
    notes="The paper has no learning rate: here it is a multiplier of the paper's step, 1 by default. eps stands inside both roots, and "
    "without it nothing would ever move: the first step has the length sqrt(eps) / sqrt(1 - rho), 0.003 by default.",
)

OPTIMIZERS = (ADAGRAD, RMSPROP, ADADELTA)
