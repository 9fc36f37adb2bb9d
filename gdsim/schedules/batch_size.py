"""Batch-size schedules: batches that grow from epoch to epoch, in the place of a learning rate that falls."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gdsim.parameter import Param
from gdsim.schedules.points import misplaced
from gdsim.schedules.schedule import Floats, Values, Whole, no_conflict

LONGEST = 1_000_000
"""Largest number of epochs that a parameter may name."""
LARGEST = 10**9
GROWTH = "Smith, Kindermans, Ying and Le (2018), ICLR, arXiv:1711.00489"


def epochs(name: str, default: int | None, doc: str, low: int = 1, **others: Any) -> Param:
    """A parameter that counts epochs."""
    return Param(name, default, doc, low=low, high=LONGEST, whole=True, **others)


def points(name: str, default: int | None, doc: str, **others: Any) -> Param:
    """A parameter that counts points of a batch."""
    return Param(name, default, doc, low=1, high=LARGEST, whole=True, **others)


@dataclass(frozen=True)
class BatchSchedule:
    """The size of a batch as a function of the epoch.

    ``changes(size, count, values)`` gives epochs, counted from 0 and rising, and the sizes from each of them on, not yet rounded, for
    batches that have ``size`` of ``count`` points at first. ``conflict`` is as in ``gdsim.schedules.Schedule``.
    """

    name: str
    title: str
    parameters: tuple[Param, ...]
    changes: Callable[[int, int, Values], tuple[Whole, Floats]]
    formula: str
    latex: str
    source: str
    notes: str
    conflict: Callable[[Values], str | None] = no_conflict

    @property
    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.parameters}

    def sizes(self, size: int, count: int, values: Values) -> tuple[tuple[int, int], ...]:
        """Pairs (epoch, size): the size at first, and every other one with the epoch (from 0) from which on batches have it.

        Sizes are rounded to the nearest whole number, halves up, and are at least 1 and at most ``count``.
        """
        at, wanted = self.changes(size, count, self.defaults | dict(values))
        rounded = np.clip(np.floor(wanted + 0.5), 1, count).astype(np.int64)
        changed = np.flatnonzero(np.diff(rounded, prepend=0))
        return tuple((int(at[i]), int(rounded[i])) for i in changed)


def step(size: int, count: int, values: Values) -> tuple[Whole, Floats]:
    most = min(count, values["most"] or count)
    sizes = [float(min(size, most))]
    while sizes[-1] < most:
        sizes.append(min(sizes[-1] * values["factor"], float(most)))
    return values["every"] * np.arange(len(sizes)), np.array(sizes)


def linear(size: int, _count: int, values: Values) -> tuple[Whole, Floats]:
    at = np.arange(values["epochs"] + 1)
    return at, size + (values["end"] - size) * (at / values["epochs"])


def drawn_points(_size: int, _count: int, values: Values) -> tuple[Whole, Floats]:
    ends, sizes = np.array(values["epochs"]), np.array(values["sizes"], dtype=np.float64)
    at = np.arange(ends[-1] + 1)
    left = np.clip(np.searchsorted(ends, at, side="right") - 1, 0, max(len(ends) - 2, 0))
    right = np.minimum(left + 1, len(ends) - 1)
    share = np.clip((at - ends[left]) / np.maximum(ends[right] - ends[left], 1), 0.0, 1.0)
    return at, sizes[left] * (1.0 - share) + sizes[right] * share


def conflict(values: Values) -> str | None:
    return misplaced(values, "epochs", "sizes", "epoch")


STEP = BatchSchedule(
    name="step",
    title="Steps",
    parameters=(
        epochs("every", 10, "epochs after which the batches grow"),
        Param("factor", 2.0, "what their size is multiplied by", low=1.01, high=1000.0, log=True),
        points("most", None, "size beyond which they do not grow; without it, all points"),
    ),
    changes=step,
    formula="B_e = min(most, B_0 factor^floor(e / every))",
    latex=r"B_e = \min\bigl(B_\mathrm{most},\ B_0\, q^{\lfloor e / s \rfloor}\bigr)",
    source=f"{GROWTH}, section 3",
    notes="Where a learning rate would be divided by a factor, the batches grow by it: the noise, which is about the rate times all points "
    "over those of a batch, falls alike, in fewer steps. The size is multiplied without rounding, and rounded where a batch is taken.",
)

LINEAR = BatchSchedule(
    name="linear",
    title="Line",
    parameters=(
        points("end", None, "size at the end of the line", needed=True),
        epochs("epochs", 10, "epochs that the line takes"),
    ),
    changes=linear,
    formula="B_e = B_0 + (end - B_0) min(e / epochs, 1)",
    latex=r"B_e = B_0 + (B_\mathrm{end} - B_0) \min(e / n, 1)",
    source="as the linear growth of batches in Friedlander and Schmidt (2012), SIAM J. Sci. Comput. 34(3):A1380-A1405",
    notes="Batches may also become smaller.",
)

POINTS = BatchSchedule(
    name="points",
    title="Drawn points",
    parameters=(
        epochs("epochs", None, "the epochs of the points, counted from 0 and rising", low=0, many=True, needed=True),
        points("sizes", None, "the size of a batch at each of them", many=True, needed=True),
    ),
    changes=drawn_points,
    conflict=conflict,
    formula="B_e on the line from (epochs_i, sizes_i) to (epochs_i+1, sizes_i+1); before and after, the first and the last size",
    latex=r"B_e = (1 - t)\, b_i + t\, b_{i+1},\quad t = \frac{e - e_i}{e_{i+1} - e_i}",
    source="piecewise linear interpolation",
    notes="The run's own batch size does not count.",
)

BATCH_SCHEDULES: Mapping[str, BatchSchedule] = MappingProxyType({record.name: record for record in (STEP, LINEAR, POINTS)})
