"""A scenario with a formula in the application: opened, its parameters moved, and left for a landscape."""

from gdsim.app.messages import Compute, Opened, SetLandscape, SetLandscapeParam, Undo
from gdsim.app.update import initial, update
from gdsim.app.work import key_of
from gdsim.simulation.scenario import validated

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
