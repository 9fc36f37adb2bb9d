"""Epochs on the timeline: how many steps of the selected run make one."""

from gdsim.app.state import AppState
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.run_batches import batches_of


def steps_of_epoch(state: AppState) -> int | None:
    """Steps in which the selected run goes through the training points once; None where that says nothing: every step is one, or there are
    no points.
    """
    problem = state.scenario.problem
    if not isinstance(problem, DataSource):
        return None
    steps = batches_of(state.scenario.runs[state.selected], len(problem.parts.train)).steps
    return steps if steps > 1 else None
