"""Scenario: everything that decides the numbers of a simulation. Frozen, hashable, validated, equal to its TOML file.

The tables of a scenario are pydantic models made from the Params of the landscape and the optimizers that it names. Every error is
found at once; ``gdsim.simulation.complaints`` words them.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny, TypeAdapter, ValidationError, WrapValidator, create_model, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from gdsim.landscapes import Landscape
from gdsim.networks.network import MOST_LAYERS
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.simulation import complaints
from gdsim.simulation.any_problem import A_PROBLEM, AnyProblem
from gdsim.simulation.complaints import Allowed, ScenarioError
from gdsim.simulation.early_stopping import AN_EARLY_STOP, EarlyStopping
from gdsim.simulation.fitness import misfit_of_tables
from gdsim.simulation.network_problem import Learning, NetworkProblem
from gdsim.simulation.problem import weights_of
from gdsim.simulation.run_batch_schedule import A_BATCH_SCHEDULE, AnyBatchSchedule
from gdsim.simulation.run_batches import FULL, BatchSize, Epochs, Switch, is_of_data, misfit_of_batches, points_of, steps_of
from gdsim.simulation.run_batches import KEYS as BATCH_KEYS
from gdsim.simulation.run_lookahead import A_LOOKAHEAD, RunLookahead, misfit_of_lookahead, wrapped
from gdsim.simulation.run_schedule import A_SCHEDULE, AnySchedule
from gdsim.simulation.sweep_axes import A_SWEEP, Sweep
from gdsim.simulation.table import Line, Model, Number, by_name, fields, item

MOST_STEPS = 10_000_000
MOST_RUNS = 64
MOST_POINTS = 16_000_000
"""Points that the runs of a scenario may record together: 0.9 GB of trajectory, and about twice that while it is put together."""
BYTES_A_POINT = 56

A_START = "an array of finite numbers, one for each weight, or { normal = s } with s > 0"


class NormalStart(Model):
    """A start drawn from N(0, normal^2) in every weight, from the scenario's seed."""

    normal: Annotated[Number, Field(gt=0, le=1e6), Allowed("a number > 0 and <= 1e+06")] = Field(
        description="standard deviation of every weight of the start"
    )


DRAWN = "a network begins with weights drawn as problem.network.initialisation says"
FIRST_WEIGHTS = f"{DRAWN}; allowed: no start, or an array of all weights in the order of PyTorch's parameters"

POSITION: TypeAdapter[tuple[float, ...]] = TypeAdapter(tuple[Number, ...], config={"allow_inf_nan": False})


def _start(value: Any, plain: Callable[[Any], Any]) -> Any:
    """Picks the form of a start by its type, so that errors speak of that form alone."""
    if isinstance(value, dict):
        return NormalStart.model_validate(value)
    if isinstance(value, list | tuple) and value:
        return POSITION.validate_python(value)
    if isinstance(value, NormalStart):
        return value
    raise PydanticCustomError("start", "neither an array nor a table")


Start = Annotated[Annotated[tuple[Number, ...], Field(min_length=1)] | NormalStart, WrapValidator(_start)]

Limit = Annotated[Annotated[Number, Field(gt=0)] | None, Allowed("a number > 0")]


