"""Optimizers that torch.optim does not have, as short classes of a script."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from gdsim.simulation.pytorch.writing import WIDTH, Call, arguments
from gdsim.simulation.scenario import Run

L2 = "g = g + weight_decay * w"
"""Weight decay that is added to the gradient."""

ZEROS = "torch.zeros_like(w)"


@dataclass(frozen=True)
class Rule:
    """``state`` is what is kept for a tensor ``w`` of weights, and how it begins; ``body`` the statements of a step, in which ``g`` is the
    gradient, ``t`` the number of the step, and parameters have their names (``lr`` for the learning rate). ``decay`` is the statement of
    weight decay, which comes before them or, where it is ``last``, after.
    """

    name: str
    doc: str
    body: tuple[str, ...]
    state: Mapping[str, str] = field(default_factory=dict)
    decay: str = L2
    last: bool = False


ADAM = {"mean": ZEROS, "square": ZEROS}

RULES: Mapping[str, Rule] = {
    "sign_sgd": Rule("SignSGD", "Steps along the sign of the gradient.", ("w.sub_(lr * g.sign())",)),
    "signum": Rule(
        "Signum",
        "Steps along the sign of a mean gradient.",
        ("mean.lerp_(g, 1 - momentum)", "w.sub_(lr * mean.sign())"),
        {"mean": ZEROS},
    ),
    "lion": Rule(
        "Lion",
        "Steps along the sign of a mean that the newest gradient leads (Chen et al. 2023).",
        ("w.sub_(lr * (beta1 * mean + (1 - beta1) * g).sign())", "mean.lerp_(g, 1 - beta2)"),
        {"mean": ZEROS},
        decay="w.mul_(1 - lr * weight_decay)",
    ),
    "qhm": Rule(
        "QHM",
        "Between the gradient and its mean: quasi-hyperbolic momentum (Ma and Yarats 2019).",
        ("mean.lerp_(g, 1 - momentum)", "w.sub_(lr * g.lerp(mean, nu))"),
        {"mean": ZEROS},
    ),
    "schedule_free_sgd": Rule(
        "ScheduleFreeSGD",
        "Gradient descent between a point and the mean of all points (Defazio et al. 2024).",
        ("base.sub_(lr * g)", "average.lerp_(base, 1 / t)", "w.copy_(base.lerp(average, momentum))"),
        {"base": "w.clone()", "average": "w.clone()"},
    ),
    "qhadam": Rule(
        "QHAdam",
        "Adam with quasi-hyperbolic momentum (Ma and Yarats 2019).",
        (
            "mean.lerp_(g, 1 - beta1)",
            "square.lerp_(g**2, 1 - beta2)",
            "direction = g.lerp(mean / (1 - beta1**t), nu1)",
            "size = (g**2).lerp(square / (1 - beta2**t), nu2)",
            "w.sub_(lr * direction / (size.sqrt() + eps))",
        ),
        ADAM,
    ),
    "adan": Rule(
        "Adan",
        "Adam that looks ahead by the change of the gradient (Xie et al. 2022).",
        (
            "change = g - previous",
            "mean.lerp_(g, 1 - beta1)",
            "mean_change.lerp_(change, 1 - beta2)",
            "square.lerp_((g + beta2 * change) ** 2, 1 - beta3)",
            "direction = mean / (1 - beta1**t) + beta2 * mean_change / (1 - beta2**t)",
            "w.sub_(lr * direction / ((square / (1 - beta3**t)).sqrt() + eps))",
            "previous.copy_(g)",
        ),
        {"mean": ZEROS, "mean_change": ZEROS, "square": ZEROS, "previous": "g.clone()"},
        decay="w.div_(1 + lr * weight_decay)",
        last=True,
    ),
    "yogi": Rule(
        "Yogi",
        "Adam whose mean square changes by steps of bounded size (Zaheer et al. 2018).",
        (
            "mean.lerp_(g, 1 - beta1)",
            "square.sub_((1 - beta2) * (square - g**2).sign() * g**2)",
            "w.sub_(lr * mean / (1 - beta1**t) / ((square / (1 - beta2**t)).sqrt() + eps))",
        ),
        {"mean": ZEROS, "square": "torch.full_like(w, initial_accumulator_value)"},
    ),
    "adabelief": Rule(
        "AdaBelief",
        "Adam that divides by how far gradients are from their mean (Zhuang et al. 2020).",
        (
            "mean.lerp_(g, 1 - beta1)",
            "square.mul_(beta2).add_((1 - beta2) * (g - mean) ** 2 + eps)",
            "w.sub_(lr * mean / (1 - beta1**t) / ((square / (1 - beta2**t)).sqrt() + eps))",
        ),
        ADAM,
    ),
}
"""The rules by their names here."""


def call(run: Run, weights: str) -> Call:
    """The optimizer of a run by its class in the script."""
    return Call(RULES[run.optimizer].name, (weights, *arguments(_values(run))))


def definition(run: Run) -> str:
    """The class of the run's optimizer; nothing where torch has it."""
    return "\n".join(_lines(RULES[run.optimizer], _values(run))) if run.optimizer in RULES else ""


def _values(run: Run) -> dict[str, float]:
    """The parameters by torch's names, without a weight decay of 0."""
    values = {("lr" if name == "learning_rate" else name): float(value) for name, value in run.values.items()}
    return {name: value for name, value in values.items() if value != 0.0 or name != "weight_decay"}


def _lines(rule: Rule, values: Mapping[str, float]) -> Iterator[str]:
    names = list(values)
    numbered = any(re.search(r"\bt\b", line) for line in rule.body)
    body = list(rule.body)
    if "weight_decay" in values:
        body.insert(len(body) if rule.last else 0, rule.decay)
    kept = {**({"t": "0"} if numbered else {}), **rule.state}
    yield f"class {rule.name}(torch.optim.Optimizer):"
    yield f'    """{rule.doc}"""'
    yield ""
    yield f"    def __init__(self, params, {', '.join(names)}):"
    yield from _defaults(names)
    yield "        super().__init__(params, defaults)"
    yield ""
    yield "    @torch.no_grad()"
    yield "    def step(self):"
    yield "        for group in self.param_groups:"
    yield from _taken("group", names, 12)
    yield '            for w in group["params"]:'
    yield "                g = w.grad"
    if kept:
        yield "                state = self.state[w]"
        yield "                if not state:"
        yield from (f'                    state["{name}"] = {first}' for name, first in kept.items())
    if numbered:
        yield '                state["t"] += 1'
    if kept:
        yield from _taken("state", list(kept), 16)
    yield from (f"                {line}" for line in body)


def _defaults(names: Sequence[str]) -> Iterator[str]:
    entries = [f'"{name}": {name}' for name in names]
    line = f"        defaults = {{{', '.join(entries)}}}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield "        defaults = {"
        yield from (f"            {entry}," for entry in entries)
        yield "        }"


def _taken(table: str, names: Sequence[str], indent: int) -> Iterator[str]:
    """Entries of a table as variables, on one line if that is not too long."""
    entries = [f'{table}["{name}"]' for name in names]
    line = f"{' ' * indent}{', '.join(names)} = {', '.join(entries)}"
    if len(line) <= WIDTH:
        yield line
    else:
        yield from (f"{' ' * indent}{name} = {entry}" for name, entry in zip(names, entries, strict=True))
