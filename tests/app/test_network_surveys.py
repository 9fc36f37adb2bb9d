"""Maps and rulers of networks in the application: what is asked and when, what waits to be asked for, and what gives way to what."""

from dataclasses import replace

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetParam, SetSteps
from gdsim.app.map_choices import Side, default, numbers_of, presets, side_of, spoken, value_of
from gdsim.app.mapping import ChooseSides, LookAt, Sharpen, Sharpened, SharpenFurther, ShowBasins, TakeRun
from gdsim.app.ruling import AwaitRuler, Ruled, RuleRates
from gdsim.app.state import AppState
from gdsim.app.surveys import surveys
from gdsim.app.under_way import Progress, under_way
from gdsim.app.update import initial, update
from gdsim.app.work import Work
from gdsim.simulation import training_ruler
from gdsim.simulation.map_plane import Way, plane_of
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import load
from tests.simulation import test_sweep_networks as networks

EXAMPLES = ("spiral", "trainability-map", "first-weights-by-learning-rate")


def network(**run: object) -> Scenario:
    """Two runs with the kernels of the sweeps that are tested elsewhere."""
    first = networks.SGD | run
    return validated({"steps": 60, "problem": networks.SINE, "runs": [first | {"label": "one"}, first | {"learning_rate": 0.2}]})


def after(state: AppState, *given: m.Message) -> tuple[AppState, list[Sharpen | RuleRates]]:
    """The state after messages that came together, and what is asked of very many runs."""
    for message in given:
        state, _ = update(state, message)
    state, effects = surveys(state)
    return state, list(effects)


def answered(state: AppState, *asked: Sharpen | RuleRates) -> AppState:
    for effect in asked:
        for found in Work().begin(effect):
            if found is not None:
                state, _ = update(state, found)
    return state


def trained(given: Scenario | None = None) -> AppState:
    """The application with its runs computed."""
    state, effects = initial(network() if given is None else given)
    work = Work()
    for effect in effects:
        for found in work.begin(effect):
            if found is not None:
                state, _ = update(state, found)
    assert not state.computing
    return state


# Maps


def test_a_network_has_a_map_of_the_rates_of_its_layers_and_no_basins():
    state, (asked,) = after(initial(network())[0], m.ShowView("Map"), ShowBasins(True))
    assert [side.over for side in state.map.sides] == ["layer_rates.0", "layer_rates.1"]
    state, (asked,) = after(state, LookAt("map", asked.window, (8, 8)))
    state = answered(state, asked)
    assert state.map.picture.chart.painted == "trainability"
    assert (state.map.picture.share, state.map.share, state.map.withheld) == (1.0, None, None)
    taken, _ = update(state, TakeRun((0.25, 4.0)))
    assert taken.scenario.runs[0].layer_rates == (0.25, 4.0)
    assert taken.scenario.runs[1].layer_rates is None
    assert taken.view is None
    _, asked = after(taken, m.ShowView("Map"))
    assert asked == []  # where the run is on its own map changes nothing of it


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_preset_of_a_network_is_a_map_round_where_it_is(name: str):
    given = load(name)
    for run in range(len(given.runs)):
        known, found = numbers_of(given, run), presets(given, run)
        assert default(given, run) in found
        assert {one.name for one in found} >= {"Trainability map", "First weights by rate", "Rate by batch size", "Rate by seed"}
        for one in found:
            for side in (one.x, one.y):
                param, value = known[side.over].param, value_of(given, run, side.over)
                assert param.low <= side.low < side.high <= param.high
                assert side.low > 0.0 or not side.log
                assert one.name == "This scenario's sweep" or side.low <= value <= side.high, side.over


@pytest.mark.parametrize("name", EXAMPLES)
def test_every_number_of_a_network_can_be_an_axis(name: str):
    given = load(name)
    state = initial(given)[0]
    for over, target in numbers_of(given, 0).items():
        value, side = value_of(given, 0, over), side_of(given, 0, over, target)
        assert side.low < side.high, over
        assert value is None or target.param.admits(value), over
        other = Side("seed", 0.0, 9.0) if over != "seed" else Side("learning_rate", 0.1, 0.2)
        now, asked = after(state, m.ShowView("Map"), ChooseSides(side, other))
        assert now.map.fault or asked[0].plane.x == Way(over, side.log), over
        assert spoken(over, given)[0].isupper()


def test_batches_are_no_larger_than_the_data_wherever_one_looks():
    given = network(batch_size=5)
    side = side_of(given, 0, "batch_size", numbers_of(given, 0)["batch_size"])
    assert (side.low, side.high) == (1.0, 20.0)
    assert value_of(network(), 0, "batch_size") == 20.0  # all of them
    plane = plane_of(given, 0, Way("learning_rate", True), Way("batch_size", True), (0.1, 5.0))
    assert plane.known[1].param.high == 20.0


