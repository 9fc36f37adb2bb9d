"""``minimise``: one run in one call, for Python."""

from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import BaseModel, ConfigDict, SkipValidation

from gdsim.landscapes import Landscape
from gdsim.simulation.complaints import Complaint, ScenarioError
from gdsim.simulation.problem import Problem
from gdsim.simulation.run import run
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.trajectory import Trajectory


class GivenProblem(Problem):
    """A landscape that was handed over as a record and need not be in gdsim's lists. No file can hold it."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    given: SkipValidation[Landscape]

    @property
    def at_rest(self) -> Landscape:
        return self.given


def minimise(
    landscape: str | Landscape,
    optimizer: str = "sgd",
    *,
    learning_rate: float | None = None,
    start: Iterable[float] | None = None,
    steps: int = 1000,
    seed: int = 0,
    tolerance: float | None = None,
    parameters: Mapping[str, float] | None = None,
    schedule: Mapping[str, Any] | None = None,
    lookahead: Mapping[str, Any] | None = None,
    label: str = "",
    **hyper_parameters: float | bool,
) -> Trajectory:
    """Takes ``steps`` steps of ``optimizer`` down ``landscape`` and returns the whole path; row 0 is the start.

    ``landscape`` is a name in ``gdsim.LANDSCAPES`` or a record, ``parameters`` are its parameters by name. ``start`` has one number a
    weight (a random start: ``gdsim.NormalStart(normal=1.0)``, drawn from ``seed``); without it the landscape's own. What is left out of
    ``learning_rate`` and ``hyper_parameters`` has the optimizer's default. With a ``tolerance`` the run ends at the first point whose
    gradient norm is not larger; without it, it takes every step, unless it diverges. A ``schedule`` is a table as in a scenario:
    ``{"name": "cosine", "t_max": 200}``; so is ``lookahead``: ``{"k": 5, "alpha": 0.5}``.

    Raises ScenarioError (a ValueError) with everything that is wrong.
    """
    given = {"label": label, "optimizer": optimizer, "learning_rate": learning_rate, **hyper_parameters}
    table = {name: number(value) for name, value in given.items() if value is not None}
    if schedule is not None:
        table["schedule"] = plain(schedule)
    if lookahead is not None:
        table["lookahead"] = plain(lookahead)
    tables = {"steps": number(steps), "seed": number(seed), "tolerance": number(tolerance), "start": _start(start), "runs": [table]}
    scenario = validated_arguments(tables | {"problem": _problem(landscape, dict(parameters or {}))})
    return run(scenario).runs[0]


def _problem(landscape: str | Landscape, parameters: dict[str, float]) -> Any:
    if isinstance(landscape, Landscape):
        try:
            record = landscape.with_parameters(**parameters) if parameters else landscape
        except KeyError as error:
            raise ScenarioError("", [Complaint("parameters", str(error.args[0]))]) from None
        return GivenProblem(landscape=record.name, given=record)
    return {"landscape": landscape, "parameters": {name: number(value) for name, value in parameters.items()}}


def number(value: Any) -> Any:
    """NumPy's numbers as Python's; anything else as it is."""
    return value.item() if hasattr(value, "item") and getattr(value, "ndim", None) == 0 else value


def plain(value: Any) -> Any:
    """Tables and arrays of any kind as Python's, with Python's numbers."""
    if isinstance(value, Mapping):
        return {name: plain(item) for name, item in value.items()}
    if isinstance(value, Iterable) and not isinstance(value, str | BaseModel) and getattr(value, "ndim", None) != 0:
        return [plain(item) for item in value]
    return number(value)


def _start(start: Any) -> Any:
    if start is None or isinstance(start, str | Mapping) or not isinstance(start, Iterable) or hasattr(start, "normal"):
        return number(start)
    return tuple(number(value) for value in start)


def validated_arguments(tables: dict[str, Any]) -> Scenario:
    """The scenario; its complaints name this function's arguments where they would name keys of a file."""
    try:
        return validated(tables)
    except ScenarioError as error:
        raise ScenarioError("", (Complaint(_argument(one.key), one.text) for one in error.complaints)) from None


def _argument(key: str) -> str:
    return key.removeprefix("runs.0").removeprefix(".").removeprefix("problem.")
