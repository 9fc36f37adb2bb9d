"""Records what torch.optim does, in float64 on the CPU, into ``torch.json``: the tests compare with it and need no torch.

    python -m tests.golden.record_torch

A case is an optimizer with its settings on a surface. Its states (weights, and what torch keeps for each of them) are recorded before
the first step and in pairs of neighbours along the run, so that a single step can be compared from exactly torch's state: some runs
magnify a rounding error without end, and two whole runs then say nothing. ``calm`` is the step up to which this one does not.

Each weight is a tensor of its own, which makes a difference to Adafactor alone. torch keeps some numbers of NAdam and ASGD in its default
precision, so that is float64 here.
"""

import inspect
import json
import random
from pathlib import Path

from tests.golden import settings
from tests.golden.settings import RECORDED, STEPS, SURFACES, cases, recorded, surface

FILE = Path(__file__).with_name("torch.json")

CLASSES = {
    "sgd": "SGD",
    "asgd": "ASGD",
    "rprop": "Rprop",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adadelta": "Adadelta",
    "adafactor": "Adafactor",
    "adam": "Adam",
    "adamw": "AdamW",
    "nadam": "NAdam",
    "adamax": "Adamax",
    "radam": "RAdam",
}
MEANS = ("exp_avg", "exp_avg_sq")
KEPT = {
    "sgd": ("momentum_buffer",),
    "asgd": ("ax",),
    "rprop": ("prev", "step_size"),
    "adagrad": ("sum",),
    "rmsprop": ("square_avg", "grad_avg", "momentum_buffer"),
    "adadelta": ("square_avg", "acc_delta"),
    "adafactor": ("variance",),
    "adam": (*MEANS, "max_exp_avg_sq"),
    "adamw": (*MEANS, "max_exp_avg_sq"),
    "nadam": MEANS,
    "adamax": ("exp_avg", "exp_inf"),
    "radam": MEANS,
}
"""torch's names for the numbers kept for a weight, in the order of gdsim's slots."""

TUPLES = {
    "betas": ("beta1", "beta2"),
    "etas": ("eta_minus", "eta_plus"),
    "step_sizes": ("step_min", "step_max"),
}
"""torch's pairs of numbers, and what gdsim calls them. Adafactor's eps is one as well."""

NEUTRAL = {"params", "maximize", "foreach", "capturable", "differentiable", "fused"}
"""Arguments of torch that choose no other rule."""

OURS = {"rprop": {"weight_decay"}}
"""Parameters that torch does not have."""

TRIED = (-1.0, -1e-9, 0.0, 0.5, 1.0, 1.0 + 1e-9, 10.0)


def drawn(optimizer, rng):
    """Random settings that torch has."""
    return {name: value for name, value in settings.drawn(optimizer, rng).items() if name not in OURS.get(optimizer, ())}


def pairs(optimizer):
    return TUPLES | ({"eps": ("eps1", "eps2")} if optimizer == "adafactor" else {})


def torch_arguments(optimizer, values):
    """gdsim's names of hyper-parameters, turned into torch's."""
    named = {"lr" if name == "learning_rate" else name: value for name, value in values.items()}
    defaults = signature(optimizer)
    for theirs, ours in pairs(optimizer).items():
        if any(name in named for name in ours):
            named[theirs] = tuple(named.pop(name, defaults[name]) for name in ours)
    return named


def states(optimizer, values, name, steps=STEPS, nudge=0.0):
    """Yields (weights, kept) before every step and after the last: two numbers, and one pair (or None) for each name in KEPT.

    ``nudge`` is a relative change of the start and of the learning rate.
    """
    import torch

    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        params, start = SURFACES[name]
        values = {"learning_rate": signature(optimizer)["learning_rate"]} | values
        values["learning_rate"] *= 1.0 + nudge
        weights = [torch.tensor([w * (1.0 + nudge)], requires_grad=True) for w in start]
        rule = getattr(torch.optim, CLASSES[optimizer])(weights, foreach=False, **torch_arguments(optimizer, values))
        for step in range(steps + 1):
            held = [[rule.state[weight].get(kept) for weight in weights] for kept in KEPT[optimizer]]
            now = [weight.item() for weight in weights]
            yield now, [None if pair[0] is None else [tensor.item() for tensor in pair] for pair in held]
            if step < steps:
                for weight, slope in zip(weights, surface(*now, params)[1:], strict=True):
                    weight.grad = torch.tensor([slope])
                rule.step()
    finally:
        torch.set_default_dtype(before)


def signature(optimizer):
    """torch's defaults under gdsim's names."""
    import torch

    found = {}
    for name, argument in inspect.signature(getattr(torch.optim, CLASSES[optimizer])).parameters.items():
        if name == "lr":
            found["learning_rate"] = argument.default
        elif name in pairs(optimizer):
            found |= dict(zip(pairs(optimizer)[name], argument.default, strict=True))
        elif name not in NEUTRAL and (optimizer, name) not in {("adam", "decoupled_weight_decay")}:  # AdamW is an optimizer of its own
            found[name] = argument.default
    if optimizer == "adafactor":
        found["eps1"] = torch.finfo(torch.float64).eps  # what None means
    return found


def accepts(optimizer, values):
    """Whether torch makes this optimizer."""
    import torch

    try:
        getattr(torch.optim, CLASSES[optimizer])([torch.zeros(1)], **torch_arguments(optimizer, values))
    except ValueError:
        return False
    return True


def clipped(seed=0):
    """[[gradient, limit, the gradient cut by value, the gradient cut by norm]], gradients of two weights."""
    import torch

    rng = random.Random(seed)
    found = []
    for _ in range(60):
        gradient = [rng.choice((-1.0, 1.0)) * 10.0 ** rng.uniform(-8, 4) for _ in range(2)]
        limit = 10.0 ** rng.uniform(-6, 4)
        row = [gradient, limit]
        for clip in (torch.nn.utils.clip_grad_value_, torch.nn.utils.clip_grad_norm_):
            weights = [torch.zeros(1, dtype=torch.float64, requires_grad=True) for _ in gradient]
            for weight, slope in zip(weights, gradient, strict=True):
                weight.grad = torch.tensor([slope], dtype=torch.float64)
            clip(weights, limit)
            row.append([weight.grad.item() for weight in weights])
        found.append(row)
    return found


def main():
    import torch

    runs = list(recorded(states, cases(CLASSES, draw=drawn)))
    defaults = {optimizer: signature(optimizer) for optimizer in CLASSES}
    bounds = {
        optimizer: {
            name: [accepts(optimizer, {name: value}) for value in TRIED] for name, default in found.items() if not isinstance(default, bool)
        }
        for optimizer, found in defaults.items()
    }
    nesterov = [
        [momentum, dampening, accepts("sgd", {"nesterov": True, "momentum": momentum, "dampening": dampening})]
        for momentum in (0.0, 0.9)
        for dampening in (0.0, 0.1)
    ]
    head = {
        "torch": torch.__version__,
        "recorded": RECORDED,
        "defaults": defaults,
        "tried": TRIED,
        "bounds": bounds,
        "nesterov": nesterov,
        "clipped": clipped(),
    }
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in runs)
    FILE.write_text(json.dumps(head)[:-1] + ', "cases": [\n' + lines + "\n]}\n")
    print(len(runs), "cases,", FILE.stat().st_size, "bytes,", sum(case["calm"] == STEPS for case in runs), "calm to the end")  # noqa: T201


if __name__ == "__main__":
    main()
