"""What the reference libraries and gdsim are compared on: surfaces, rates, and settings of every optimizer, fixed and drawn at random.

Plain Python without a dependency: it is imported where torch or optax is installed, and where neither is.
"""

import random

STEPS = 1000
RECORDED = (0, 1, 2, 3, 20, 21, 200, 201, 999, 1000)
NUDGES = (1e-14, -1e-14, 3e-14)

QUADRATIC, ROSENBROCK, HIMMELBLAU, SLOPE = 0.0, 1.0, 2.0, 3.0


def surface(x, y, params):
    """(loss, gradient in x, gradient in y). Plain arithmetic, so that a library and a compiled kernel get the same bits from it."""
    kind, a, b = params
    if kind == QUADRATIC:
        return 0.5 * (a * x * x + b * y * y), a * x, b * y
    if kind == ROSENBROCK:
        u, v = 1.0 - x, y - x * x
        return u * u + 100.0 * (v * v), -2.0 * u - 400.0 * (x * v), 200.0 * v
    if kind == HIMMELBLAU:
        u, v = x * x + y - 11.0, x + y * y - 7.0
        return u * u + v * v, 4.0 * (x * u) + 2.0 * v, 2.0 * u + 4.0 * (y * v)
    return a * x + b * y, a + 0.0 * x, b + 0.0 * y


SURFACES = {
    "quadratic": ((QUADRATIC, 1.0, 12.0), (3.0, -2.0)),
    "rosenbrock": ((ROSENBROCK, 0.0, 0.0), (-1.2, 1.0)),
    "himmelblau": ((HIMMELBLAU, 0.0, 0.0), (0.5, -0.5)),
}
"""Name: (parameters, start)."""

ALONG_THE_GRADIENT = ("sgd", "qhm", "asgd", "schedule_free_sgd")
"""Rules whose steps are in proportion to the gradients."""

RATES = {
    **{name: {"quadratic": 0.02, "rosenbrock": 2e-4, "himmelblau": 2e-3} for name in ALONG_THE_GRADIENT},
    "adagrad": dict.fromkeys(SURFACES, 0.3),
    "rmsprop": dict.fromkeys(SURFACES, 0.01),
    "adadelta": dict.fromkeys(SURFACES, 3.0),
    **dict.fromkeys(("adam", "adamw", "adamax", "nadam", "qhadam", "adan", "yogi", "adabelief"), dict.fromkeys(SURFACES, 0.03)),
    # The first steps of RAdam are momentum's and grow with the gradient.
    "radam": {"quadratic": 0.02, "rosenbrock": 5e-4, "himmelblau": 5e-3},
    "adafactor": dict.fromkeys(SURFACES, 0.02),
    **dict.fromkeys(("sign_sgd", "signum", "lion", "rprop"), dict.fromkeys(SURFACES, 0.003)),
}

DECAY = {"weight_decay": 0.05}

