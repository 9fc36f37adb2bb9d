"""A typed formula as the problem: its ground while it is typed, and the edit itself."""

from dataclasses import replace

from pydantic import ValidationError

from gdsim.app.changes import SetFormula, SketchFormula
from gdsim.app.edit import without_data
from gdsim.app.history import Change, complain, edited
from gdsim.app.state import AppState
from gdsim.landscapes.formula import FormulaError, formula, parse, preview
from gdsim.landscapes.landscape import no_points
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import FormulaProblem
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import Surface, surface_of, surroundings

SKETCH = 96
"""Samples of a sketch along an axis."""


def set_formula(state: AppState, message: SetFormula) -> Change:
    """The sketch stays until the landscape is compiled and surveyed. Learning rates stay as they are."""
    try:
        scenario = with_formula(state.scenario, message.text)
    except FormulaError as error:
        return complain(state, str(error))
    if scenario == state.scenario:
        return replace(state, sketch=None), ()
    state, effects = edited(state, scenario)
    return replace(state, sketch=sketch_of(scenario), playhead=0.0, wanted=0.0, playing=True), effects


def sketch_formula(state: AppState, message: SketchFormula) -> Change:
    """A formula with another number of weights cannot be shown under the runs that there are."""
    if message.text is None:
        return (replace(state, sketch=None), ()) if state.sketch is not None else (state, ())
    try:
        scenario = with_formula(state.scenario, message.text)
    except (FormulaError, ValidationError):  # the field says what is wrong
        return state, ()
    return replace(state, sketch=sketch_of(scenario) if scenario.problem.dim == state.scenario.problem.dim else None), ()


def fault_in(text: str, scenario: Scenario) -> FormulaError | None:
    """Why ``text`` cannot take the place of the scenario's landscape."""
    try:
        given = formula_table(text, scenario)
        formula(text, domain=given["domain"], **given["parameters"])  # type: ignore[arg-type]
    except FormulaError as error:
        return error
    return None


def with_formula(scenario: Scenario, text: str) -> Scenario:
    """``scenario`` with the formula in place of its landscape. Raises FormulaError and pydantic.ValidationError (ValueErrors)."""
    table, problem = formula_table(text, scenario), scenario.problem
    if parse(text).dim != problem.dim or isinstance(problem, DataSource):
        return scenario.changed(problem=table, start=None, runs=without_data(scenario))
    before = problem.at_rest
    given = scenario.problem.landscape is None or scenario.start is not None
    return scenario.changed(problem=table, start=scenario.start if given else before.start)


def formula_table(text: str, scenario: Scenario) -> dict[str, object]:
    """The table [problem] of ``with_formula``. Raises FormulaError."""
    parsed, problem = parse(text), scenario.problem
    if isinstance(problem, DataSource):
        return {"formula": text, "parameters": dict.fromkeys(parsed.parameters, 1.0), "domain": None}
    before = problem.at_rest
    values = dict(zip((param.name for param in before.parameters), before.values, strict=True))
    table: dict[str, object] = {"formula": text, "parameters": {name: values.get(name, 1.0) for name in parsed.parameters}, "domain": None}
    if parsed.dim == before.dim:
        table["domain"] = problem.domain if isinstance(problem, FormulaProblem) else before.domain
        table |= {"noise": problem.noise, "motion": problem.motion}
    return table


def sketch_of(scenario: Scenario) -> Surface:
    """The ground of a scenario with a formula, coarse, by NumPy. What is known of its points is left out: it takes long to find."""
    problem = scenario.problem
    assert isinstance(problem, FormulaProblem)
    landscape = replace(problem.at_rest, points=no_points)
    extent = landscape.domain if landscape.dim == 1 else surroundings(landscape)
    seen = preview(problem.formula, problem.parameters.model_dump(), extent, SKETCH)
    return surface_of(landscape, seen.x, seen.y, seen.losses, is_sketch=True)
