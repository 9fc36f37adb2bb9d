"""Maps in the application: what is asked and when, what of the answers is taken, what a click does, saving, giving up."""

from dataclasses import replace
from pathlib import Path

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import SetLandscape, SetOptimizer, SetParam, SetStart, SetSteps, Undo
from gdsim.app.map_choices import Side, default, numbers_of, presets, side_of, value_of
from gdsim.app.mapping import ChooseSides, ColourMap, LookAt, SaveMap, Sharpen, Sharpened, ShowBasins, TakeRun, WriteMap
from gdsim.app.state import AppState
from gdsim.app.surveys import surveys
from gdsim.app.under_way import under_way
from gdsim.app.update import initial, update
from gdsim.app.work import Work
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.map_plane import Way
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.scenario_file import load
from tests.app.scenes import scenario

SMALL = (16, 16)
STARTS = Side("start.x", -5.0, 5.0), Side("start.y", -5.0, 5.0)


def begun(given: Scenario | None = None) -> AppState:
    return initial(scenario(runs=2) if given is None else given)[0]


def after(state: AppState, *given: m.Message) -> tuple[AppState, list[Sharpen]]:
    """The state after messages that came together, and what is asked of maps."""
    for message in given:
        state, _ = update(state, message)
    state, effects = surveys(state)
    return state, [effect for effect in effects if isinstance(effect, Sharpen)]


def answered(state: AppState, *asked: Sharpen) -> AppState:
    for effect in asked:
        for found in Work().begin(effect):
            if found is not None:
                state, _ = update(state, found)
    return state


def mapped(given: Scenario | None = None) -> AppState:
    """A map that is shown, of 16 pixels each way."""
    state, asked = after(begun(given), m.ShowView("Map"), ChooseSides(*STARTS))
    state, asked = after(state, LookAt("map", state.map.window, SMALL))
    return answered(state, *asked)


def test_a_map_is_asked_for_while_its_view_is_shown_and_only_then():
    state, asked = after(begun(), SetSteps(30))
    assert asked == []
    state, asked = after(state, m.ShowView("Map"))
    assert [effect.purpose for effect in asked] == ["map"]
    assert under_way(replace(state, computing=False)).text == "Sharpening the map"
    _, again = after(state, m.Tick(0.1))
    assert again == []
    state, (stop,) = after(state, m.ShowView("PyTorch"))
    assert stop.plane is None
    assert under_way(replace(state, computing=False)) is None
    state, asked = after(state, SetSteps(31))
    assert asked == []
    state, asked = after(state, m.ShowView("Map"))
    assert asked[0].plane.subject.steps == 31


def test_it_comes_coarse_to_fine_and_is_whole_at_the_end():
    state, asked = after(begun(), m.ShowView("Map"), ChooseSides(*STARTS))
    state, (asked,) = after(state, LookAt("map", ((-5.0, 5.0), (-5.0, 5.0)), (40, 40)))
    found = [one for one in Work().begin(asked) if one is not None and one.picture is not None]
    shares = [one.share for one in found]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert len(found) == 5
    for one in found:
        state, _ = update(state, one)
        assert state.map.picture is one.picture
    assert state.map.share is None


def test_the_numbers_of_its_axes_change_nothing_of_it():
    state = mapped()
    picture = state.map.picture
    state, asked = after(state, SetStart((1.0, 1.0)), m.SelectRun(0))
    assert asked == []
    assert state.map.picture is picture
    state, (asked,) = after(state, SetParam(0, "learning_rate", 0.02))
    assert state.map.picture is picture  # until the new one comes
    state = answered(state, asked)
    assert state.map.picture is not picture
    _, asked = after(state, SetParam(1, "learning_rate", 0.02))
    assert asked == []  # another run's


