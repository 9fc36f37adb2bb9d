"""Growing: a recording that gets longer chunk by chunk, without copying what is there each time."""

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.trajectory import Steps

Floats = NDArray[np.float64]
COLUMNS = ("positions", "losses", "gradients", "step_lengths", "learning_rates")


class Growing:
    """Columns with room to spare behind the ``rows`` in use. Rows once written never change, so every view of them stays true."""

    def __init__(self, steps: Steps, room: int) -> None:
        self.rows = 0
        self._columns = {name: np.empty((room, *getattr(steps, name).shape[1:])) for name in COLUMNS}

    @property
    def room(self) -> int:
        return len(self._columns["losses"])

    def append(self, steps: Steps) -> None:
        """Writes behind the rows in use; there must be room."""
        end = self.rows + len(steps.losses)
        for name, column in self._columns.items():
            column[self.rows : end] = getattr(steps, name)
        self.rows = end

    def view(self) -> Steps:
        """All rows in use, read-only."""
        return Steps(**{name: _read_only(column[: self.rows]) for name, column in self._columns.items()})


def _read_only(view: Floats) -> Floats:
    view.flags.writeable = False
    return view


def joined(before: Steps, store: Growing | None, more: Steps, room: int) -> tuple[Steps, Growing]:
    """``before`` followed by ``more``, and the store that holds both.

    ``store`` is the one that ``before`` is a view of, if any. It is written on only if ``before`` is all that is in it and ``more`` fits;
    otherwise everything moves to a new one for ``room`` rows. (Memory that is not written to yet costs nothing.)
    """
    rows = len(before.losses)
    total = rows + len(more.losses)
    if store is None or store.rows != rows or store.room < total:
        store = Growing(before, max(room, total))
        store.append(before)
    store.append(more)
    return store.view(), store
