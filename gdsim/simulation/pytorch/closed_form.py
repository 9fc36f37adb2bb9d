"""The script of a closed-form loss: its formula in torch, and the loop that every training has."""

from collections.abc import Iterator

from gdsim.landscapes import Landscape
from gdsim.landscapes.formula import FormulaError, Parsed, parse
from gdsim.simulation.pytorch.exportable import LBFGS, ExportError, optimizer, scheduler
from gdsim.simulation.pytorch.expression import expression, local_name
from gdsim.simulation.pytorch.own_optimizer import definition
from gdsim.simulation.pytorch.steps import LINES, step_of
from gdsim.simulation.pytorch.writing import heading, literal, number, wrapped
from gdsim.simulation.run import start_of
from gdsim.simulation.scenario import Run, Scenario

CLOSURE = """
def closure():
    optimizer.zero_grad()
    loss = loss_function(W)
    loss.backward()
    return loss
"""
"""What a method calls that looks at the loss in several places."""


def script(scenario: Scenario, index: int) -> str:
    """The script of run ``index``. Raises ExportError."""
    landscape, run = scenario.landscape, scenario.runs[index]
    parsed = _parsed(landscape)
    values = dict(zip((p.name for p in landscape.parameters), landscape.values, strict=True))
    function = "\n".join(_loss_function(parsed, values))
    start = start_of(scenario, index)
    blocks = [
        heading(scenario.title, f"{landscape.title}, minimised with {run.rule.title}"),
        "\n".join([*(["import math", ""] if "math." in function else []), "import torch"]),
        "torch.set_default_dtype(torch.float64)",
        "\n" + function,
        *(["\n" + definition(run)] if definition(run) else []),
        "\n" + "\n".join(_setting(run, start, scenario.steps)),
        *([CLOSURE] if run.optimizer == LBFGS else []),
        "\n".join(_loop(run, scenario.steps, scenario.tolerance)),
        'print(f"W = {W.tolist()}, loss {loss_function(W).item():.6g}")',
    ]
    return "\n\n".join(blocks) + "\n"


def _parsed(landscape: Landscape) -> Parsed:
    if landscape.noise or landscape.motion:
        raise ExportError(f"found a landscape with {'noise' if landscape.noise else 'motion'}, which torch has not; allowed: one without")
    try:
        parsed = parse(landscape.formula)
    except FormulaError:
        parsed = None
    names = {param.name for param in landscape.parameters}
    if parsed is None or not parsed.dim or not set(parsed.parameters) <= names:
        raise ExportError(
            f"the loss of {landscape.title} is no single formula; allowed: landscapes that gdsim shows a formula of, and typed ones"
        )
    return parsed


def _loss_function(parsed: Parsed, values: dict[str, float]) -> Iterator[str]:
    named, loss = expression(parsed, values)
    yield "def loss_function(W):"
    yield "    x, y = W" if parsed.dim == 2 else "    (x,) = W"
    for name in parsed.parameters:
        yield f"    {local_name(name)} = {number(values[name])}"
    for name, text in named.items():
        yield f"    {name} = {wrapped(text, 4)}"
    yield f"    return {wrapped(loss, 4)}"


def _setting(run: Run, start: tuple[float, ...], steps: int) -> Iterator[str]:
    yield f"W = torch.tensor({literal(list(start))}, requires_grad=True)"
    yield optimizer(run, "[W]").text("optimizer = ")
    if run.schedule:
        yield scheduler(run.schedule, run.learning_rate, steps).text("scheduler = ")


def _loop(run: Run, steps: int, tolerance: float | None) -> Iterator[str]:
    yield f"for step in range({steps}):"
    every = max(1, steps // LINES)
    indent = "    "
    yield from (indent + line for line in step_of(run, "loss_function(W)", "W", tolerance))
    if every > 1:
        yield f"    if step % {every} == 0:"
        indent += "    "
    yield indent + f'print(f"step {{step:{len(str(steps))}d}}  loss {{loss.item():.6g}}")'
