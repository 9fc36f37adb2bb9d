"""Epochs on the timeline: which steps of the selected run end one."""

import math
from functools import lru_cache

from gdsim.app.state import AppState
from gdsim.networks.batches import STEPS, Batches
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.run_batches import batches_of, steps_of


def epochs_of(state: AppState) -> Batches | None:
    """How the selected run goes through its points; None where that says nothing: every step is an epoch, or there are none."""
    problem = state.scenario.problem
    if not isinstance(problem, DataSource):
        return None
    batches = batches_of(state.scenario.runs[state.selected], len(problem.parts.train))
    return batches if batches.stages[:, STEPS].max() > 1 else None


def epoch_at(state: AppState, epochs: Batches, step: int) -> int:
    """The epoch (from 1) in which the selected run is before ``step``; the last, where others go on for longer."""
    return epochs.epoch(min(step + 1, steps_of(state.scenario, state.selected))) + 1


@lru_cache(maxsize=16)
def ends_of_epochs(batches: Batches, last: int, apart: float) -> tuple[int, ...]:
    """Steps up to ``last`` after which epochs end, of which those that are less than ``apart`` from the one before are left out."""
    found: list[int] = []
    end = 0
    while (end := batches.until(batches.epoch(end + max(1, math.ceil(apart))) + 1)) <= last:
        found.append(end)
    return tuple(found)
