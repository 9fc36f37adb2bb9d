"""What a map may be over: the numbers of a run with a range that is worth seeing, and pairs of them that are worth choosing."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gdsim.parameter import Param
from gdsim.simulation.ruler import Ruler
from gdsim.simulation.run import start_of
from gdsim.simulation.run_batches import FULL, points_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.sweep_axes import Axis
from gdsim.simulation.sweep_map import TIMES, words_for
from gdsim.simulation.sweep_targets import Target, targets


@dataclass(frozen=True)
class Side:
    """An axis of a map: a number by name, the values between which it lies at first, and whether it is shown in decades."""

    over: str
    low: float
    high: float
    log: bool = False


@dataclass(frozen=True)
class Preset:
    """Two axes that are worth a look, ``x`` and ``y``; ``tip`` says what they show."""

    name: str
    tip: str
    x: Side
    y: Side


def numbers_of(scenario: Scenario, run: int) -> Mapping[str, Target]:
    """What may be varied of run ``run``, by the names that it has where the run stands alone; switches make no axis."""
    alone = scenario.model_copy(update={"runs": (scenario.runs[run],), "sweep": None})
    return {name: target for name, target in targets(alone).items() if not name.startswith("runs.") and not target.param.is_switch}


def spoken(name: str, scenario: Scenario) -> str:
    """The name of a number as a reader says it, beginning with a capital."""
    words = words_for(name, None if scenario.is_network else scenario.landscape).removesuffix(TIMES)
    return words[:1].upper() + words[1:]


def value_of(scenario: Scenario, run: int, name: str) -> float | None:
    """What the number is now; None for one that is not there, such as a limit of the gradient that is off."""
    own, (table, _, key) = scenario.runs[run], name.partition(".")
    found: Any
    match table:
        case "seed":
            found = scenario.seed
        case "start":
            found = start_of(scenario, run)["xy".index(key)] if key in ("x", "y") else _start_of(scenario, run)
        case "problem":
            found = _inside(scenario.problem, key)
        case "layer_rates":
            found = 1.0 if own.layer_rates is None else own.layer_rates[int(key)]
        case "batch_size" if own.batch_size == FULL:
            found = points_of(scenario.problem)
        case "lookahead" | "schedule" | "batch_schedule":
            found = getattr(getattr(own, table), key, None)
        case _:
            found = own.values.get(name, getattr(own, name, None))
    return float(found) if isinstance(found, int | float) and not isinstance(found, bool) else None


def _start_of(scenario: Scenario, run: int) -> float | None:
    start = scenario.runs[run].start if scenario.runs[run].start is not None else scenario.start
    return getattr(start, "normal", None)


def _inside(table: Any, keys: str) -> Any:
    """The value at ``parameters.a``, ``motion.speed``, ``noise.deviation`` or ``noise.0.deviation`` in a problem."""
    for key in keys.split("."):
        if isinstance(table, tuple):
            if not key.isdigit():
                table = table[0]
            else:
                table = table[int(key)]
                continue
        table = getattr(table, key, None)
    return table


def side_of(scenario: Scenario, run: int, name: str, target: Target, ruler: Ruler | None = None) -> Side:
    """The number over a range that is worth seeing, round the value that it has."""
    param, value = target.param, value_of(scenario, run, name)
    if name == "learning_rate" and scenario.is_network:
        middle = value or 0.1
        return Side(name, max(middle * 1e-2, param.low), min(middle * 1e2, param.high), log=True)
    if name == "learning_rate":
        limit = ruler.mark.rate if ruler is not None and ruler.mark is not None else 10.0 * (value or 0.1)
        return Side(name, max(limit * 1e-3, param.low), min(limit * 3.0, param.high), log=True)
    if name in ("start.x", "start.y"):
        low, high = scenario.landscape.domain["xy".index(name[-1])]
        return Side(name, low, high)
    if name == "seed":
        return Side(name, 0.0, 255.0)
    low, high = _bounds(param)
    if name == "batch_size":
        # Trainings are dear, and of two large batches one tells what the other does.
        return Side(name, 1.0, float(points_of(scenario.problem) or 64), log=scenario.is_network)
    if name == "momentum":
        return Side(name, 0.0, 0.99)
    usual = value if value is not None else float(param.default or 1.0)
    if param.log or name in ("clip_value", "clip_norm"):
        middle = usual if usual > 0.0 else 1.0
        return Side(name, max(middle * 1e-2, low), min(middle * 1e2, high), log=True)
    if not math.isfinite(low):
        low = max(usual - max(2.0 * abs(usual), 1.0), param.low)
    if not math.isfinite(high):
        high = max(usual + max(2.0 * abs(usual), 1.0), low + 1.0)
    # What it is now is to be seen, however near to a bound it lies.
    return Side(name, low if value is None else min(low, value), high if value is None else max(high, value))


def _bounds(param: Param) -> tuple[float, float]:
    """The bounds; open ones a hundredth of the way inside."""
    low, high = param.low, param.high
    inset = 0.01 * (high - low) if math.isfinite(high - low) else 1e-3
    return low + inset * (param.low_open and math.isfinite(low)), high - inset * (param.high_open and math.isfinite(high))


def presets(scenario: Scenario, run: int, ruler: Ruler | None = None) -> list[Preset]:
    """Those that fit, the scenario's own sweep first, if it has two axes."""
    known = numbers_of(scenario, run)

    def side(name: str) -> Side:
        return side_of(scenario, run, name, known[name], ruler)

    found = []
    if (own := _own(scenario, known)) is not None:
        found.append(Preset("This scenario's sweep", "The two axes that the scenario names itself", *own))
    for name, tip, x, y in (*OF_NETWORKS, *WITH_RATES) if scenario.is_network else (*OF_LANDSCAPES, *WITH_RATES):
        if x in known and y in known:
            found.append(Preset(name, tip, side(x), side(y)))
    return found if scenario.is_network else [*found, *_by_curvature(scenario, known, side("learning_rate"))]


