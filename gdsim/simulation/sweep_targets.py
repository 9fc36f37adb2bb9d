"""What an axis of a sweep may go over: the numbers of a scenario by name, each with its bounds and the way to put another in its place."""

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from gdsim.optimizers.lookahead import ALPHA, K
from gdsim.parameter import Param
from gdsim.simulation import complaints
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.run_batches import points_of
from gdsim.simulation.sweep_axes import Axis, Sweep

if TYPE_CHECKING:
    from gdsim.simulation.scenario import Run, Scenario

Kind = Literal["hyper", "clip", "layer", "start", "normal", "scale", "parameter", "trouble", "seed", "table"]
"""Which column of a block of runs holds the number; ``table`` is one that chooses code or a table: such runs are grouped by its values."""

COORDINATE = Param("start", 0.0, "where the run begins")
SPREAD = Param("normal", 1.0, "standard deviation of every weight of the start", low=0.0, low_open=True, high=1e6)
SEED = Param("seed", 0, "names the random numbers", low=0, high=2**53, whole=True)
LIMIT = Param("clip", 1.0, "limit of a gradient", low=0.0, low_open=True)
LAYER = Param("layer_rates", 1.0, "what the learning rate of a layer is multiplied by", low=0.0, log=True)
NETWORK = {
    "scale": Param("scale", 1.0, "of the first weights", low=0.0, high=1e6, log=True),
    "dropout": Param("dropout", 0.0, "share of the hidden units that a step leaves out", low=0.0, high=1.0, high_open=True),
    "l1": Param("l1", 0.0, "l1 * sum |w| is added to the loss", low=0.0),
    "l2": Param("l2", 0.0, "l2/2 * sum w^2 is added to the loss", low=0.0),
}
BATCH = Param("batch_size", 1, "points in a batch", low=1, high=2**53, whole=True)


@dataclass(frozen=True)
class Target:
    """A number of a scenario: ``key`` is its name in its table (or its place, among coordinates and the numbers of noise and motion),
    ``runs`` are those that it belongs to, all of them for what they share.
    """

    kind: Kind
    key: str | int
    runs: tuple[int, ...]
    param: Param
    put: "Callable[[Scenario, Any], Scenario]"

    def value(self, number: float) -> float | int | bool:
        """The number as a scenario holds it."""
        if self.param.is_switch:
            return bool(number)
        return int(number) if self.param.whole else float(number)


def targets(scenario: "Scenario") -> dict[str, Target]:
    """All that an axis may be over, by name: what the runs share, what every run has, and what one of them has (``runs.0.momentum``)."""
    found = {"seed": Target("seed", "seed", everyone(scenario), SEED, lambda base, value: base.changed(seed=value))}
    found |= dict(_of_network(scenario) if scenario.is_network else _of_problem(scenario))
    each = [dict(_of_run(scenario, index)) for index in range(len(scenario.runs))]
    for name in dict.fromkeys(name for own in each for name in own):
        if all(name in own for own in each):
            found[name] = _together([own[name] for own in each])
    return found | {f"runs.{index}.{name}": target for index, own in enumerate(each) for name, target in own.items()}


def everyone(scenario: "Scenario") -> tuple[int, ...]:
    return tuple(range(len(scenario.runs)))


def _together(own: list[Target]) -> Target:
    """The same number of several runs."""

    def put(base: "Scenario", value: Any) -> "Scenario":
        for target in own:
            base = target.put(base, value)
        return base

    # Bounds may differ from rule to rule: those of all of them hold.
    low = max((target.param for target in own), key=lambda param: (param.low, param.low_open))
    high = min((target.param for target in own), key=lambda param: (param.high, not param.high_open))
    strictest = replace(low, high=high.high, high_open=high.high_open)
    kind = own[0].kind if len({target.kind for target in own}) == 1 else "table"
    return Target(kind, own[0].key, tuple(run for target in own for run in target.runs), strictest, put)


def _of_run(scenario: "Scenario", index: int) -> Iterator[tuple[str, Target]]:
    run = scenario.runs[index]
    alone = (index,)

    def field(name: str) -> "Callable[[Scenario, Any], Scenario]":
        return lambda base, value: base.with_run(index, base.runs[index].changed(**{name: value}))

    for param in run.rule.parameters:
        yield param.name, Target("table" if param.is_switch or param.whole else "hyper", param.name, alone, param, field(param.name))
    for name in ("clip_value", "clip_norm"):
        yield name, Target("clip", name, alone, LIMIT, field(name))
    if (points := points_of(scenario.problem)) is not None:
        yield "batch_size", Target("table", "batch_size", alone, replace(BATCH, high=float(points)), field("batch_size"))
    if run.lookahead:
        for param, key in ((replace(K, whole=True), "k"), (ALPHA, "alpha")):
            yield f"lookahead.{key}", Target("hyper", param.name, alone, param, _inside(index, "lookahead", key))
    for table, schedule in (("schedule", run.schedule), ("batch_schedule", run.batch_schedule)):
        for param in schedule.record.parameters if schedule else ():
            if not (param.many or param.choices or param.is_switch):
                yield f"{table}.{param.name}", Target("table", f"{table}.{param.name}", alone, param, _inside(index, table, param.name))
    yield from _of_layers(scenario, index) if scenario.is_network else _of_start(scenario, index)