def test_what_is_withheld_is_computed_for_who_waits_for_it():
    state, (asked,) = after(initial(network())[0], m.ShowView("Map"))
    state, _ = update(state, Sharpened("map", asked.number, 0.5, left=70.0))
    assert under_way(replace(state, computing=False)) == Progress("Sharpening the map", 0.5, 70.0)
    state, _ = update(state, Sharpened("map", asked.number, 1.0, withheld=400.0))
    assert (state.map.share, state.map.withheld) == (None, 400.0)
    assert under_way(replace(state, computing=False)) is None
    state, (further,) = after(state, SharpenFurther())
    assert (further.plane, further.window) == (asked.plane, asked.window)
    assert further.patience > 400.0
    assert (state.map.withheld, state.map.share) == (None, 0.0)
    assert after(state, m.Tick(0.1))[1] == []
    state, (other,) = after(state, LookAt("map", ((-1.0, 1.0), (-1.0, 1.0)), (16, 16)))
    assert other.patience == asked.patience  # who waits for one picture does not wait for all
    assert after(state, SharpenFurther())[1] == []  # nothing is withheld


def test_a_map_that_was_given_up_is_gone_on_with():
    state, (asked,) = after(trained(), m.ShowView("Map"))
    state, _ = update(state, Sharpened("map", asked.number, 0.5, left=70.0))
    state, _ = update(state, m.Cancel())
    assert (state.map.share, state.map.withheld) == (None, 70.0)
    state, asked = after(state, SharpenFurther())
    assert [effect.patience > 70.0 for effect in asked if isinstance(effect, Sharpen)] == [True]


def test_a_kernel_that_is_compiled_for_a_map_is_told():
    state, _ = after(trained(), m.ShowView("Map"))
    assert under_way(state) == Progress("Sharpening the map", 0.0)
    assert under_way(replace(state, compiling=True)) == Progress("Compiling", None)


# Rulers


def test_rulers_of_networks_wait_until_the_trainings_are_over():
    state, asked = after(initial(network())[0])
    assert asked == []
    state, (asked,) = after(trained())
    assert len(asked.subjects) == 1  # the runs differ in their rates alone
    state = answered(state, asked)
    assert all(ruler.whole and len(ruler.rates) == 128 for ruler in state.rulers)
    before = state.rulers
    state, asked = after(state, SetParam(0, "learning_rate", 0.3))
    assert asked == [RuleRates(())]
    assert state.rulers == before
    state, asked = after(replace(state, computing=False))
    assert asked == []  # its own rate changes nothing of it


def test_rulers_of_networks_give_way_to_trainings_and_to_maps():
    state, (asked,) = after(trained())
    assert asked.subjects
    state, asked = after(state, SetSteps(61))
    assert asked == [RuleRates(())]
    assert after(state, m.Tick(0.1))[1] == []
    state, (asked,) = after(replace(state, computing=False))
    assert asked.subjects[0][1].steps == 61
    state, (given_up, sharpen) = after(state, m.ShowView("Map"))
    assert given_up == RuleRates(())
    assert isinstance(sharpen, Sharpen)
    assert after(state, m.Tick(0.1))[1] == []
    state, _ = update(state, Sharpened("map", state.map.number, 1.0, withheld=100.0))
    state, (asked,) = after(state)
    assert asked.subjects[0][1].steps == 61


def test_a_ruler_that_is_begun_anew_takes_the_place_of_a_longer_one_only_when_it_is_whole():
    state, (asked,) = after(trained())
    found = [one for one in Work().begin(asked) if isinstance(one, Ruled)]
    longer, shorter = found[-2], found[0]
    state, _ = update(state, longer)
    state, _ = update(state, shorter)
    assert state.rulers[0] is longer.ruler
    state, _ = update(state, found[-1])
    assert state.rulers[0] is found[-1].ruler


def test_a_dear_ruler_comes_when_it_is_asked_for_and_can_be_given_up(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(training_ruler, "LONG", 0.0)
    state, (asked,) = after(trained())
    state = answered(state, asked)
    assert state.rulers[1].withheld > 0.0
    assert after(state, m.Tick(0.1))[1] == []
    state, (asked,) = after(state, AwaitRuler(1))
    assert asked.awaited == asked.subjects[0][1]
    assert under_way(state) == Progress("Trying learning rates", 0.0)
    found = [one for one in Work().begin(asked) if isinstance(one, Ruled)]
    state, _ = update(state, found[0])
    assert under_way(state) == Progress("Trying learning rates", found[0].ruler.share)
    given_up, effects = update(state, m.Cancel())
    assert effects
    assert under_way(given_up) is None
    assert after(given_up, m.Tick(0.1))[1] == []
    state, _ = update(state, found[-1])
    assert state.rulers[0].whole
    assert len(state.rulers[0].rates) >= training_ruler.ASKED
    assert under_way(state) is None
    elsewhere, _ = after(state, AwaitRuler(1), SetSteps(90))
    elsewhere, (asked,) = after(replace(elsewhere, computing=False))
    assert (elsewhere.awaited, asked.awaited) == (None, None)  # of something else nothing was asked
    assert update(state, AwaitRuler(7)) == (state, ())