def test_a_picture_of_a_moment_ago_is_shown_but_never_after_a_newer_one():
    state = mapped()
    state, (first,) = after(state, SetSteps(20))
    state, (second,) = after(state, SetSteps(21))
    (old, *_), (new, *_) = ([one for one in Work().begin(effect) if one and one.picture] for effect in (first, second))
    state, _ = update(state, old)
    assert state.map.picture is old.picture
    assert state.map.share is not None
    state, _ = update(state, new)
    state, _ = update(state, old)
    assert state.map.picture is new.picture


def test_other_axes_begin_with_all_of_them_and_show_nothing_of_the_others():
    state = mapped()
    rate = Side("learning_rate", 1e-4, 1e-1, log=True)
    state, (asked,) = after(state, ChooseSides(rate, STARTS[1]))
    assert state.map.picture is None
    assert asked.window == ((-4.0, -1.0), (-5.0, 5.0))
    old = replace(asked, plane=asked.plane)
    state, (asked,) = after(state, LookAt("map", ((-3.0, -2.0), (0.0, 1.0)), SMALL))
    state = answered(state, asked)
    state, (again,) = after(state, ChooseSides(rate, STARTS[1]))
    assert again.window == old.window  # the same once more: all of them again


def test_a_click_takes_the_run_in_one_step_of_undo_and_plays_it():
    state = mapped()
    before = state.scenario
    taken, _ = update(state, TakeRun((1.25, -2.5)))
    assert taken.scenario.start == (1.25, -2.5)  # where all runs begin that have no start of their own
    assert taken.playing
    assert (taken.playhead, taken.view) == (0.0, None)
    back, _ = update(taken, Undo())
    assert back.scenario == before
    stayed, _ = update(state, TakeRun((1.25, -2.5), stay=True))
    assert stayed.view == "Map"


def test_a_click_sets_numbers_of_the_selected_run_alone():
    state, _ = after(begun(), m.ShowView("Map"), ChooseSides(Side("learning_rate", 1e-3, 1.0, True), Side("seed", 0.0, 9.0)))
    state, _ = after(state, m.SelectRun(0))
    taken, _ = update(state, TakeRun((0.125, 7.0)))
    assert [run.learning_rate for run in taken.scenario.runs] == [0.125, state.scenario.runs[1].learning_rate]
    assert taken.scenario.seed == 7


def test_giving_up_keeps_what_is_there_and_asks_no_more():
    state = mapped()
    state, (asked,) = after(state, SetSteps(33))
    state = replace(state, computing=False)
    state, _ = update(state, m.Cancel())
    assert under_way(state) is None
    _, again = after(state, m.Tick(0.1))
    assert again == []
    _, anew = after(state, SetSteps(34))
    assert len(anew) == 1
    state, _ = update(state, m.Failed("made up", effect=asked))
    assert state.map.share is None


def test_an_error_in_a_map_is_told_and_ends_the_waiting():
    state, (asked,) = after(begun(), m.ShowView("Map"))
    state, _ = update(state, m.Failed("made up", effect=asked))
    assert state.map.share is None
    assert state.notice.text == "made up"


def test_axes_that_a_run_does_not_have_any_more_give_way_to_others():
    state = mapped()
    state, _ = after(state, ChooseSides(Side("learning_rate", 1e-3, 1.0, True), Side("momentum", 0.0, 0.9)))
    state, (asked,) = after(state, SetOptimizer(0, "adagrad"))
    assert {side.over for side in state.map.sides} <= set(numbers_of(state.scenario, 0))
    assert asked.plane is state.map.plane
    state, _ = after(state, ChooseSides(*STARTS))
    state, _ = after(state, SetLandscape("double_well"))
    assert "start.y" not in {side.over for side in state.map.sides}


def test_numbers_that_do_not_go_together_are_told():
    given = scenario(runs=1).with_run(0, scenario(runs=1).runs[0].changed(momentum=0.9, nesterov=True))
    state, asked = after(begun(given), m.ShowView("Map"), ChooseSides(Side("dampening", 0.4, 0.6), STARTS[1]))
    assert asked == []
    assert "nesterov" in state.map.fault


