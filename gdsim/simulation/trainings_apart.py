"""Trainings of a sweep each by itself, a few milliseconds at a time, so that they can be given up at any moment."""

from collections.abc import Iterator

from gdsim.simulation.spread import spread_steps
from gdsim.simulation.sweep_block import Columns
from gdsim.simulation.sweep_networks import training_alone
from gdsim.simulation.sweep_plan import Plan, Rows


def fill_apart(plan: Plan, rows: Rows, columns: Columns, threads: int | None = None) -> Iterator[int]:
    """Computes the runs ``rows`` into ``columns``, to the bit as ``gdsim.simulation.sweep.fill`` does; yields how many are done some 20
    times a second at least, and ends as soon where it is closed.
    """

    def train(place: int) -> Iterator[None]:
        row = yield from training_alone(plan.scenario_at(int(rows[place])), 0)
        for name, value in row.items():
            columns[name][place] = value

    return spread_steps(train, len(rows), threads)
