"""Records what torch.optim does, in float64 on the CPU, into ``torch.json``: the tests compare with it and need no torch.

    python tests/golden/record_torch.py

A case is an optimizer with its settings on a surface. Its states (weights, and what torch keeps for each of them) are recorded before
the first step and in pairs of neighbours along the run, so that a single step can be compared from exactly torch's state: some runs
magnify a rounding error without end, and two whole runs then say nothing. ``calm`` is the step up to which this one does not.
"""

import inspect
import json
import random
from pathlib import Path

FILE = Path(__file__).with_name("torch.json")
STEPS = 1000
RECORDED = (0, 1, 2, 3, 20, 21, 200, 201, 999, 1000)
NUDGES = (1e-14, -1e-14, 3e-14)

QUADRATIC, ROSENBROCK, HIMMELBLAU, SLOPE = 0.0, 1.0, 2.0, 3.0


def surface(x, y, params):
    """(loss, gradient in x, gradient in y). Plain arithmetic, so that torch and a compiled kernel get the same bits from it."""
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

CLASSES = {"sgd": "SGD", "adagrad": "Adagrad", "adadelta": "Adadelta", "rmsprop": "RMSprop", "adam": "Adam"}
KEPT = {
    "sgd": ("momentum_buffer",),
    "adagrad": ("sum",),
    "rmsprop": ("square_avg", "grad_avg", "momentum_buffer"),
    "adadelta": ("square_avg", "acc_delta"),
    "adam": ("exp_avg", "exp_avg_sq", "max_exp_avg_sq"),
}
"""torch's names for the numbers kept for a weight, in the order of gdsim's slots."""

RATES = {
    "sgd": {"quadratic": 0.02, "rosenbrock": 2e-4, "himmelblau": 2e-3},
    "adagrad": dict.fromkeys(SURFACES, 0.3),
    "rmsprop": dict.fromkeys(SURFACES, 0.01),
    "adadelta": dict.fromkeys(SURFACES, 3.0),
    "adam": dict.fromkeys(SURFACES, 0.03),
}

FEATURES = {
    "sgd": (
        {},
        {"momentum": 0.9},
        {"momentum": 0.8, "dampening": 0.5},
        {"dampening": 0.5},
        {"momentum": 0.9, "nesterov": True},
        {"weight_decay": 0.05},
        {"momentum": 0.9, "nesterov": True, "weight_decay": 0.01},
    ),
    "adagrad": ({}, {"lr_decay": 0.01}, {"initial_accumulator_value": 0.1}, {"eps": 0.1}, {"weight_decay": 0.05}),
    "rmsprop": (
        {},
        {"alpha": 0.9, "eps": 1e-3},
        {"momentum": 0.9},
        {"centered": True},
        {"weight_decay": 0.05},
        {"momentum": 0.8, "centered": True, "weight_decay": 0.01},
    ),
    "adadelta": ({}, {"rho": 0.5, "eps": 1e-3}, {"weight_decay": 0.05}),
    "adam": (
        {},
        {"beta1": 0.0},
        {"beta1": 0.5, "beta2": 0.99, "eps": 1e-3},
        {"amsgrad": True, "beta2": 0.9},
        {"weight_decay": 0.05},
        {"amsgrad": True, "weight_decay": 0.01},
    ),
}

NEUTRAL = {"maximize", "foreach", "capturable", "differentiable", "fused", "decoupled_weight_decay"}
"""Arguments of torch that choose no other rule, or (the last) one that is an optimizer of its own."""

TRIED = (-1.0, -1e-9, 0.0, 0.5, 1.0, 1.0 + 1e-9, 10.0)


def drawn(optimizer, rng):
    """Random settings of one optimizer, without the learning rate."""
    decades = lambda low, high: 10.0 ** rng.uniform(low, high)  # noqa: E731
    decay = {"weight_decay": decades(-4, -1)} if rng.random() < 0.5 else {}
    if optimizer == "sgd":
        nesterov = rng.random() < 0.5
        momentum = {"momentum": rng.uniform(0.05, 0.95), "nesterov": nesterov, "dampening": 0.0 if nesterov else rng.uniform(-0.2, 0.8)}
        return decay | momentum
    if optimizer == "adagrad":
        return decay | {"lr_decay": decades(-4, 0), "initial_accumulator_value": decades(-3, 2), "eps": decades(-12, -2)}
    if optimizer == "adadelta":
        return decay | {"rho": rng.uniform(0.2, 0.99), "eps": decades(-8, -2)}
    if optimizer == "rmsprop":
        extra = {"momentum": rng.uniform(0.05, 0.95)} if rng.random() < 0.5 else {}
        return decay | extra | {"alpha": 1.0 - decades(-3, -0.3), "eps": decades(-10, -2), "centered": rng.random() < 0.3}
    betas = {"beta1": rng.uniform(0.0, 0.98), "beta2": 1.0 - decades(-4, -0.5)}
    return decay | betas | {"eps": decades(-10, -2), "amsgrad": rng.random() < 0.5}


