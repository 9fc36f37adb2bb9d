"""What the window wants to know of very many runs at once, as it changes with what is shown."""

from gdsim.app.charting import charting
from gdsim.app.history import Change
from gdsim.app.mapping import Sharpen
from gdsim.app.ruling import RuleRates, ruling
from gdsim.app.state import AppState

SURVEYS = RuleRates | Sharpen
"""What is done on the second thread."""


def surveys(state: AppState) -> Change:
    """``state`` with what it shows of many runs in its place, and the questions that are to be asked now."""
    if state.scenario.is_network:
        # Its rulers give way to its map, which on a landscape begins where the ruler says.
        state, charts = charting(state)
        state, rulers = ruling(state)
    else:
        state, rulers = ruling(state)
        state, charts = charting(state)
    return state, (*rulers, *charts)
