"""Growing: a recording that gets longer chunk by chunk, without copying what is there each time."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.trajectory import Steps

Floats = NDArray[np.float64]

CHUNK_STEPS = 16_384
"""Steps between two looks at whether they are still wanted: half a millisecond, 15 where numbers are subnormal and the processor slow."""

COLUMNS = ("positions", "losses", "gradients", "step_lengths", "learning_rates")


class Growing:
    """Room for ``room`` rows of a run with ``dim`` weights. Rows once written never change, so every view of them stays true.

    Memory that is not written to yet costs nothing.
    """

    def __init__(self, room: int, dim: int) -> None:
        self.rows = 0
        self._columns = {name: np.empty((room, dim) if name in ("positions", "gradients") else room) for name in COLUMNS}

    def append(self, steps: Steps) -> None:
        """Writes ``steps`` behind the rows in use, where there must be room."""
        end = self.rows + len(steps.losses)
        for name, column in self._columns.items():
            column[self.rows : end] = getattr(steps, name)
        self.rows = end

    def view(self) -> Steps:
        """All rows in use, read-only."""
        columns: dict[str, Any] = {name: _read_only(column[: self.rows]) for name, column in self._columns.items()}
        return Steps(**columns)


def _read_only(view: Floats) -> Floats:
    view.flags.writeable = False
    return view
