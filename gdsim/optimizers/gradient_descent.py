"""Gradient descent, plain and with momentum: heavy ball, Nesterov, quasi-hyperbolic."""

from gdsim.optimizers.optimizer import WEIGHT_DECAY, Optimizer, Values, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def"


def sgd(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, momentum, dampening, weight_decay = hyper
    has_momentum, nesterov, has_weight_decay = on
    (velocity,) = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    direction = gradient
    if has_momentum:
        # The first velocity is the whole gradient, and momentum 0 means plain steps: dampening counts in neither.
        plain = step == 1 or momentum == 0.0
        velocity = gradient if plain else momentum * velocity + (1.0 - dampening) * gradient
        direction = gradient + momentum * velocity if nesterov else velocity
    return weight - learning_rate * direction, (velocity,)


def sgd_conflict(values: Values) -> str | None:
    if values["nesterov"] and (values["momentum"] <= 0.0 or values["dampening"] != 0.0):
        found = f"momentum = {values['momentum']:g}, dampening = {values['dampening']:g}"
        return f"nesterov needs a momentum above 0 and dampening 0 (found {found})"
    return None


def sgd_stable_product(values: Values) -> float:
    """Largest stable learning_rate * curvature: where an eigenvalue of the step's matrix on a quadratic reaches modulus 1.

    Plain 2; heavy ball 2 (1 + m) / (1 - dampening); Nesterov 2 (1 + m) / (1 + 2 m). From momentum 1 on nothing is damped: 0.
    """
    momentum, dampening = float(values["momentum"]), float(values["dampening"])
    if momentum == 0.0:
        return 2.0
    if momentum >= 1.0 or dampening >= 1.0:
        return 0.0
    return 2.0 * (1.0 + momentum) / (1.0 + 2.0 * momentum if values["nesterov"] else 1.0 - dampening)


def qhm(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, momentum, nu, weight_decay = hyper
    (has_weight_decay,) = on
    (mean,) = slots
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    mean = mean + (1.0 - momentum) * (gradient - mean)
    return weight - learning_rate * (gradient + nu * (mean - gradient)), (mean,)


def qhm_stable_product(values: Values) -> float:
    """2 (1 + m) / (1 + m - 2 nu m), m the momentum: where an eigenvalue of the step's matrix on a quadratic reaches -1.

    With a = learning_rate * curvature the matrix has the trace 1 + m - a (1 - nu m) and the determinant m (1 - a (1 - nu)).
    """
    momentum, nu = float(values["momentum"]), float(values["nu"])
    return 2.0 * (1.0 + momentum) / (1.0 + momentum - 2.0 * nu * momentum)


SGD = Optimizer(
    name="sgd",
    title="Gradient descent (SGD)",
    family="gradient descent",
    parameters=(
        learning_rate(1e-3),
        Param("momentum", 0.0, "share of the last step's velocity that is kept, like a rolling ball (0: none)", low=0.0),
        Param("dampening", 0.0, "share of the new gradient that is left out of the velocity"),
        WEIGHT_DECAY,
        Param("nesterov", False, "look ahead along the velocity before stepping (Nesterov's momentum)"),
    ),
    update=sgd,
    slot_names=("velocity",),
    switches=("momentum", "nesterov", "weight_decay"),
    conflict=sgd_conflict,
    remedy=(("momentum", 0.9), ("dampening", 0.0)),
    stable_product=sgd_stable_product,
    formula="v <- momentum v + (1 - dampening) g;  w <- w - learning_rate v;  Nesterov: w <- w - learning_rate (g + momentum v)",
    latex=r"v \leftarrow \mu v + (1 - \tau) g,\quad w \leftarrow w - \eta v"
    r"\quad\text{(Nesterov: } w \leftarrow w - \eta (g + \mu v)\text{)}",
    source="Polyak (1964), USSR Comput. Math. Math. Phys. 4(5):1-17; Nesterov (1983), Soviet Math. Dokl. 27:372-376, "
    "in the form of Sutskever et al. (2013), ICML; the convention of torch.optim.SGD",
    notes="The velocity sums up gradients and the learning rate multiplies it afterwards, so momentum m makes steady steps up to 1/(1 - m) "
    "times as long. The first velocity is the first gradient, without dampening.",
)

QHM = Optimizer(
    name="qhm",
    title="QHM (quasi-hyperbolic momentum)",
    family="gradient descent",
    parameters=(
        learning_rate(1e-3),
        Param("momentum", 0.999, "memory of the mean gradient: closer to 1 remembers longer", low=0.0, high=1.0, high_open=True),
        Param("nu", 0.7, "share of the mean gradient in a step; the rest is the gradient of the moment", low=0.0, high=1.0),
        WEIGHT_DECAY,
    ),
    update=qhm,
    slot_names=("mean",),
    switches=("weight_decay",),
    stable_product=qhm_stable_product,
    formula="m <- momentum m + (1 - momentum) g;  w <- w - learning_rate ((1 - nu) g + nu m)",
    latex=r"m \leftarrow \beta m + (1 - \beta) g,\quad w \leftarrow w - \eta\,\bigl((1 - \nu) g + \nu m\bigr)",
    source="Ma and Yarats (2019), ICLR, arXiv:1810.06801, equations 3 and 4",
    notes="A weighted mean of plain descent (nu = 0) and momentum (nu = 1); nu equal to the momentum is Nesterov's. The mean is one of "
    "gradients, not a sum as in SGD, so the learning rate is 1 / (1 - momentum) times that of SGD with the same momentum. It starts at 0, "
    "and the first step has (1 - nu momentum) times the length of a plain one. The defaults are the paper's rule of thumb.",
)

OPTIMIZERS = (SGD, QHM)
