"""Gradient descent that also keeps an average of where it has been: ASGD and schedule-free SGD."""

from gdsim.engine.elementary import exp, log
from gdsim.optimizers.optimizer import WEIGHT_DECAY, Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"


def asgd(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, lambd, alpha, _, weight_decay = hyper
    has_lambd, has_weight_decay = on
    (average,) = slots
    (share,) = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    rate = learning_rate
    if has_lambd:
        # A power, which depends on the learning rate and so cannot be shared by runs; both weights of a run do share it once inlined.
        rate = learning_rate * exp(-alpha * log(1.0 + lambd * learning_rate * (step - 1.0)))
        weight = weight * (1.0 - lambd * rate)
    weight = weight - rate * gradient
    average = weight if share == 1.0 else average + share * (weight - average)
    return weight, (average,)


def asgd_advance(shared, hyper, step):
    _, _, _, t0, _ = hyper
    averaged = step - 1.0 - t0
    return (1.0 / averaged if averaged > 1.0 else 1.0,)


def schedule_free_sgd(weight, gradient, slots, shared, hyper, on, step):
    learning_rate, momentum, weight_decay = hyper
    (has_weight_decay,) = on
    base, average = slots
    (share,) = shared
    if has_weight_decay:
        gradient = gradient + weight_decay * weight
    # All three sequences begin where the run does.
    base = weight if step == 1 else base
    average = weight if step == 1 else average
    base = base - learning_rate * gradient
    average = average + share * (base - average)
    return base + momentum * (average - base), (base, average)


def schedule_free_advance(shared, hyper, step):
    return (1.0 / step,)


ASGD = Optimizer(
    name="asgd",
    title="Averaged SGD (ASGD)",
    family="gradient descent",
    parameters=(
        learning_rate(1e-2),
        Param("lambd", 1e-4, "decay, of the weights and (to the power alpha) of the learning rate", low=0.0, log=True),
        Param("alpha", 0.75, "power with which the learning rate falls", low=0.0),
        Param("t0", 1e6, "steps before the average begins; until then it is the weight itself", low=0.0, log=True),
        WEIGHT_DECAY,
    ),
    update=asgd,
    slot_names=("average",),
    advance=asgd_advance,
    initial_shared=(1.0,),
    switches=("lambd", "weight_decay"),
    formula="r = learning_rate / (1 + lambd learning_rate (t - 1))^alpha;  w <- (1 - lambd r) w - r g;  "
    "a <- a + (w - a) / max(1, t - 1 - t0)",
    latex=r"\eta_t = \frac{\eta}{(1 + \lambda\eta(t - 1))^{\alpha}},\quad w \leftarrow (1 - \lambda\eta_t) w - \eta_t g,\quad "
    r"a \leftarrow a + \frac{w - a}{\max(1, t - 1 - t_0)}",
    source="Polyak and Juditsky (1992), SIAM J. Control Optim. 30(4):838-855; Bottou (2010), COMPSTAT, for the rate and the decay; "
    "the convention of torch.optim.ASGD",
    notes="The path is that of plain gradient descent with a falling rate; the average stands beside it and is the answer where "
    "gradients are noisy. With the default t0 it does not begin within a million steps. Since the rate falls for ever, a run that is "
    "thrown out at first can come back: no rate is unstable for good (lambd = 0: plain descent, stable below 2 / curvature).",
)

SCHEDULE_FREE_SGD = Optimizer(
    name="schedule_free_sgd",
    title="Schedule-free SGD",
    family="gradient descent",
    parameters=(
        learning_rate(1.0),
        Param("momentum", 0.9, "share of the average in the point where the gradient is taken", low=0.0, high=1.0, high_open=True),
        WEIGHT_DECAY,
    ),
    update=schedule_free_sgd,
    slot_names=("base", "average"),
    advance=schedule_free_advance,
    initial_shared=(0.0,),
    switches=("weight_decay",),
    formula="z <- z - learning_rate g(w);  x <- x + (z - x) / t;  w <- (1 - momentum) z + momentum x",
    latex=r"z \leftarrow z - \eta\, g(w),\quad x \leftarrow x + \frac{z - x}{t},\quad w \leftarrow (1 - \beta) z + \beta x",
    source="Defazio et al. (2024), arXiv:2405.15682, equations 3 to 5, and their implementation's default learning rate",
    notes="Three points travel: z takes plain steps, x is the mean of all z, and the gradient is taken between them. The weight whose "
    "path is recorded, with its loss and gradient, is that third point (the paper's y); the mean x, which the paper evaluates in the "
    "end, is kept beside it, and both meet in a minimum. In the long run every rate below 2 / ((1 - momentum) curvature) converges, but "
    "near that limit the first swings grow a millionfold before they shrink. The average is of equal weights, as in the paper for a "
    "constant learning rate; weight decay acts at the recorded point.",
)

OPTIMIZERS = (ASGD, SCHEDULE_FREE_SGD)