def _inside(index: int, table: str, key: str) -> "Callable[[Scenario, Any], Scenario]":
    def put(base: "Scenario", value: Any) -> "Scenario":
        run = base.runs[index]
        old: Any = getattr(run, table)
        content = {name: getattr(old, name) for name in type(old).model_fields}
        return base.with_run(index, run.changed(**{table: type(old).model_validate(content | {key: value})}))

    return put


def _of_layers(scenario: "Scenario", index: int) -> Iterator[tuple[str, Target]]:
    """The learning rate of each layer of a network, as a multiple of the run's."""
    problem: Any = scenario.problem
    layers = len(problem.shape.layers) - 1
    for layer in range(layers if scenario.runs[index].method.is_elementwise else 0):

        def put(base: "Scenario", value: Any, layer: int = layer) -> "Scenario":
            rates = list(base.runs[index].layer_rates or (1.0,) * layers)
            rates[layer] = value
            return base.with_run(index, base.runs[index].changed(layer_rates=tuple(rates)))

        yield f"layer_rates.{layer}", Target("layer", layer, (index,), LAYER, put)


def _of_network(scenario: "Scenario") -> Iterator[tuple[str, Target]]:
    if not isinstance(scenario.problem, NetworkProblem):  # a network that was handed over is what it is
        return
    for name, param in NETWORK.items():
        kind: Kind = "scale" if name == "scale" else "table"
        yield f"problem.network.{name}", Target(kind, name, everyone(scenario), param, _in_network(name))


def _in_network(name: str) -> "Callable[[Scenario, Any], Scenario]":
    def put(base: "Scenario", value: Any) -> "Scenario":
        problem: Any = base.problem
        return base.changed(problem=_changed(problem, network=_changed(problem.network, **{name: value})))

    return put


def _of_start(scenario: "Scenario", index: int) -> Iterator[tuple[str, Target]]:
    run = scenario.runs[index]
    start: Any = run.start if run.start is not None else scenario.start
    if hasattr(start, "normal"):

        def put_normal(base: "Scenario", value: Any) -> "Scenario":
            return _with_start(base, index, type(start)(normal=value))

        yield "start.normal", Target("normal", "normal", (index,), SPREAD, put_normal)
        return
    for axis, letter in enumerate("xy"[: scenario.landscape.dim]):

        def put(base: "Scenario", value: Any, axis: int = axis) -> "Scenario":
            at = list(base.runs[index].start or base.start or base.landscape.start)
            at[axis] = value
            return _with_start(base, index, tuple(at))

        yield f"start.{letter}", Target("start", axis, (index,), COORDINATE, put)


def _with_start(base: "Scenario", index: int, start: Any) -> "Scenario":
    """A start that runs share is changed for all of them, one that a run has for itself in that run."""
    if base.runs[index].start is None and len(base.runs) == 1:
        return base.changed(start=start)
    return base.with_run(index, base.runs[index].changed(start=start))


def _of_problem(scenario: "Scenario") -> Iterator[tuple[str, Target]]:
    problem, runs = scenario.problem, everyone(scenario)
    for param in scenario.landscape.parameters:
        if hasattr(problem.parameters, param.name):
            yield f"problem.parameters.{param.name}", Target("parameter", param.name, runs, param, _in_parameters(param.name))
    row = 0
    for param in problem.motion.record.parameters if problem.motion else ():
        yield f"problem.motion.{param.name}", Target("trouble", row, runs, param, _in_trouble("motion", None, param.name))
        row += 1
    for index, noise in enumerate(problem.noise):
        for param in noise.record.parameters:
            name = f"problem.noise.{param.name}" if len(problem.noise) == 1 else f"problem.noise.{index}.{param.name}"
            yield name, Target("trouble", row, runs, param, _in_trouble("noise", index, param.name))
            row += 1


def _in_parameters(name: str) -> "Callable[[Scenario, Any], Scenario]":
    def put(base: "Scenario", value: Any) -> "Scenario":
        parameters = base.problem.parameters.model_dump() | {name: value}
        return base.changed(problem=_changed(base.problem, parameters=parameters))

    return put


def _in_trouble(table: str, index: int | None, name: str) -> "Callable[[Scenario, Any], Scenario]":
    def put(base: "Scenario", value: Any) -> "Scenario":
        if index is None:
            return base.changed(problem=_changed(base.problem, **{table: _changed(getattr(base.problem, table), **{name: value})}))
        several = list(getattr(base.problem, table))
        several[index] = _changed(several[index], **{name: value})
        return base.changed(problem=_changed(base.problem, **{table: tuple(several)}))

    return put


def _changed(table: Any, **values: Any) -> Any:
    """A copy of a table with other values, validated again."""
    return type(table).model_validate({name: getattr(table, name) for name in type(table).model_fields} | values)


