"""The scenario as a file, and the small things of the application: selection, theme, notices."""

from dataclasses import replace

from gdsim.app.effects import Read, Render, Write
from gdsim.app.history import Change, complain
from gdsim.app.many_seeds import shown_ensemble
from gdsim.app.messages import DismissNotice, ExportPicture, NewScenario, OpenFile, SaveFile, SelectRun, SetTheme, ShowCloud, ShowView
from gdsim.app.questions import questions, surveying, unfolding
from gdsim.app.state import AppState

DEMONSTRATION = "three-learning-rates"


def new_scenario(state: AppState, _message: NewScenario) -> Change:
    return state, (Read(DEMONSTRATION),)


def open_file(state: AppState, message: OpenFile) -> Change:
    return state, (Read(message.source),)


def save_file(state: AppState, message: SaveFile) -> Change:
    path = message.path or state.path
    if path is None:
        return complain(state, "Choose a file to save to first")
    return state, (Write(state.scenario, path),)


def export_picture(state: AppState, message: ExportPicture) -> Change:
    effect = Render(state.scenario, message.path, message.theme or state.theme, shown_ensemble(state))
    return replace(state, painting=0.0), (effect,)


def select_run(state: AppState, message: SelectRun) -> Change:
    if not 0 <= message.run < len(state.scenario.runs):
        return state, ()
    state = replace(state, selected=message.run)
    return state, questions(state)


def show_view(state: AppState, message: ShowView) -> Change:
    state = replace(state, view=message.name, given_up=-1)
    return state, (*unfolding(state), *surveying(state))


def show_cloud(state: AppState, message: ShowCloud) -> Change:
    return replace(state, cloud=message.shown), ()


def set_theme(state: AppState, message: SetTheme) -> Change:
    return replace(state, theme=message.theme), ()


def dismiss_notice(state: AppState, _message: DismissNotice) -> Change:
    return replace(state, notice=None), ()
