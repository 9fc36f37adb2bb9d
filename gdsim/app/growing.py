"""Growing: a recording that gets longer chunk by chunk, without copying what is there each time."""

from dataclasses import fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.trajectory import Steps

CHUNK_STEPS = 16_384
"""Steps between two looks at whether they are still wanted: half a millisecond, 15 where numbers are subnormal and the processor slow."""


class Growing:
    """Room for ``room`` rows of a recording that begins with ``first``. Rows once written never change, so every view of them stays true.

    Memory that is not written to yet costs nothing.
    """

    def __init__(self, first: Steps, room: int) -> None:
        self.rows = 0
        self._latest = first
        self._columns: dict[str, NDArray[Any]] = {}
        for each in fields(first):
            value = getattr(first, each.name)
            if isinstance(value, np.ndarray):
                self._columns[each.name] = np.empty((room, *value.shape[1:]), dtype=value.dtype)
        self.append(first)

    def append(self, steps: Steps) -> None:
        """Writes ``steps`` behind the rows in use, where there must be room. What has no rows, such as snapshots, is the latest."""
        end = self.rows + len(steps.losses)
        for name, column in self._columns.items():
            column[self.rows : end] = getattr(steps, name)
        self.rows, self._latest = end, steps

    def view(self) -> Steps:
        """All rows in use, read-only."""
        kept = {each.name: getattr(self._latest, each.name) for each in fields(self._latest)}
        return type(self._latest)(**kept | {name: _read_only(column[: self.rows]) for name, column in self._columns.items()})


def _read_only(view: NDArray[Any]) -> NDArray[Any]:
    view.flags.writeable = False
    return view