def put(scenario: "Scenario", chosen: Iterable[tuple[Target, float]]) -> "Scenario":
    """The scenario with each of these numbers in its place. Raises pydantic.ValidationError."""
    for target, number in chosen:
        scenario = target.put(scenario, target.value(number))
    return scenario


def misplaced(scenario: "Scenario", sweep: Sweep) -> list[InitErrorDetails]:
    """What is wrong with ``sweep``, with its axes over numbers of ``scenario`` and its precision."""
    if scenario.is_network and sweep.precision != "float64":
        text = f"found {sweep.precision!r}; allowed: 'float64' here, for a network has a precision of its own, problem.network.precision"
        return [complaints.line(("sweep", "precision"), text, sweep.precision)]
    known = targets(scenario)
    found = [one for index, axis in enumerate(sweep.axes) for one in _misplaced(scenario, known, index, axis)]
    found = found or list(_overlapping(known, sweep))
    return found or _conflicting(scenario, known, sweep)


def fitting(scenario: "Scenario", sweep: Sweep) -> Sweep | None:
    """``sweep`` with the axes that ``scenario`` has a number for; None where none is left, or they do not go together."""
    axes = tuple(axis for axis in sweep.axes if not misplaced(scenario, Sweep(axes=(axis,))))
    kept = sweep.model_copy(update={"axes": axes} | ({"precision": "float64"} if scenario.is_network else {})) if axes else None
    return kept if kept is None or not misplaced(scenario, kept) else None


def _misplaced(scenario: "Scenario", known: dict[str, Target], index: int, axis: Axis) -> Iterator[InitErrorDetails]:
    keys = ("sweep", "axes", index)
    target = known.get(axis.over)
    if target is None:
        yield complaints.line((*keys, "over"), _unknown(scenario, known, axis.over), axis.over)
        return
    param = target.param
    given = {"values": axis.values} if axis.values is not None else {"low": (axis.low,), "high": (axis.high,)}
    for key, values in given.items():
        for value in values or ():
            fits = isinstance(value, bool) if param.is_switch else not isinstance(value, bool) and param.admits(float(value or 0.0))
            if not fits and not (param.whole and key != "values" and _rounds(param, value)):
                yield complaints.line((*keys, key), complaints.out_of_place(value, param.allowed), value)
                break


def _rounds(param: Param, value: float | None) -> bool:
    return value is not None and param.low <= value <= param.high


def _unknown(scenario: "Scenario", known: dict[str, Target], name: str) -> str:
    lacking = [
        f"runs.{i} ({run.optimizer})" for i, run in enumerate(scenario.runs) if f"runs.{i}.{name}" not in known
    ]  # fmt: skip
    if len(lacking) < len(scenario.runs):
        having = next(i for i in range(len(scenario.runs)) if f"runs.{i}.{name}" in known)
        return (
            f"{', '.join(lacking)} has no {complaints.shown(name)}; allowed: an axis over the others alone, such as 'runs.{having}.{name}'"
        )
    shared = [each for each in known if not each.startswith("runs.")]
    hint = complaints.did_you_mean(name, known)
    one = ", and of one run such as runs.0.learning_rate" if len(scenario.runs) > 1 else ""
    return f"there is no number named {complaints.shown(name)}{hint} (allowed: {', '.join(shared)}{one})"


def _overlapping(known: dict[str, Target], sweep: Sweep) -> Iterator[InitErrorDetails]:
    chosen = [known[axis.over] for axis in sweep.axes]
    for (i, one), (j, two) in itertools.combinations(enumerate(chosen), 2):
        if (one.kind, one.key) == (two.kind, two.key) and set(one.runs) & set(two.runs):
            text = f"found {sweep.axes[j].over!r}, which {sweep.axes[i].over!r} sets too; allowed: one axis over each number"
            yield complaints.line(("sweep", "axes", j, "over"), text, sweep.axes[j].over)


def _conflicting(scenario: "Scenario", known: dict[str, Target], sweep: Sweep) -> list[InitErrorDetails]:
    """What goes wrong at the corners of the sweep: rules between numbers are inequalities, which hold everywhere if they hold there."""
    chosen = [known[axis.over] for axis in sweep.axes]
    ends = [dict.fromkeys(axis.numbers(target.param.whole)[[0, -1]].tolist()) for axis, target in zip(sweep.axes, chosen, strict=True)]
    for corner in itertools.product(*ends):
        try:
            put(scenario, zip(chosen, corner, strict=True))
        except ValidationError as error:
            where = ", ".join(f"{axis.over} = {value:g}" for axis, value in zip(sweep.axes, corner, strict=True))
            first = complaints.complaints(error)[0]
            return [complaints.line(("sweep", "axes"), f"at {where}: {first}", None)]
    return []


def alone(scenario: "Scenario", index: int, start: tuple[float, ...]) -> "Scenario":
    """The scenario of run ``index`` alone, without a sweep; a start that hangs on the run's number is written out."""
    run: Run = scenario.runs[index]
    if run.start is not None and not scenario.is_network:
        run = run.changed(start=start)
    return scenario.changed(runs=(run,), sweep=None)
