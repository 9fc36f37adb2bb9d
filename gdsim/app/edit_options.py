"""Edits of what a run has whatever its optimizer: limits of the gradient, and Lookahead round it."""

from gdsim.app.changes import SetLimit, SetLookahead
from gdsim.app.edit_run import has_run
from gdsim.app.history import Change, edited
from gdsim.app.state import AppState
from gdsim.parameter import Param
from gdsim.simulation.scenario import Run

LIMITS = (
    Param(
        "clip_value", None, "each part of the gradient is cut at this size before the optimizer sees it", low=0.0, low_open=True, log=True
    ),
    Param(
        "clip_norm", None, "a longer gradient is shortened to this length before the optimizer sees it", low=0.0, low_open=True, log=True
    ),
)
USUAL_LIMIT = 1.0
"""What a limit begins as."""


def set_limit(state: AppState, message: SetLimit) -> Change:
    if not has_run(state, message.run):
        return state, ()
    run = state.scenario.runs[message.run].changed(**{message.name: message.value})
    return edited(state, state.scenario.with_run(message.run, run), key=f"runs.{message.run}.{message.name}", live=message.live)


def set_lookahead(state: AppState, message: SetLookahead) -> Change:
    if not has_run(state, message.run):
        return state, ()
    table = dict(message.table) if message.table is not None else None
    run = state.scenario.runs[message.run].changed(lookahead=table)
    return edited(state, state.scenario.with_run(message.run, run), key=f"runs.{message.run}.lookahead", live=message.live)


def options_told(run: Run) -> str:
    """The options in use, in a few words; empty without."""
    words = []
    if run.clip_value is not None:
        words.append(f"cut at {run.clip_value:.3g}")
    if run.clip_norm is not None:
        words.append(f"norm ≤ {run.clip_norm:.3g}")
    if run.lookahead is not None:
        words.append("Lookahead")
    return ", ".join(words)