OF_NETWORKS = (
    (
        "Trainability map",
        "Learning rate of layer 1 by that of layer 2: where networks are trained",
        "layer_rates.0",
        "layer_rates.1",
    ),
    ("First weights by rate", "How large the first weights are by learning rate", "learning_rate", "problem.network.scale"),
    ("Rate by momentum", "Learning rate by momentum", "learning_rate", "momentum"),
)
OF_LANDSCAPES = (
    ("Basin map", "Where runs end that begin here: every pixel is a start", "start.x", "start.y"),
    ("Stability map", "Learning rate by momentum, with the limit of stability", "learning_rate", "momentum"),
    ("Rate by start", "Learning rate by start", "start.x", "learning_rate"),
)
WITH_RATES = (
    ("Rate by batch size", "Learning rate by batch size", "learning_rate", "batch_size"),
    ("Rate by beta1", "Learning rate by beta1", "learning_rate", "beta1"),
    ("Rate by beta2", "Learning rate by beta2", "learning_rate", "beta2"),
    ("Rate by seed", "Learning rate by seed: how much of it is chance", "learning_rate", "seed"),
)


def _by_curvature(scenario: Scenario, known: Mapping[str, Target], rate: Side) -> list[Preset]:
    """On a quadratic bowl whose first curvature is 1, the second one is the condition number."""
    name = "problem.parameters.b"
    if scenario.landscape.name != "quadratic" or name not in known:
        return []
    first = value_of(scenario, 0, "problem.parameters.a") or 1.0
    side = Side(name, first, 1e3 * first, log=True)
    tip = "Learning rate by the steeper curvature: so many times the flatter one it is, the condition number"
    return [Preset("Rate by condition number", tip, Side("learning_rate", 2e-4 / first, 4.0 / first, log=True), side)]


def _own(scenario: Scenario, known: Mapping[str, Target]) -> tuple[Side, Side] | None:
    axes = scenario.sweep.axes if scenario.sweep is not None else ()
    if len(axes) != 2 or any(axis.over.removeprefix("runs.0.") not in known or axis.size < 2 for axis in axes):
        return None
    x, y = (_side(axis, known) for axis in axes)
    return (x, y) if x.low < x.high and y.low < y.high else None


def _side(axis: Axis, known: Mapping[str, Target]) -> Side:
    name = axis.over.removeprefix("runs.0.")
    values = axis.numbers(known[name].param.whole)
    return Side(name, float(values.min()), float(values.max()), axis.scale == "log")


def default(scenario: Scenario, run: int, ruler: Ruler | None = None) -> Preset | None:
    """The map to begin with: the scenario's own, or stability, or trainability, or the basins; None where a run has not two numbers."""
    found = presets(scenario, run, ruler)
    wanted = ("This scenario's sweep", "Stability map", "Trainability map", "Basin map", "Rate by start")
    return next((one for name in wanted for one in found if one.name == name), found[0] if found else None)