FEATURES = {
    "sgd": (
        {},
        {"momentum": 0.9},
        {"momentum": 0.8, "dampening": 0.5},
        {"dampening": 0.5},
        {"momentum": 0.9, "nesterov": True},
        DECAY,
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adagrad": ({}, {"lr_decay": 0.01}, {"initial_accumulator_value": 0.1}, {"eps": 0.1}, DECAY),
    "rmsprop": (
        {},
        {"alpha": 0.9, "eps": 1e-3},
        {"momentum": 0.9},
        {"centered": True},
        DECAY,
        {"momentum": 0.8, "centered": True, "weight_decay": 0.01},
    ),
    "adadelta": ({}, {"rho": 0.5, "eps": 1e-3}, DECAY),
    "adam": (
        {},
        {"beta1": 0.0},
        {"beta1": 0.5, "beta2": 0.99, "eps": 1e-3},
        {"amsgrad": True, "beta2": 0.9},
        DECAY,
        {"amsgrad": True, "weight_decay": 0.01},
    ),
    "adamw": ({}, {"weight_decay": 0.0}, {"amsgrad": True, "beta2": 0.9, "weight_decay": 0.1}),
    "adamax": ({}, {"beta1": 0.5, "beta2": 0.9, "eps": 1e-3}, DECAY),
    "nadam": ({}, {"momentum_decay": 0.05}, DECAY, DECAY | {"decoupled_weight_decay": True}),
    "radam": ({}, {"beta2": 0.9}, DECAY, DECAY | {"decoupled_weight_decay": True}),
    "rprop": ({}, {"eta_minus": 0.3, "eta_plus": 1.5, "step_min": 1e-3, "step_max": 0.1}),
    "asgd": ({}, {"lambd": 0.3, "alpha": 0.5, "t0": 10.0}, {"lambd": 0.0, "t0": 150.0}, DECAY),
    "adafactor": ({}, {"beta2_decay": -0.5, "d": 2.0, "eps1": 1e-3, "eps2": 0.1}, DECAY),
    "lion": ({}, {"beta1": 0.5, "beta2": 0.9}, DECAY),
    "sign_sgd": ({}, DECAY),
    "signum": ({}, {"momentum": 0.5}, DECAY),
    "yogi": ({}, {"beta1": 0.5, "beta2": 0.99, "eps": 1e-2, "initial_accumulator_value": 1.0}, DECAY),
    "adabelief": ({}, {"beta1": 0.5, "beta2": 0.99, "eps": 1e-6}, DECAY),
    "adan": ({"beta2": 0.5}, {"beta1": 0.9, "beta2": 0.5, "beta3": 0.9, "eps": 1e-3}),
    "schedule_free_sgd": ({}, {"momentum": 0.5}, DECAY),
}
"""Fixed settings of those that a reference library has. (optax computes another Adan, except where beta2 is 0.5: see record_optax.py.)"""


def drawn(optimizer, rng):
    """Random settings of one optimizer, without the learning rate."""
    decades = lambda low, high: 10.0 ** rng.uniform(low, high)  # noqa: E731
    decay = {"weight_decay": decades(-4, -1)} if rng.random() < 0.5 else {}
    betas = {"beta1": rng.uniform(0.0, 0.98), "beta2": 1.0 - decades(-4, -0.5)}
    eps = {"eps": decades(-10, -2)}
    match optimizer:
        case "sgd":
            nesterov = rng.random() < 0.5
            dampening = 0.0 if nesterov else rng.uniform(-0.2, 0.8)
            return decay | {"momentum": rng.uniform(0.05, 0.95), "nesterov": nesterov, "dampening": dampening}
        case "qhm":
            return decay | {"momentum": rng.uniform(0.0, 0.99), "nu": rng.uniform(0.0, 1.0)}
        case "asgd":
            return decay | {"lambd": decades(-4, 0), "alpha": rng.uniform(0.1, 1.0), "t0": float(rng.randrange(600))}
        case "signum" | "schedule_free_sgd":
            return decay | {"momentum": rng.uniform(0.05, 0.95)}
        case "sign_sgd":
            return decay
        case "lion":
            return decay | betas
        case "rprop":
            steps = {"step_min": decades(-7, -4), "step_max": decades(-2, 1)}
            return decay | steps | {"eta_minus": rng.uniform(0.2, 0.9), "eta_plus": rng.uniform(1.05, 1.8)}
        case "adagrad":
            return decay | {"lr_decay": decades(-4, 0), "initial_accumulator_value": decades(-3, 2), "eps": decades(-12, -2)}
        case "adadelta":
            return decay | {"rho": rng.uniform(0.2, 0.99), "eps": decades(-8, -2)}
        case "rmsprop":
            extra = {"momentum": rng.uniform(0.05, 0.95)} if rng.random() < 0.5 else {}
            return decay | extra | eps | {"alpha": 1.0 - decades(-3, -0.3), "centered": rng.random() < 0.3}
        case "adafactor":
            return decay | {"beta2_decay": -rng.uniform(0.3, 1.0), "eps1": decades(-16, -2), "eps2": decades(-4, -1), "d": decades(0, 0.5)}
        case "adam" | "adamw":
            return decay | betas | eps | {"amsgrad": rng.random() < 0.5}
        case "nadam":
            return decay | betas | eps | {"momentum_decay": decades(-4, -1), "decoupled_weight_decay": rng.random() < 0.5}
        case "radam":
            return decay | betas | eps | {"decoupled_weight_decay": rng.random() < 0.5}
        case "qhadam":
            return decay | betas | eps | {"nu1": rng.uniform(0.0, 1.0), "nu2": rng.uniform(0.0, 1.0)}
        case "adan":
            return decay | betas | eps | {"beta3": 1.0 - decades(-3, -0.3)}
        case "yogi":
            return decay | betas | eps | {"initial_accumulator_value": decades(-6, 0)}
        case "adamax" | "adabelief":
            return decay | betas | eps
    raise KeyError(optimizer)


def cases(optimizers, seed=0, features=True, draws=2, draw=drawn):
    """(optimizer, values, name of the surface): every fixed setting, and random ones. ``{}`` stands for the library's defaults."""
    for optimizer in optimizers:
        rng = random.Random(f"{seed} {optimizer}")
        for name in SURFACES:
            chosen = FEATURES[optimizer] if features else ()
            for values in (*chosen, *(draw(optimizer, rng) for _ in range(draws))):
                rate = RATES[optimizer][name] * (1.0 if values in chosen else rng.uniform(0.3, 1.0))
                yield optimizer, {"learning_rate": rate} | values, name


def calm_until(run, nudged):
    """The last step up to which all of ``nudged``, pairs (nudge, run), stay closer to the run than ten times the nudge."""
    scale = max(abs(w) for weights, _ in run for w in weights)
    for step, (weights, _) in enumerate(run):
        for nudge, other in nudged:
            if max(abs(w - o) for w, o in zip(weights, other[step][0], strict=True)) > 10.0 * abs(nudge) * scale:
                return step - 1
    return len(run) - 1


def recorded(states, chosen):
    """One entry of a golden file for each case: the states at ``RECORDED``, of those ``states(*case, nudge=...)`` yields, and ``calm``."""
    for case in chosen:
        run = list(states(*case))
        calm = calm_until(run, [(nudge, list(states(*case, nudge=nudge))) for nudge in NUDGES])
        assert max(abs(w) for weights, _ in run for w in weights) < 1e3, case
        optimizer, values, name = case
        yield {"optimizer": optimizer, "values": values, "surface": name, "calm": calm, "states": [run[k] for k in RECORDED]}
