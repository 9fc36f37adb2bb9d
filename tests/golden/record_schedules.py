"""Records the learning rates that torch's schedulers give, and runs of its optimizers under them, into ``schedules.json``.

    python -m tests.golden.record_schedules

A case is a schedule as a scenario's table has it, with a learning rate. The loop is torch's usual one: optimizer.step(), scheduler.step().
Neither torch nor gdsim is imported before it is needed.
"""

import json
import math
import random
import warnings
from pathlib import Path

FILE = Path(__file__).with_name("schedules.json")
STEPS = 300
RECORDED = (0, 1, 2, 3, 10, 30, 31, 100, 200, 300)

DRAWN = (
    "constant",
    "linear",
    "step",
    "multi_step",
    "exponential",
    "polynomial",
    "cosine",
    "warmup",
    "warm_restarts",
    "one_cycle",
    "cyclic",
    "reduce_on_plateau",
    "chained",
    "sequential",
)
"""The schedules that torch has."""

FACTORS = ("constant", "linear", "step", "multi_step", "exponential", "polynomial", "cosine", "warmup")

RUNS = (
    ("sgd", {"learning_rate": 0.05, "momentum": 0.9}, {"name": "one_cycle", "max_lr": 0.08, "total_steps": STEPS}),
    ("sgd", {"learning_rate": 0.15}, {"name": "reduce_on_plateau", "factor": 0.5, "patience": 3, "threshold": 0.05, "cooldown": 4}),
    ("adam", {"learning_rate": 0.1}, {"name": "cosine", "t_max": 120, "eta_min": 1e-3}),
    ("rprop", {"learning_rate": 0.1}, {"name": "linear", "start_factor": 0.25, "total_iters": 50}),
    ("adagrad", {"learning_rate": 0.5}, {"name": "warm_restarts", "t_0": 40, "t_mult": 2}),
)
"""Runs on the quadratic (x^2 + 12 y^2) / 2 from (3, -2)."""


def drawn(name, rng):
    """A random table of one schedule."""
    table = {"name": name}
    match name:
        case "constant":
            return table | {"factor": rng.uniform(0.01, 1.0), "total_iters": rng.randrange(1, 350)}
        case "linear":
            ends = {"start_factor": rng.uniform(0.01, 1.0), "end_factor": rng.uniform(0.01, 1.0)}
            return table | ends | {"total_iters": rng.randrange(1, 350)}
        case "step":
            return table | {"step_size": rng.randrange(1, 120), "gamma": rng.uniform(0.3, 1.1)}
        case "multi_step":
            return table | {"milestones": rng.choices(range(320), k=rng.randrange(1, 6)), "gamma": rng.uniform(0.05, 1.1)}
        case "exponential":
            return table | {"gamma": rng.uniform(0.95, 1.01)}
        case "polynomial":
            return table | {"total_iters": rng.randrange(1, 350), "power": rng.choice((1.0, 2.0, rng.uniform(0.2, 4.0)))}
        case "cosine":
            return table | {"t_max": rng.randrange(1, 350), "eta_min": rng.choice((0.0, rng.uniform(0.0, 0.1)))}
        case "warmup":
            return table | {"steps": rng.randrange(2, 350)}
        case "warm_restarts":
            return table | {
                "t_0": rng.randrange(1, 120),
                "t_mult": rng.randrange(1, 4),
                "eta_min": rng.choice((0.0, rng.uniform(0.0, 0.1))),
            }
        case "one_cycle":
            shape = {"pct_start": rng.uniform(0.05, 0.95), "anneal_strategy": rng.choice(("cos", "linear"))}
            drops = {"div_factor": rng.uniform(1.0, 50.0), "final_div_factor": 10.0 ** rng.uniform(0, 4)}
            three = {"three_phase": rng.random() < 0.5}
            if three["three_phase"]:
                shape["pct_start"] = rng.uniform(0.05, 0.45)
            return table | shape | drops | three | {"max_lr": 10.0 ** rng.uniform(-3, 0), "total_steps": rng.randrange(STEPS, 2 * STEPS)}
        case "cyclic":
            sizes = {"step_size_up": rng.randrange(1, 90), "step_size_down": rng.choice((None, rng.randrange(1, 90)))}
            mode = {"mode": rng.choice(("triangular", "triangular2", "exp_range")), "gamma": rng.uniform(0.97, 1.0)}
            rates = {"base_lr": 10.0 ** rng.uniform(-4, -1), "max_lr": 10.0 ** rng.uniform(-2, 0)}
            return {key: value for key, value in (table | rates | sizes | mode).items() if value is not None}
        case "reduce_on_plateau":
            patience = {"patience": rng.randrange(8), "cooldown": rng.choice((0, rng.randrange(12)))}
            better = {"threshold": 10.0 ** rng.uniform(-4, -1), "threshold_mode": rng.choice(("rel", "abs"))}
            return table | patience | better | {"factor": rng.uniform(0.3, 0.95), "min_lr": 10.0 ** rng.uniform(-6, -3)}
        case "chained":
            return table | {"parts": [factor(part, rng) for part in rng.sample(FACTORS, rng.randrange(1, 4))]}
        case "sequential":
            names = [rng.choice(FACTORS), *rng.choices((*FACTORS, "warm_restarts", "cyclic"), k=rng.randrange(1, 4))]
            milestones = sorted(rng.sample(range(1, STEPS), len(names) - 1))
            return table | {"milestones": milestones, "parts": [drawn(part, rng) for part in names]}
    raise KeyError(name)


