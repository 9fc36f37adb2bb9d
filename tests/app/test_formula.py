"""A scenario with a formula in the application: opened, its parameters moved, and left for a landscape."""

import time

import numpy as np
import pytest

from gdsim.app.changes import Redo, SetFormula, SetLandscape, SetLandscapeParam, SetStart, SketchFormula, Undo
from gdsim.app.edit_formula import fault_in
from gdsim.app.effects import Compute
from gdsim.app.messages import Opened, Surveyed
from gdsim.app.update import initial, update
from gdsim.app.work import key_of
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.scenario import validated
from gdsim.simulation.surface import survey
from tests.app.scenes import after, begun, scenario

RUNS = [{"optimizer": "sgd", "learning_rate": 0.01}]


def typed(text="a x^2 + y^2", **parameters):
    return validated({"problem": {"formula": text, "parameters": parameters}, "runs": RUNS})


def test_it_opens_and_its_parameters_move():
    state, _ = initial(validated({"problem": {"landscape": "rosenbrock"}, "runs": RUNS}))
    state, effects = update(state, Opened(typed(a=2.0), None))
    assert [type(effect) for effect in effects] == [Compute]
    state, effects = update(state, SetLandscapeParam("a", 3.0))
    assert state.scenario == typed(a=3.0)
    assert effects[0].survey
    state, _ = update(state, SetLandscapeParam("a", float("nan")))
    assert state.scenario == typed(a=3.0)
    assert state.notice.is_error
    state, _ = update(state, SetLandscape("himmelblau"))
    assert state.scenario.problem.landscape == "himmelblau"
    state, _ = update(state, Undo())
    assert state.scenario == typed(a=3.0)


def test_trajectories_of_different_formulas_have_different_keys():
    scenarios = [typed(a=2.0), typed(a=3.0), typed("a x^2 + 2y^2", a=2.0), typed("x^2")]
    assert len({key_of(scenario, 0) for scenario in scenarios}) == len(scenarios)
    assert key_of(typed("a*x^2+y^2", a=2.0), 0) == key_of(typed(a=2.0), 0)


FORMULAS = {
    "same": "(x^2 + y - 11)^2 + (x + y^2 - 7)^2",
    "parameters": "a x^2 + b y^2 + sin(3x)",
    "curve": "x^4 - c x^2",
    "kinks": "abs(x) + abs(y)",
}


@pytest.mark.parametrize("text", FORMULAS.values(), ids=FORMULAS)
def test_a_typed_formula_is_an_edit_that_can_be_undone(text):
    before = begun()
    state, effects = update(before, SetFormula(text))
    problem = state.scenario.problem
    assert (state.notice, problem.formula) == (None, text)
    assert [type(effect) for effect in effects] == [Compute]
    assert effects[0].survey
    assert state.ground is state.sketch
    assert state.sketch.landscape.dim == problem.at_rest.dim
    assert state.done == (before.scenario,)
    assert set(problem.parameters.model_dump().values()) <= {1.0}
    surveyed = after(state, Surveyed(state.generation, survey(problem.record, 32)))
    assert surveyed.sketch is None
    assert surveyed.ground.landscape == problem.record
    back = after(state, Undo())
    assert (back.scenario, back.sketch) == (before.scenario, None)
    assert after(back, Redo()).scenario == state.scenario


def test_a_formula_keeps_the_place_and_the_values_of_parameters():
    rosenbrock = LANDSCAPES["rosenbrock"]
    before = after(begun(scenario("rosenbrock")), SetLandscapeParam("b", 7.0))
    same = after(before, SetFormula(rosenbrock.formula))
    problem = same.scenario.problem
    assert (problem.parameters.b, problem.domain, same.scenario.start) == (7.0, rosenbrock.domain, rosenbrock.start)
    assert [run.learning_rate for run in same.scenario.runs] == [run.learning_rate for run in before.scenario.runs]
    moved = after(same, SetStart((0.5, 0.25)), SetFormula("b x^2 + k y^2"))
    assert moved.scenario.start == (0.5, 0.25)
    assert moved.scenario.problem.parameters.model_dump() == {"b": 7.0, "k": 1.0}
    curve = after(moved, SetFormula("x^2"))
    assert curve.scenario.start is None
    assert curve.scenario.problem.domain is None


def test_a_sketch_shows_the_formula_s_ground_and_changes_nothing_else():
    before = begun()
    state, effects = update(before, SketchFormula("x^2 + 3 y^2"))
    assert (effects, state.scenario, state.tracks, state.done) == ((), before.scenario, before.tracks, before.done)
    sketch = state.ground
    assert sketch.is_sketch
    x, y = np.meshgrid(sketch.x, sketch.y)
    np.testing.assert_allclose(sketch.losses, x**2 + 3 * y**2, rtol=1e-12)
    assert sketch.landscape.domain == before.scenario.landscape.domain
    assert after(state, SketchFormula("x^2 +")).sketch is sketch
    assert after(state, SketchFormula("x^2")).sketch is None
    gone = after(state, SketchFormula(None))
    assert (gone.sketch, gone.ground) == (None, before.surface)
    assert update(before, SketchFormula(None)) == (before, ())


@pytest.mark.parametrize("text", ["", "x +", "3", "sin", "log(-1 - x^2)", "x^2 $ y"])
def test_what_is_no_formula_is_refused_in_words(text):
    before = begun()
    fault = fault_in(text, before.scenario)
    assert fault.reason
    assert fault.at is None or 0 <= fault.at <= len(text)
    state, effects = update(before, SetFormula(text))
    assert (state.scenario, effects) == (before.scenario, ())
    assert state.notice.is_error
    assert update(before, SketchFormula(text)) == (before, ())


def test_a_sketch_is_there_within_a_tenth_of_a_second():
    before = begun()
    update(before, SketchFormula("x + y"))
    times = []
    for k in range(5):
        begin = time.thread_time()
        update(before, SketchFormula(f"20 + x^2 + y^2 - {k} (cos(2 pi x) + cos(2 pi y)) + exp(-0.2 sqrt(x^2 + y^2))"))
        times.append(time.thread_time() - begin)
    assert sorted(times)[2] < 0.1
