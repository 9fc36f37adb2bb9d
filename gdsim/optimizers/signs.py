"""Rules that look at the sign of the gradient and not at its size: signSGD, Signum, Lion, Rprop."""

from gdsim.optimizers.optimizer import DECOUPLED_WEIGHT_DECAY, WEIGHT_DECAY, Optimizer, Values, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def sign(x):
    """1, -1, or a zero (or NaN) as it is."""
    return 1.0 if x > 0.0 else -1.0 if x < 0.0 else x


def sign_sgd(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, weight_decay = hyper
    (has_weight_decay,) = on
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    return weight - learning_rate * sign(gradient), slots


def signum(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, momentum, weight_decay = hyper
    (has_weight_decay,) = on
    (mean,) = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = momentum * mean + (1.0 - momentum) * gradient
    return weight - learning_rate * sign(mean), (mean,)


def lion(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, beta1, beta2, weight_decay = hyper
    (has_weight_decay,) = on
    (mean,) = slots
    if has_weight_decay:
        weight = weight * (1.0 - learning_rate * weight_decay)
    direction = sign(beta1 * mean + (1.0 - beta1) * gradient)
    mean = beta2 * mean + (1.0 - beta2) * gradient
    return weight - learning_rate * direction, (mean,)


def rprop(weight, gradient, slots, shared, hyper, on, step):
    _, eta_minus, eta_plus, step_min, step_max, weight_decay = hyper
    (has_weight_decay,) = on
    previous, size = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    agreement = gradient * previous
    size = size * (eta_plus if agreement > 0.0 else eta_minus if agreement < 0.0 else 1.0)
    size = step_min if size < step_min else size
    size = step_max if size > step_max else size
    # After a change of sign the weight rests for a step, and the next one is taken as the first.
    gradient = 0.0 if agreement < 0.0 else gradient
    return weight - size * sign(gradient), (gradient, size)


def rprop_slots(hyper):
    return (0.0, hyper[0])


def rprop_conflict(values: Values) -> str | None:
    if values["step_min"] > values["step_max"]:
        return f"step_min must not be above step_max (found {values['step_min']:g} and {values['step_max']:g})"
    return None


SIGN_SGD = Optimizer(
    name="sign_sgd",
    title="Sign descent (signSGD)",
    family="signs",
    parameters=(learning_rate(1e-3), WEIGHT_DECAY),
    update=sign_sgd,
    switches=("weight_decay",),
    formula="w <- w - learning_rate sign(g)",
    latex=r"w \leftarrow w - \eta\,\operatorname{sign} g",
    source="Bernstein, Wang, Azizzadenesheli and Anandkumar (2018), ICML, arXiv:1802.04434, algorithm 1",
    notes="Every weight moves by the learning rate in every step, however gentle the slope, and not at all where its gradient is exactly "
    "0. So it comes within one step of a minimum and then jumps to and fro across it: a smaller rate is the only remedy.",
)

SIGNUM = Optimizer(
    name="signum",
    title="Signum",
    family="signs",
    parameters=(
        learning_rate(1e-3),
        Param("momentum", 0.9, "memory of the mean gradient: closer to 1 gives more momentum", low=0.0, high=1.0, high_open=True),
        WEIGHT_DECAY,
    ),
    update=signum,
    slot_names=("mean",),
    switches=("weight_decay",),
    formula="m <- momentum m + (1 - momentum) g;  w <- w - learning_rate sign(m)",
    latex=r"m \leftarrow \beta m + (1 - \beta) g,\quad w \leftarrow w - \eta\,\operatorname{sign} m",
    source="Bernstein, Wang, Azizzadenesheli and Anandkumar (2018), ICML, arXiv:1802.04434, algorithm 2",
    notes="signSGD with momentum. The mean starts at 0 and is not corrected for that, because only its sign counts. It turns back late: "
    "the swings about a minimum are some steps wide.",
)

LION = Optimizer(
    name="lion",
    title="Lion",
    family="signs",
    parameters=(
        learning_rate(1e-4),
        Param("beta1", 0.9, "share of the mean gradient in the sign that is stepped along", low=0.0, high=1.0, high_open=True),
        Param("beta2", 0.99, "memory of the mean gradient: closer to 1 remembers longer", low=0.0, high=1.0, high_open=True),
        DECOUPLED_WEIGHT_DECAY,
    ),
    update=lion,
    slot_names=("mean",),
    switches=("weight_decay",),
    formula="w <- (1 - learning_rate weight_decay) w - learning_rate sign(beta1 m + (1 - beta1) g);  m <- beta2 m + (1 - beta2) g",
    latex=r"w \leftarrow (1 - \eta\lambda) w - \eta\,\operatorname{sign}\bigl(\beta_1 m + (1 - \beta_1) g\bigr),\quad "
    r"m \leftarrow \beta_2 m + (1 - \beta_2) g",
    source="Chen et al. (2023), NeurIPS, arXiv:2302.06675, algorithm 2",
    notes="Every step has the length of the learning rate in every weight, so rates are 3 to 10 times smaller than Adam's. The sign is "
    "that of a mean which gives the newest gradient more weight than the mean that is kept. Weight decay is taken off the weight itself.",
)

RPROP = Optimizer(
    name="rprop",
    title="Rprop",
    family="signs",
    parameters=(
        learning_rate(1e-2),
        Param(
            "eta_minus",
            0.5,
            "factor of a weight's step when its gradient has changed sign",
            low=0.0,
            high=1.0,
            low_open=True,
            high_open=True,
        ),
        Param("eta_plus", 1.2, "factor of a weight's step while its gradient keeps its sign", low=1.0, low_open=True),
        Param("step_min", 1e-6, "shortest step of a weight", low=0.0, log=True),
        Param("step_max", 50.0, "longest step of a weight", low=0.0, log=True),
        WEIGHT_DECAY,
    ),
    update=rprop,
    initial_slots=rprop_slots,
    slot_names=("previous gradient", "step size"),
    switches=("weight_decay",),
    conflict=rprop_conflict,
    formula="s <- min(max(s f, step_min), step_max), f = eta_plus if g keeps its sign, eta_minus if it changes (then g <- 0), else 1;  "
    "w <- w - s sign(g)",
    latex=r"s \leftarrow \min(\max(s f, s_{\min}), s_{\max}),\quad f = \eta_+,\, \eta_-,\, 1 \text{ for } g\,g_{\text{prev}} >,\, <,\, = 0"
    r"\quad (g \leftarrow 0 \text{ if } < 0),\quad w \leftarrow w - s\,\operatorname{sign} g",
    source="Riedmiller and Braun (1993), IEEE Int. Conf. on Neural Networks, 586-591, without its step back; "
    "the convention of torch.optim.Rprop",
    notes="The learning rate is the length of the first step alone, and every weight then finds its own; so it matters little, and a "
    "rate of 0 begins with step_min and not with rest. Made for exact gradients: noise in their signs shrinks the steps for nothing.",
)

OPTIMIZERS = (SIGN_SGD, SIGNUM, LION, RPROP)