def factor(name, rng):
    """A part of a product. After t_max torch's product is another: its running rate comes back from 0, without the others."""
    return drawn(name, rng) | ({"eta_min": 0.0, "t_max": rng.randrange(STEPS, 400)} if name == "cosine" else {})


def cases(seed, names=DRAWN, draws=2):
    """(learning rate, table, seed of the losses)."""
    for name in names:
        rng = random.Random(f"{seed} {name}")
        for _ in range(draws):
            yield 10.0 ** rng.uniform(-3, 0), drawn(name, rng), rng.randrange(2**32)


def losses(seed):
    """What a schedule sees that looks at the losses: a decay, with noise, that stalls now and then."""
    rng = random.Random(seed)
    level, found = 1.0, []
    for _ in range(STEPS):
        level *= rng.choice((1.0, 1.0, 0.9))
        found.append(level * math.exp(0.05 * rng.gauss(0.0, 1.0)))
    return found


def scheduler(optimizer, name, parts=(), **values):
    """torch's scheduler for a table."""
    from torch.optim import lr_scheduler as torchs

    renamed = {"t_max": "T_max", "t_0": "T_0", "t_mult": "T_mult"}
    values = {renamed.get(key, key): value for key, value in values.items()}
    made = [scheduler(optimizer, **part) for part in parts]
    match name:
        case "warmup":
            return torchs.LinearLR(optimizer, start_factor=1.0 / values["steps"], total_iters=values["steps"] - 1)
        case "cyclic":
            return torchs.CyclicLR(optimizer, cycle_momentum=False, **values)
        case "one_cycle":
            return torchs.OneCycleLR(optimizer, cycle_momentum=False, **values)
        case "chained":
            return torchs.ChainedScheduler(made)
        case "sequential":
            return torchs.SequentialLR(optimizer, made, **values)
    classes = {
        "constant": torchs.ConstantLR,
        "linear": torchs.LinearLR,
        "step": torchs.StepLR,
        "multi_step": torchs.MultiStepLR,
        "exponential": torchs.ExponentialLR,
        "polynomial": torchs.PolynomialLR,
        "cosine": torchs.CosineAnnealingLR,
        "warm_restarts": torchs.CosineAnnealingWarmRestarts,
        "reduce_on_plateau": torchs.ReduceLROnPlateau,
    }
    return classes[name](optimizer, **values)


def rates(learning_rate, table, seed):
    """The rates of ``STEPS`` steps."""
    import torch

    weight = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.SGD([weight], lr=learning_rate)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # SequentialLR calls its parts as it warns others not to
        schedule, seen, found = scheduler(optimizer, **table), losses(seed), []
        for k in range(STEPS):
            found.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            schedule.step(*([seen[k]] if table["name"] == "reduce_on_plateau" else []))
    return found


def run(optimizer, values, table):
    """Weights before the first step and after each, and the rate of each."""
    import torch

    weights = torch.tensor([3.0, -2.0], dtype=torch.float64, requires_grad=True)
    names = {"sgd": "SGD", "adam": "Adam", "rprop": "Rprop", "adagrad": "Adagrad"}
    given = {"lr" if key == "learning_rate" else key: value for key, value in values.items()}
    rule = getattr(torch.optim, names[optimizer])([weights], **given)
    schedule = scheduler(rule, **table)
    path, used = [weights.tolist()], []
    for _ in range(STEPS):
        rule.zero_grad()
        loss = 0.5 * (weights[0] ** 2 + 12.0 * weights[1] ** 2)
        loss.backward()
        used.append(rule.param_groups[0]["lr"])
        rule.step()
        schedule.step(*([float(loss.detach())] if table["name"] == "reduce_on_plateau" else []))
        path.append(weights.tolist())
    return path, used


def main():
    import torch

    chosen = [
        {"learning_rate": rate, "schedule": table, "losses": seed, "rates": rates(rate, table, seed)} for rate, table, seed in cases(0)
    ]
    runs = []
    for optimizer, values, table in RUNS:
        path, used = run(optimizer, values, table)
        runs.append({"optimizer": optimizer, "values": values, "schedule": table, "path": [path[k] for k in RECORDED], "rates": used})
    content = {"torch": torch.__version__, "cases": chosen, "recorded": RECORDED, "runs": runs}
    FILE.write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
