"""Gradient descent, plain and with momentum."""

from gdsim.optimizers.optimizer import Optimizer
from gdsim.parameter import Param

# ruff: noqa: D103


def sgd(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, momentum, dampening, weight_decay = hyper
    has_momentum, nesterov, has_weight_decay = on
    (velocity,) = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    direction = gradient
    if has_momentum:
        plain = step == 1 or momentum == 0.0
        velocity = gradient if plain else momentum * velocity + (1.0 - dampening) * gradient
        direction = gradient + momentum * velocity if nesterov else velocity
    return weight - learning_rate * direction, (velocity,)


def sgd_slots(hyper):
    return (0.0,)


LEARNING_RATE = "how far a step goes along the negative gradient"

SGD = Optimizer(
    name="sgd",
    title="Gradient descent (SGD)",
    family="gradient descent",
    parameters=(
        Param("learning_rate", 1e-3, LEARNING_RATE, low=0.0, log=True),
        Param("momentum", 0.0, "share of the last velocity that is kept", low=0.0),
        Param("dampening", 0.0, "share of the new gradient that is left out of the velocity"),
        Param("weight_decay", 0.0, "strength of the pull towards zero (L2)", low=0.0),
        Param("nesterov", False, "look ahead along the velocity (Nesterov's momentum)"),
    ),
    update=sgd,
    initial_slots=sgd_slots,
    slot_names=("velocity",),
    switches=("momentum", "nesterov", "weight_decay"),
    formula="v <- momentum v + g;  w <- w - learning_rate v",
    latex=r"v \leftarrow \mu v + g,\quad w \leftarrow w - \eta v",
    source="Polyak (1964); Nesterov (1983); the convention of torch.optim.SGD",
)

OPTIMIZERS = (SGD,)