def test_basins_are_asked_for_where_they_can_be_seen():
    state, asked = after(begun(), LookAt("basins", ((-1.0, 1.0), (-1.0, 1.0)), SMALL))
    assert asked == []
    state, (asked,) = after(state, ShowBasins(True))
    assert (asked.purpose, asked.window) == ("basins", ((-1.0, 1.0), (-1.0, 1.0)))
    state = answered(state, asked)
    assert state.under.picture.share == 1.0
    state, _ = after(state, SetStart((2.0, 2.0), live=True))
    assert state.under.picture.share == 1.0
    _, asked = after(state, m.ShowView("PyTorch"), SetSteps(12))
    assert asked == []
    _, asked = after(state, SetLandscape("double_well"))
    assert asked == []
    _, asked = after(state, ShowBasins(False), SetSteps(13))
    assert asked == []


@pytest.mark.parametrize("suffix", [".csv", ".parquet", ".txt"])
def test_what_is_shown_is_saved(suffix: str, tmp_path: Path):
    state = mapped()
    file = tmp_path / f"map{suffix}"
    state, (effect,) = update(state, SaveMap(file, "dark"))
    assert isinstance(effect, WriteMap)
    if suffix == ".txt":
        with pytest.raises(OSError, match="cannot be painted"):
            list(Work().begin(effect))
        assert not file.exists()
        return
    (told,) = Work().begin(effect)
    assert str(file) in told.text
    assert file.stat().st_size > 1000
    nothing, effects = update(begun(), SaveMap(file, "dark"))
    assert effects == ()
    assert nothing.notice.is_error


def test_colours_are_of_the_map_alone():
    state = mapped()
    state, (asked,) = after(state, ColourMap("loss"))
    assert asked.colour == "loss"
    state = answered(state, asked)
    assert state.map.picture.chart.painted == "shades"


# What there is to choose from


@pytest.mark.parametrize("name", sorted(LANDSCAPES))
def test_every_preset_of_every_landscape_is_a_map(name: str):
    given = scenario(name, runs=2)
    for run in range(2):
        found = presets(given, run)
        known = numbers_of(given, run)
        assert default(given, run) in found
        assert len({one.name for one in found}) == len(found)
        for one in found:
            assert one.tip
            for side in (one.x, one.y):
                param = known[side.over].param
                assert side.low < side.high
                assert param.low <= side.low
                assert side.high <= param.high
                assert side.low > 0.0 or not side.log


SHIPPED = ("basin-map", "stability-map", "learning-rate-by-condition-number", "stochastic-vs-mini-batch", "false-minimum", "optimizer-race")


@pytest.mark.parametrize("name", SHIPPED)
def test_every_number_of_a_run_can_be_an_axis(name: str):
    given = load(name)
    state = begun(given)
    for run in range(len(given.runs)):
        for over, target in numbers_of(given, run).items():
            value, side = value_of(given, run, over), side_of(given, run, over, target)
            assert side.low < side.high, over
            assert value is None or target.param.admits(value), over
            other = STARTS[0] if over != "start.x" else Side("seed", 0.0, 9.0)
            now, asked = after(state, m.SelectRun(run), m.ShowView("Map"), ChooseSides(side, other))
            assert now.map.fault or asked[0].plane.x == Way(over, side.log), over


def test_the_scenarios_own_sweep_is_the_first_to_choose():
    first = presets(load("stability-map"), 0)[0]
    assert (first.x, first.y) == (Side("learning_rate", 0.01, 4.5), Side("momentum", 0.0, 0.99))
    assert default(load("stability-map"), 0) == first
    assert any(one.name == "Rate by condition number" for one in presets(load("learning-rate-by-condition-number"), 0))
    assert any(one.name == "Rate by batch size" for one in presets(load("stochastic-vs-mini-batch"), 0))


def test_late_answers_to_nothing_change_nothing():
    state = begun()
    assert update(state, Sharpened("map", 3, 0.5)) == (state, ())
    assert update(state, TakeRun((1.0, 2.0))) == (state, ())