def cases(seed=0, features=True, draws=2):
    """(optimizer, values, name of the surface): torch's defaults, every feature, and random settings."""
    rng = random.Random(seed)
    for optimizer in CLASSES:
        for name in SURFACES:
            if features:
                yield optimizer, {}, name
            chosen = FEATURES[optimizer] if features else ()
            for values in (*chosen, *(drawn(optimizer, rng) for _ in range(draws))):
                yield (
                    optimizer,
                    {"learning_rate": RATES[optimizer][name] * (1.0 if values in chosen else rng.uniform(0.3, 1.0))} | values,
                    name,
                )


def torch_arguments(values):
    """gdsim's names of hyper-parameters, turned into torch's."""
    named = dict(values)
    if "learning_rate" in named:
        named["lr"] = named.pop("learning_rate")
    if "beta1" in named or "beta2" in named:
        named["betas"] = (named.pop("beta1", 0.9), named.pop("beta2", 0.999))
    return named


def states(optimizer, values, name, steps=STEPS, nudge=0.0):
    """Yields (weights, kept) before every step and after the last: two numbers, and one pair (or None) for each name in KEPT.

    ``nudge`` is a relative change of the start and of the learning rate.
    """
    import torch

    params, start = SURFACES[name]
    values = {"learning_rate": signature(optimizer)["learning_rate"]} | values
    values["learning_rate"] *= 1.0 + nudge
    weights = torch.tensor([w * (1.0 + nudge) for w in start], dtype=torch.float64, requires_grad=True)
    rule = getattr(torch.optim, CLASSES[optimizer])([weights], foreach=False, **torch_arguments(values))
    for step in range(steps + 1):
        held = [rule.state[weights].get(kept) for kept in KEPT[optimizer]]
        now = weights.tolist()
        yield now, [None if tensor is None else tensor.tolist() for tensor in held]
        if step < steps:
            weights.grad = torch.tensor(surface(*now, params)[1:], dtype=torch.float64)
            rule.step()


def calm_until(run, nudged):
    """The last step up to which all of ``nudged``, pairs (nudge, run), stay closer to the run than ten times the nudge."""
    scale = max(abs(w) for weights, _ in run for w in weights)
    for step, (weights, _) in enumerate(run):
        for nudge, other in nudged:
            if max(abs(w - o) for w, o in zip(weights, other[step][0], strict=True)) > 10.0 * abs(nudge) * scale:
                return step - 1
    return len(run) - 1


def signature(optimizer):
    """torch's defaults under gdsim's names."""
    import torch

    found = {}
    for name, argument in inspect.signature(getattr(torch.optim, CLASSES[optimizer])).parameters.items():
        if name == "lr":
            found["learning_rate"] = argument.default
        elif name == "betas":
            found["beta1"], found["beta2"] = argument.default
        elif name != "params" and name not in NEUTRAL:
            found[name] = argument.default
    return found


def accepts(optimizer, values):
    """Whether torch makes this optimizer."""
    import torch

    try:
        getattr(torch.optim, CLASSES[optimizer])([torch.zeros(1)], **torch_arguments(values))
    except ValueError:
        return False
    return True


def main():
    import torch

    recorded = []
    for optimizer, values, name in cases():
        run = list(states(optimizer, values, name))
        calm = calm_until(run, [(nudge, list(states(optimizer, values, name, nudge=nudge))) for nudge in NUDGES])
        scale = max(abs(w) for weights, _ in run for w in weights)
        assert scale < 1e3, (optimizer, values, name)
        recorded.append({"optimizer": optimizer, "values": values, "surface": name, "calm": calm, "states": [run[k] for k in RECORDED]})
    defaults = {optimizer: signature(optimizer) for optimizer in CLASSES}
    bounds = {
        optimizer: {name: [accepts(optimizer, {name: value}) for value in TRIED] for name, default in found.items() if default is not False}
        for optimizer, found in defaults.items()
    }
    nesterov = [
        [momentum, dampening, accepts("sgd", {"nesterov": True, "momentum": momentum, "dampening": dampening})]
        for momentum in (0.0, 0.9)
        for dampening in (0.0, 0.1)
    ]
    head = {"torch": torch.__version__, "recorded": RECORDED, "defaults": defaults, "tried": TRIED, "bounds": bounds, "nesterov": nesterov}
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in recorded)
    FILE.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    print(len(recorded), "cases,", FILE.stat().st_size, "bytes,", sum(case["calm"] == STEPS for case in recorded), "calm to the end")  # noqa: T201


if __name__ == "__main__":
    main()
