"""Files, theme, selection."""

from pathlib import Path

from gdsim.app import messages as m
from gdsim.app.document import DEMONSTRATION
from gdsim.app.effects import Read, Render, Write
from gdsim.app.update import update
from tests.app.scenes import after, begun


def test_effects_of_files():
    state = begun()
    assert update(state, m.NewScenario()) == (state, (Read(DEMONSTRATION),))
    assert update(state, m.OpenFile("here.toml")) == (state, (Read("here.toml"),))
    assert update(state, m.SaveFile(Path("there.toml"))) == (state, (Write(state.scenario, Path("there.toml")),))
    dark = after(state, m.SetTheme("dark"))
    assert update(dark, m.ExportPicture(Path("a.png")))[1] == (Render(state.scenario, Path("a.png"), "dark"),)


def test_saving_goes_to_where_the_scenario_came_from():
    state, effects = update(begun(), m.SaveFile())
    assert effects == ()
    assert state.notice.is_error
    known = after(state, m.Opened(state.scenario, Path("known.toml")))
    assert update(known, m.SaveFile())[1] == (Write(state.scenario, Path("known.toml")),)


def test_theme_and_selection_are_no_edits():
    state = after(begun(), m.SetTheme("light"), m.SelectRun(1))
    assert (state.theme, state.selected, state.dirty, state.done) == ("light", 1, False, ())