class Run(Model):
    """One optimizer from one start. The optimizer's parameters are fields of the model made by ``run_model``."""

    COMMON: ClassVar = ("layer_rates", "clip_value", "clip_norm", "lookahead", "schedule", *BATCH_KEYS, "early_stopping", "start")
    """What every run has, whatever its optimizer, besides a label and a learning rate."""

    optimizer: Annotated[str, Field(strict=True), Allowed("the name of an optimizer (gdsim list optimizers)")]
    label: Annotated[Line, Field(max_length=80), Allowed("one line of at most 80 characters")] = Field(
        default="", description="how the run is called in pictures and tables"
    )
    learning_rate: Annotated[Number, Allowed("a number >= 0")] = 0.0
    layer_rates: Annotated[
        Annotated[tuple[Annotated[Number, Field(ge=0)], ...], Field(min_length=1, max_length=MOST_LAYERS)] | None,
        Allowed("an array of numbers >= 0, one for each layer of the network"),
    ] = Field(default=None, description="what the learning rate is multiplied by in each layer of a network, from the input on")
    clip_value: Limit = Field(default=None, description="each part of the gradient is cut at this size before the optimizer sees it")
    clip_norm: Limit = Field(default=None, description="a longer gradient is shortened to this length before the optimizer sees it")
    lookahead: Annotated[RunLookahead | None, Allowed(A_LOOKAHEAD)] = Field(
        default=None, description="steps forward, and part of the way back (Lookahead)"
    )
    schedule: Annotated[AnySchedule | None, Allowed(A_SCHEDULE)] = Field(
        default=None, description="how the learning rate changes on the way"
    )
    batch_size: BatchSize = FULL
    batch_schedule: Annotated[AnyBatchSchedule | None, Allowed(A_BATCH_SCHEDULE)] = Field(
        default=None, description="how the batches grow from epoch to epoch"
    )
    epochs: Epochs = None
    shuffle: Switch = Field(default=True, description="go through the training points in another order every epoch")
    drop_last: Switch = Field(default=False, description="leave out the last batch of an epoch where it is smaller than the others")
    replacement: Switch = Field(default=False, description="draw every batch anew from all training points")
    early_stopping: Annotated[EarlyStopping | None, Allowed(AN_EARLY_STOP)] = Field(
        default=None, description="ends the training of a network when the validation loss stops falling"
    )
    start: Annotated[Start | None, Allowed(A_START)] = Field(default=None, description="where this run begins, if not with the others")

    @property
    def rule(self) -> Optimizer:
        return OPTIMIZERS[self.optimizer]

    @property
    def method(self) -> Optimizer:
        """The optimizer together with what the run wraps round it."""
        return wrapped(self.rule, self.lookahead)

    @property
    def settings(self) -> dict[str, float | bool]:
        """Every parameter of the method by name."""
        return self.values | (self.lookahead.values if self.lookahead else {})

    @property
    def values(self) -> dict[str, float | bool]:
        """Every parameter of the optimizer by name."""
        return {param.name: getattr(self, param.name) for param in self.rule.parameters}

    def changed(self, **values: Any) -> "Run":
        """A copy with other values, validated again. Raises pydantic.ValidationError (a ValueError)."""
        content = {name: getattr(self, name) for name in type(self).model_fields}
        return run_model(self.optimizer).model_validate(content | values)

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        rule = OPTIMIZERS.get(str(item(data, "optimizer")))
        if rule is None:
            return []
        given = {name: item(data, name) for name in rule.defaults}
        values = rule.defaults | {name: value for name, value in given.items() if value is not None}
        usable = all(isinstance(values[p.name], bool if p.is_switch else int | float) for p in rule.parameters)
        found = [rule.conflict(values) if usable else None, misfit_of_lookahead(data)]
        return [complaints.line((), text, None) for text in found if text]


@cache
def run_model(name: str) -> type[Run]:
    """The Run of one optimizer: one field a Param."""
    own: dict[str, Any] = {"optimizer": (Literal[name], ...), **fields(OPTIMIZERS[name].parameters)}
    return create_model(f"{name}_run", __base__=Run, **own)


@cache
def any_run_model() -> type[Run]:
    """Checks what can be checked while nobody knows which optimizer is meant."""
    names = dict.fromkeys(name for rule in OPTIMIZERS.values() for name in rule.defaults)
    own: dict[str, Any] = {name: (Any, None) for name in names if name != "learning_rate"}
    return create_model("any_run", __base__=Run, **own)


AnyRun = Annotated[SerializeAsAny[Run], by_name("optimizer", OPTIMIZERS, run_model, any_run_model)]


