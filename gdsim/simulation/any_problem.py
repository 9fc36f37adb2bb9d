"""Which kind of problem a table ``[problem]`` is: told by its keys."""

from collections.abc import Callable
from typing import Annotated, Any

from pydantic import SerializeAsAny, WrapValidator

from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.data_problem import DataProblem
from gdsim.simulation.data_source import SOURCES
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.problem import (
    FormulaProblem,
    Problem,
    PrototypeProblem,
    any_problem_model,
    formula_problem,
    problem_model,
    prototype_problem,
)
from gdsim.simulation.table import by_name

A_PROBLEM = 'a table [problem] with landscape = "..." or formula = "...", or data (dataset or csv) and a model or [problem.network]'


def _by_key(value: Any, plain: Callable[[Any], Any]) -> Any:
    if type(value) in (FormulaProblem, PrototypeProblem):  # made from the base class, without parameters of its own
        value = {name: getattr(value, name) for name in value.model_fields_set}
    if not isinstance(value, dict):
        return plain(value)
    if "network" in value:
        return NetworkProblem.model_validate(value)
    if "model" in value or any(value.get(key) is not None for key in SOURCES):
        return DataProblem.model_validate(value)
    if value.get("prototype") is not None:
        return prototype_problem(value)
    return formula_problem(value) if "formula" in value else plain(value)


AnyProblem = Annotated[SerializeAsAny[Problem], by_name("landscape", LANDSCAPES, problem_model, any_problem_model), WrapValidator(_by_key)]
