"""Schedule: the record round one way to change the learning rate from step to step."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.parameter import Param

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]
Values = Mapping[str, Any]
Leaf = Callable[..., Any]

LONGEST = 10**9
"""Largest number of steps that a parameter may name."""

Table = Callable[[Whole, int, Values], tuple[Floats | float, Floats | float]]


def whole(name: str, default: int | None, doc: str, low: int = 1, **others: Any) -> Param:
    """A parameter that counts steps."""
    return Param(name, default, doc, low=low, high=LONGEST, whole=True, **others)


def unchanged(k: Whole, _total: int, _values: Values) -> tuple[Floats | float, Floats | float]:
    """The rows of a schedule that leaves the learning rate to its leaf."""
    return 0.0, 1.0


def no_conflict(_values: Values) -> str | None:
    """``conflict`` of a schedule whose parameters are independent of each other."""
    return None


def no_numbers(_values: Values) -> tuple[float, ...]:
    """``numbers`` of a schedule that has a table alone."""
    return ()


def always(_values: Values) -> bool:
    """``multiplies`` of a schedule that never says a rate itself."""
    return True


def never(_values: Values) -> bool:
    """``multiplies`` of a schedule that says rates itself, or looks at the losses."""
    return False


@dataclass(frozen=True)
class Schedule:
    """The learning rate as a function of the step: rate = offset + factor * learning_rate, the two numbers depending on the step alone.

    ``rows(k, total, values)`` gives both for an array ``k`` of steps, which are counted from 0 as in torch, where ``total`` is how many
    there are in all. Each pair may depend on its own step only, so that a run in parts gets the same bits. ``values`` holds every
    parameter by name; ``parts`` are pairs (Schedule, values).

    A schedule that looks at the losses has a leaf beside: ``pace(rate, offset, factor, loss, calm, numbers) -> (rate, calm)`` gives the
    rate of this step, and sees the loss at its point for the steps after it. ``calm`` are the numbers that it keeps, at first those of the
    record; ``numbers(values)`` are its parameters as a tuple of floats.

    ``multiplies(values)`` tells whether the offset is 0 at every step: then the schedule can be part of a product. ``parts`` names the
    schedules that a combined one may be made of. ``conflict(values)`` says in one sentence why values that are each allowed do not go
    together, or None if they do.
    """

    name: str
    title: str
    parameters: tuple[Param, ...]
    rows: Table
    formula: str
    latex: str
    source: str
    notes: str
    multiplies: Callable[[Values], bool] = always
    conflict: Callable[[Values], str | None] = no_conflict
    pace: Leaf | None = None
    calm: tuple[float, ...] = ()
    numbers: Callable[[Values], tuple[float, ...]] = no_numbers
    parts: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Schedule {self.name}: {self.formula}>"

    @property
    def defaults(self) -> dict[str, Any]:
        return {param.name: param.default for param in self.parameters}

    def table(self, first: int, steps: int, total: int, values: Values) -> Floats:
        """Offsets and factors, (2, steps), of the steps numbered from ``first``, 1 for the first of a run of ``total``."""
        with np.errstate(over="ignore"):
            return stacked(self.rows(np.arange(first - 1, first - 1 + steps), total, self.defaults | dict(values)), steps)


def stacked(rows: tuple[Floats | float, Floats | float], steps: int) -> Floats:
    """Offsets and factors, arrays or one number for all, as one array (2, steps)."""
    out = np.empty((2, steps))
    out[0], out[1] = rows
    return out


Parts = Sequence[tuple[Schedule, Values]]