class Scenario(Model):
    """A problem and the runs on it.

    ``start`` is where every run begins that has no start of its own; without it the landscape's. With a ``tolerance`` a run ends at the
    first point whose gradient norm is not larger.
    """

    title: Annotated[Line, Field(max_length=200), Allowed("one line of at most 200 characters")] = ""
    steps: Annotated[int, Field(strict=True, ge=1, le=MOST_STEPS), Allowed(f"a whole number from 1 to {MOST_STEPS:,}")] = Field(
        default=200, description="steps that every run takes, unless it ends before"
    )
    seed: Annotated[int, Field(strict=True, ge=0, lt=2**63), Allowed("a whole number from 0 to 2^63 - 1")] = Field(
        default=0, description="names the random numbers: the same seed gives the same runs"
    )
    tolerance: Annotated[Annotated[Number, Field(ge=0)] | None, Allowed("a number >= 0")] = Field(
        default=None, description="gradient norm at which a run has converged and ends"
    )
    start: Annotated[Start | None, Allowed(A_START)] = Field(
        default=None, description="where runs begin; without it, the landscape's start"
    )
    sweep: Annotated[Sweep | None, Allowed(A_SWEEP)] = Field(
        default=None, description="numbers that take many values: every combination is run"
    )
    problem: Annotated[AnyProblem, Allowed(A_PROBLEM)]
    runs: Annotated[
        tuple[AnyRun, ...],
        Field(min_length=1, max_length=MOST_RUNS),
        Allowed(f'1 to {MOST_RUNS} tables [[runs]], each with optimizer = "..." and its parameters'),
    ]

    @property
    def is_network(self) -> bool:
        """Whether a network is trained, and there is no landscape of one or two weights."""
        return self.problem.is_network

    @property
    def landscape(self) -> Landscape:
        """Raises TypeError for a network."""
        return self.problem.record

    def changed(self, **values: Any) -> "Scenario":
        """A copy with other fields, validated again; of a sweep that is not given anew, the axes that still fit are kept.

        Raises pydantic.ValidationError (a ValueError).
        """
        content = {name: getattr(self, name) for name in type(self).model_fields}
        if self.sweep is None or "sweep" in values:
            return Scenario.model_validate(content | values)
        from gdsim.simulation.sweep_targets import fitting  # it needs scenarios

        whole = Scenario.model_validate(content | values | {"sweep": None})
        return whole.model_copy(update={"sweep": fitting(whole, self.sweep)})

    def with_run(self, index: int, run: Run) -> "Scenario":
        return self.changed(runs=(*self.runs[:index], run, *self.runs[index + 1 :]))

    @model_validator(mode="after")
    def _batches_fit(self) -> Self:
        points = points_of(self.problem)
        if points is not None and (found := [*_wrong_batches(self, points), *_wrong_weights(self)]):
            raise complaints.together("scenario", found)
        return self

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        runs = item(data, "runs")
        runs = tuple(runs) if isinstance(runs, list | tuple) else ()
        problem = item(data, "problem")
        unfit = ((i, misfit_of_tables(problem, run)) for i, run in enumerate(runs))
        return [
            *_wrong_dimensions(problem, item(data, "start"), runs),
            *_for_networks(problem, item(data, "start"), runs),
            *_batches_without_data(problem, runs),
            *_too_much(item(data, "steps"), len(runs)),
            *_wrong_axes(data, bad),
            *(complaints.line(("runs", i, "optimizer"), text, None) for i, text in unfit if text),
        ]


