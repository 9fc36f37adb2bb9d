"""Scenario: everything that decides the numbers of a simulation. Frozen, hashable, validated, equal to its TOML file."""

import difflib
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializeAsAny, WrapValidator, create_model, model_validator
from pydantic_core import PydanticCustomError

from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.parameter import Param

MOST_STEPS = 10_000_000
MOST_RUNS = 64


class Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NormalStart(Model):
    """A start drawn from N(0, normal^2) in every weight, from the scenario's seed."""

    normal: float = Field(gt=0, description="standard deviation of every weight of the start")


Start = tuple[float, ...] | NormalStart


def field(param: Param) -> Any:
    """The pydantic field that a Param declares: ``(type, Field(...))``."""
    if param.is_switch:
        return (bool, Field(default=param.default, description=param.doc))
    bounds = {
        ("gt" if param.low_open else "ge"): param.low if param.low > float("-inf") else None,
        ("lt" if param.high_open else "le"): param.high if param.high < float("inf") else None,
    }
    return (float, Field(default=param.default, description=param.doc, **{k: v for k, v in bounds.items() if v is not None}))


def fields(params: Iterable[Param]) -> dict[str, Any]:
    return {param.name: field(param) for param in params}


def known(kind: str, name: object, names: Iterable[str]) -> str:
    """``name`` if it is one of ``names``; else an error that says what is allowed and what was probably meant."""
    choices = sorted(names)
    if isinstance(name, str) and name in choices:
        return name
    close = difflib.get_close_matches(str(name), choices, n=1)
    hint = f"; did you mean '{close[0]}'?" if close else ""
    raise PydanticCustomError(
        "unknown_name",
        "there is no {kind} named {found}{hint} (allowed: {choices})",
        {"kind": kind, "found": repr(name), "hint": hint, "choices": ", ".join(choices)},
    )


class Problem(Model):
    """What is minimised: a landscape by name, with its parameters."""

    landscape: str
    parameters: SerializeAsAny[Model] = Model()

    @property
    def record(self) -> Landscape:
        return LANDSCAPES[self.landscape].with_parameters(**self.parameters.model_dump())


class Run(Model):
    """One optimizer from one start. The optimizer's parameters are fields of the model made by ``run_model``."""

    optimizer: str
    label: str = Field(default="", max_length=80)
    learning_rate: float = 0.0
    start: Start | None = None

    @property
    def rule(self) -> Optimizer:
        return OPTIMIZERS[self.optimizer]

    @property
    def values(self) -> dict[str, float | bool]:
        """Every parameter of the optimizer by name."""
        return {param.name: getattr(self, param.name) for param in self.rule.parameters}

    def changed(self, **values: Any) -> "Run":
        """A copy with other values, validated again. Raises pydantic.ValidationError."""
        content = {name: getattr(self, name) for name in type(self).model_fields}
        return run_model(self.optimizer).model_validate(content | values)


@lru_cache(maxsize=None)
def problem_model(name: str) -> type[Problem]:
    """The Problem of one landscape: its parameters are checked against their Params."""
    parameters = create_model(f"{name}_parameters", __base__=Model, **fields(LANDSCAPES[name].parameters))
    return create_model(f"{name}_problem", __base__=Problem, landscape=(Literal[name], ...), parameters=(parameters, parameters()))


@lru_cache(maxsize=None)
def run_model(name: str) -> type[Run]:
    """The Run of one optimizer: one field a Param."""
    return create_model(f"{name}_run", __base__=Run, optimizer=(Literal[name], ...), **fields(OPTIMIZERS[name].parameters))


def by_name(kind: str, names: Iterable[str], model: Callable[[str], type[Model]]) -> WrapValidator:
    """Validates a table with the model of the record that its key ``kind`` names."""

    def dispatch(value: Any, plain: Callable[[Any], Any]) -> Any:
        if not isinstance(value, dict) or kind not in value:
            return plain(value)
        return model(known(kind, value[kind], names)).model_validate(value)

    return WrapValidator(dispatch)


AnyProblem = Annotated[SerializeAsAny[Problem], by_name("landscape", LANDSCAPES, problem_model)]
AnyRun = Annotated[SerializeAsAny[Run], by_name("optimizer", OPTIMIZERS, run_model)]


class Scenario(Model):
    """A problem and the runs on it.

    ``start`` is where every run begins that has no start of its own; without it the landscape's. With a ``tolerance`` a run ends at the
    first point whose gradient norm is not larger.
    """

    title: str = Field(default="", max_length=200)
    steps: int = Field(default=200, ge=1, le=MOST_STEPS)
    seed: int = Field(default=0, ge=0, lt=2**63)
    tolerance: float | None = Field(default=None, ge=0)
    start: Start | None = None
    problem: AnyProblem
    runs: tuple[AnyRun, ...] = Field(min_length=1, max_length=MOST_RUNS)

    @property
    def landscape(self) -> Landscape:
        return self.problem.record

    def changed(self, **values: Any) -> "Scenario":
        """A copy with other fields, validated again. Raises pydantic.ValidationError."""
        content = {name: getattr(self, name) for name in type(self).model_fields}
        return Scenario.model_validate(content | values)

    def with_run(self, index: int, run: Run) -> "Scenario":
        return self.changed(runs=(*self.runs[:index], run, *self.runs[index + 1 :]))

    @model_validator(mode="after")
    def _starts_have_the_dimension(self) -> "Scenario":
        dim = self.landscape.dim
        for where, start in (("start", self.start), *((f"runs.{i}.start", run.start) for i, run in enumerate(self.runs))):
            if isinstance(start, tuple) and len(start) != dim:
                raise PydanticCustomError(
                    "start_dimension",
                    "{where}: {found} numbers, but {landscape} has {dim}",
                    {"where": where, "found": len(start), "landscape": self.problem.landscape, "dim": dim},
                )
        return self
