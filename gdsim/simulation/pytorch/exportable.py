"""What torch.optim has of a run: its optimizer and its schedule, as the calls that make them."""

from collections.abc import Mapping
from typing import Any

from gdsim.optimizers.line_search import TRIALS
from gdsim.simulation.pytorch import own_optimizer
from gdsim.simulation.pytorch.writing import Call, Ratio, arguments
from gdsim.simulation.run_schedule import RunSchedule
from gdsim.simulation.scenario import Run


class ExportError(ValueError):
    """A scenario for which there is no script, and why."""


BETAS = ("beta1", "beta2")

OPTIMIZERS: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "sgd": ("SGD", {"momentum": 0.0, "dampening": 0.0, "weight_decay": 0.0, "nesterov": False}),
    "asgd": ("ASGD", {"lambd": 1e-4, "alpha": 0.75, "t0": 1e6, "weight_decay": 0.0}),
    "rprop": ("Rprop", {"etas": (0.5, 1.2), "step_sizes": (1e-6, 50.0)}),
    "adagrad": ("Adagrad", {"lr_decay": 0.0, "weight_decay": 0.0, "initial_accumulator_value": 0.0, "eps": 1e-10}),
    "rmsprop": ("RMSprop", {"alpha": 0.99, "eps": 1e-8, "weight_decay": 0.0, "momentum": 0.0, "centered": False}),
    "adadelta": ("Adadelta", {"rho": 0.9, "eps": 1e-6, "weight_decay": 0.0}),
    "adam": ("Adam", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "amsgrad": False}),
    "adamw": ("AdamW", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.01, "amsgrad": False}),
    "nadam": (
        "NAdam",
        {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "momentum_decay": 0.004, "decoupled_weight_decay": False},
    ),
    "adamax": ("Adamax", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0}),
    "radam": ("RAdam", {"betas": (0.9, 0.999), "eps": 1e-8, "weight_decay": 0.0, "decoupled_weight_decay": False}),
}
"""Ours: torch's class, and its arguments with torch's defaults, which a script need not repeat."""

LBFGS = "lbfgs"

PAIRS = {"betas": BETAS, "etas": ("eta_minus", "eta_plus"), "step_sizes": ("step_min", "step_max")}
"""Arguments of torch's that are two parameters of ours."""

SCHEDULERS = {
    "constant": "ConstantLR",
    "linear": "LinearLR",
    "step": "StepLR",
    "multi_step": "MultiStepLR",
    "exponential": "ExponentialLR",
    "polynomial": "PolynomialLR",
    "cosine": "CosineAnnealingLR",
    "warmup": "LinearLR",
    "warm_restarts": "CosineAnnealingWarmRestarts",
    "one_cycle": "OneCycleLR",
    "cyclic": "CyclicLR",
    "reduce_on_plateau": "ReduceLROnPlateau",
    "chained": "ChainedScheduler",
    "sequential": "SequentialLR",
}
SCHEDULER_ARGUMENTS = {"t_max": "T_max", "t_0": "T_0", "t_mult": "T_mult"}
FORGETFUL = ("warm_restarts", "one_cycle")
"""Parts of a product that torch computes from the first rate, forgetting what the others did."""


def optimizer(run: Run, weights: str) -> Call:
    """``torch.optim.Adam(weights, lr=0.01)``, or one of ``own_optimizer``. Raises ExportError where there is neither."""
    if run.optimizer in own_optimizer.RULES:
        return own_optimizer.call(run, weights)
    if run.optimizer == LBFGS:
        return _lbfgs(run, weights)
    if run.optimizer not in OPTIMIZERS or (run.optimizer == "rprop" and run.values["weight_decay"] != 0.0):
        more = " with weight decay" if run.optimizer in OPTIMIZERS else ""
        raise ExportError(f"torch.optim has no {run.rule.title}{more}; allowed: {', '.join((*OPTIMIZERS, LBFGS, *own_optimizer.RULES))}")
    name, defaults = OPTIMIZERS[run.optimizer]
    values = run.values
    given: dict[str, Any] = {"lr": run.learning_rate}
    for argument, default in defaults.items():
        own = tuple(values[each] for each in PAIRS[argument]) if argument in PAIRS else values[argument]
        if own != default:
            given[argument] = own
    return Call(f"torch.optim.{name}", (weights, *arguments(given)))


def _lbfgs(run: Run, weights: str) -> Call:
    """One iteration a step, and the search along the line that is ours too."""
    rule = run.rule.defaults
    for name in ("sufficient_decrease", "curvature"):
        if run.values[name] != rule[name]:
            raise ExportError(f"found {name} = {run.values[name]:g}, which is {rule[name]:g} in torch's LBFGS; allowed: that value")
    # torch counts the point where a search begins as well.
    limits = {"max_iter": 1, "max_eval": 1 + TRIALS, "tolerance_grad": 0, "tolerance_change": 0}
    given = {"lr": run.learning_rate, **limits, "history_size": int(run.values["history"]), "line_search_fn": "strong_wolfe"}
    return Call("torch.optim.LBFGS", (weights, *arguments(given)))


def scheduler(schedule: RunSchedule, learning_rate: float, steps: int) -> Call:
    """The scheduler of an ``optimizer``, for a run of ``steps`` steps. Raises ExportError where torch has none."""
    name, values = schedule.name, schedule.values
    if name not in SCHEDULERS:
        raise ExportError(f"torch.optim.lr_scheduler has no {schedule.record.title}; allowed: {', '.join(SCHEDULERS)}")
    function = f"torch.optim.lr_scheduler.{SCHEDULERS[name]}"
    if "parts" in values:
        parts = [scheduler(part, learning_rate, length) for part, length in zip(schedule.made_of, _lengths(schedule, steps), strict=True)]
        if name == "sequential":
            return Call(function, ("optimizer", tuple(parts), *arguments({"milestones": list(values["milestones"])})))
        if lost := [part.name for part in schedule.made_of if part.name in FORGETFUL]:
            raise ExportError(f"torch's ChainedScheduler is no product with {lost[0]}; allowed: a product without it")
        return Call(function, (tuple(parts),))
    given = {key: value for key, value in values.items() if value is not None and value != schedule.record.defaults[key]}
    match name:
        case "cosine":
            given = {"t_max": values["t_max"] or steps} | given
        case "warmup":
            given = {"start_factor": Ratio(1, values["steps"]), "total_iters": max(1, values["steps"] - 1)}
        case "one_cycle":
            length = values["total_steps"] or steps
            if length < steps:
                found = f"a cycle of {length} steps in a run of {steps}"
                raise ExportError(f"found {found}, after which torch's OneCycleLR fails; allowed: a total_steps of at least {steps}")
            peak = learning_rate if values["max_lr"] is None else values["max_lr"]
            given = {"max_lr": peak, "total_steps": length} | given | {"cycle_momentum": False}
        case "cyclic":
            base = learning_rate if values["base_lr"] is None else values["base_lr"]
            given = {"base_lr": base} | given | {"cycle_momentum": False}
    named = {SCHEDULER_ARGUMENTS.get(key, key): list(value) if isinstance(value, tuple) else value for key, value in given.items()}
    return Call(function, ("optimizer", *arguments(named)))


def _lengths(schedule: RunSchedule, steps: int) -> list[int]:
    """How many steps each part of a schedule takes."""
    if schedule.name != "sequential":
        return [steps] * len(schedule.made_of)
    ends = [*schedule.values["milestones"], steps]
    return [max(1, end - begin) for begin, end in zip([0, *ends], ends, strict=False)]