def _wrong_dimensions(problem: Any, shared: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each start whose length is not the landscape's number of weights."""
    known = weights_of(problem)
    if known is None:
        return
    dim, name = known
    weights = "1 number, its weight" if dim == 1 else f"{dim} numbers, one for each weight"
    for keys, start in ((("start",), shared), *((("runs", i, "start"), item(run, "start")) for i, run in enumerate(runs))):
        if isinstance(start, list | tuple) and len(start) not in (0, dim):
            text = f"found {len(start)} number{'s' * (len(start) != 1)}; allowed: a start on {name} has {weights}"
            yield complaints.line(keys, text, start)


def _wrong_axes(data: Any, bad: set[str]) -> list[InitErrorDetails]:
    """What is wrong between the axes of a sweep and the rest, if that is right by itself."""
    sweep = item(data, "sweep")
    if sweep is None or bad:
        return []
    from gdsim.simulation.sweep_targets import misplaced  # it needs scenarios

    try:
        rest = Scenario.model_validate({name: item(data, name) for name in Scenario.model_fields if name != "sweep" and _has(data, name)})
    except ValidationError:
        return []
    return misplaced(rest, Sweep.model_validate(sweep))


def _has(table: Any, key: str) -> bool:
    return key in table if isinstance(table, Mapping) else hasattr(table, key)


def _for_networks(problem: Any, shared: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each start that is none of a network's, and for each key of a run that only networks have where there is none."""
    is_network = item(problem, "network") is not None
    if is_network and shared is not None:
        yield complaints.line(("start",), f"{DRAWN}; allowed: no start, or one of each run", shared)
    for i, run in enumerate(runs):
        if is_network and isinstance(item(run, "start"), dict | NormalStart):
            yield complaints.line(("runs", i, "start"), f"found a random start; {FIRST_WEIGHTS}", None)
        if item(run, "layer_rates") is not None and not is_network:
            yield complaints.line(
                ("runs", i, "layer_rates"), "only a network has layers; allowed: no layer_rates", item(run, "layer_rates")
            )
        given = item(run, "early_stopping")
        if given is not None and not is_network:
            yield complaints.line(("runs", i, "early_stopping"), "only a network can stop early: it looks at the validation part", None)
        elif given is not None and not _validated(problem):
            yield complaints.line(("runs", i, "early_stopping"), "early stopping looks at the validation part, and the split leaves none")


def _wrong_weights(scenario: Scenario) -> Iterable[InitErrorDetails]:
    """A complaint for each start of a run that is not as long as its network has weights."""
    if not isinstance(scenario.problem, Learning):
        return
    weights = scenario.problem.shape.weights
    for i, run in enumerate(scenario.runs):
        if (text := _wrong_layer_rates(run, len(scenario.problem.shape.layers) - 1)) is not None:
            yield complaints.line(("runs", i, "layer_rates"), text, run.layer_rates)
        if isinstance(run.start, tuple) and len(run.start) != weights:
            text = f"found {len(run.start):,} number{'s' * (len(run.start) != 1)}, and there are {weights:,} weights; {FIRST_WEIGHTS}"
            yield complaints.line(("runs", i, "start"), text, None)


def _wrong_layer_rates(run: Run, layers: int) -> str | None:
    if run.layer_rates is None:
        return None
    if not run.method.is_elementwise:
        return f"{run.optimizer} looks at all weights together; allowed: layer_rates with a rule that treats each weight on its own"
    found = len(run.layer_rates)
    return None if found == layers else f"found {found} number{'s' * (found != 1)}; allowed: {layers}, one for each layer of the network"


def _validated(problem: Any) -> bool:
    """Whether the data of a network have a validation part."""
    if isinstance(problem, Learning):
        return problem.parts.validation is not None
    shares = item(problem, "split") or NetworkProblem.SHARES
    return not isinstance(shares, list | tuple) or len(shares) != 3 or shares[1] != 0


def _batches_without_data(problem: Any, runs: tuple[Any, ...]) -> Iterable[InitErrorDetails]:
    """A complaint for each key that speaks of batches where there are no data to be cut into any."""
    for i, run in enumerate(runs) if not is_of_data(problem) else ():
        yield from misfit_of_batches(run, i, None)


def _too_much(steps: Any, runs: int) -> Iterable[InitErrorDetails]:
    """A complaint if the recording would not fit."""
    if steps is None:
        steps = Scenario.model_fields["steps"].default
    if not isinstance(steps, int) or isinstance(steps, bool) or not 1 <= runs <= MOST_RUNS:
        return
    points = runs * (steps + 1)
    if MOST_POINTS < points < 10**18:  # where there are more, the bound of steps says enough
        found = f"found {runs} run{'s' * (runs != 1)} of {steps:,} steps, which would record {_size(points)}"
        yield complaints.line(("steps",), f"{found}; allowed: {_size(MOST_POINTS)}", steps)


def _wrong_batches(scenario: Scenario, points: int) -> Iterable[InitErrorDetails]:
    """What only a whole scenario with ``points`` training points can tell: sizes of batches, lengths of epochs, methods that see all."""
    found = []
    for i, run in enumerate(scenario.runs):
        found += misfit_of_batches(run, i, points)
        if (text := misfit_of_tables(scenario.problem, run)) is not None:
            found.append(complaints.line(("runs", i, "optimizer"), text, run.optimizer))
    yield from found
    each = [0] if found else [steps_of(scenario, i) for i in range(len(scenario.runs))]
    if (recorded := sum(each) + len(each)) > MOST_POINTS:
        longest = each.index(max(each))
        text = f"the runs would record {_size(recorded)}, {max(each):,} of them here; allowed: {_size(MOST_POINTS)}"
        yield complaints.line(("runs", longest, "epochs"), text, scenario.runs[longest].epochs)


def _size(points: int) -> str:
    return f"{points:,} points ({points * BYTES_A_POINT / 1e9:,.1f} GB)"


def validated(data: Mapping[str, Any], source: str = "") -> Scenario:
    """The scenario that ``data`` (as read from TOML) describes. Raises ScenarioError with every complaint, each naming ``source``."""
    try:
        return Scenario.model_validate(dict(data))
    except ValidationError as error:
        raise ScenarioError(source, complaints.complaints(error)) from None
