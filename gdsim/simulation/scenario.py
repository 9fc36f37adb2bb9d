"""Scenario: everything that decides the numbers of a simulation. Frozen, hashable, validated, equal to its TOML file.

The tables of a scenario are pydantic models made from the Params of the landscape and the optimizers that it names. Every error is
found at once; ``gdsim.simulation.complaints`` words them.
"""

from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, SerializeAsAny, ValidationError, create_model, model_validator
from pydantic_core import InitErrorDetails

from gdsim.landscapes import Landscape
from gdsim.networks.network import MOST_LAYERS
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.simulation import complaints
from gdsim.simulation.any_problem import A_PROBLEM, AnyProblem
from gdsim.simulation.complaints import Allowed, ScenarioError
from gdsim.simulation.early_stopping import AN_EARLY_STOP, EarlyStopping
from gdsim.simulation.fitness import misfit_of_tables
from gdsim.simulation.run_batch_schedule import A_BATCH_SCHEDULE, AnyBatchSchedule
from gdsim.simulation.run_batches import FULL, BatchSize, Epochs, Switch, points_of
from gdsim.simulation.run_batches import KEYS as BATCH_KEYS
from gdsim.simulation.run_lookahead import A_LOOKAHEAD, RunLookahead, misfit_of_lookahead, wrapped
from gdsim.simulation.run_schedule import A_SCHEDULE, AnySchedule
from gdsim.simulation.scenario_conflicts import (
    batches_without_data,
    for_networks,
    too_much,
    wrong_batches,
    wrong_dimensions,
    wrong_weights,
)
from gdsim.simulation.start import A_START
from gdsim.simulation.start import NormalStart as NormalStart
from gdsim.simulation.start import Start as Start
from gdsim.simulation.sweep_axes import A_SWEEP, Sweep
from gdsim.simulation.table import Line, Model, Number, by_name, fields, item

MOST_STEPS = 10_000_000
MOST_RUNS = 64

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
        if points is not None and (found := [*wrong_batches(self, points), *wrong_weights(self)]):
            raise complaints.together("scenario", found)
        return self

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        runs = item(data, "runs")
        runs = tuple(runs) if isinstance(runs, list | tuple) else ()
        problem = item(data, "problem")
        steps = cls.model_fields["steps"].default if item(data, "steps") is None else item(data, "steps")
        unfit = ((i, misfit_of_tables(problem, run)) for i, run in enumerate(runs))
        return [
            *wrong_dimensions(problem, item(data, "start"), runs),
            *for_networks(problem, item(data, "start"), runs),
            *batches_without_data(problem, runs),
            *(too_much(steps, len(runs)) if 1 <= len(runs) <= MOST_RUNS else ()),
            *_wrong_axes(data, bad),
            *(complaints.line(("runs", i, "optimizer"), text, None) for i, text in unfit if text),
        ]


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


def validated(data: Mapping[str, Any], source: str = "") -> Scenario:
    """The scenario that ``data`` (as read from TOML) describes. Raises ScenarioError with every complaint, each naming ``source``."""
    try:
        return Scenario.model_validate(dict(data))
    except ValidationError as error:
        raise ScenarioError(source, complaints.complaints(error)) from None
