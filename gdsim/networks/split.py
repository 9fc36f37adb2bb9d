"""Split: a data set cut into training, validation and test part; Standardise: inputs of mean 0 and deviation 1."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import evaluate
from gdsim.engine.random import uniforms
from gdsim.networks.dataset import DataError, Dataset, Floats, Whole

STREAM = 0xFFFF_FF01
"""The stream of the numbers that split data: no run has it, nor the generators."""

PARTS = ("training", "validation", "test")
FEW = 2000
"""Points up to which Python is done before a kernel would be compiled."""


@dataclass(frozen=True)
class Split:
    """The parts of a data set. A part that has no share is None."""

    train: Dataset
    validation: Dataset | None = None
    test: Dataset | None = None

    def __iter__(self) -> Iterator[Dataset | None]:
        return iter((self.train, self.validation, self.test))


def check_shares(shares: Sequence[float]) -> tuple[float, float, float]:
    """The three shares as fractions of their sum, which has to be 1 to within 0.001. Raises DataError."""
    given = tuple(float(share) for share in shares)
    if len(given) != 3 or not all(0.0 <= share <= 1.0 for share in given) or given[0] == 0.0 or abs(sum(given) - 1.0) > 1e-3:
        raise DataError(
            f"found the shares {list(given)}; allowed: three of 0 to 1 (training, more than 0; validation; test) whose sum is 1"
        )
    total = math.fsum(given)
    return given[0] / total, given[1] / total, given[2] / total


def split(dataset: Dataset, shares: Sequence[float] = (0.7, 0.15, 0.15), seed: int = 0) -> Split:
    """Training, validation and test part: chosen at random by ``seed``, in the order of the data set, no point in two of them.

    A share above 0 gets at least one point, a share of 0 is None. Every class has its share in each part, to within two points. Raises
    DataError for shares that are none, and where there are fewer points than parts.
    """
    train, *later = rows_of_parts(dataset, shares, seed)
    if all(rows is None for rows in later):
        return Split(dataset)
    return Split(dataset.take(train), *(None if rows is None else dataset.take(rows) for rows in later))


def rows_of_parts(dataset: Dataset, shares: Sequence[float], seed: int) -> tuple[Whole, Whole | None, Whole | None]:
    """The numbers of the points that ``split`` puts into each part, in rising order; None for a part without a share. Raises DataError."""
    _, *later = check_shares(shares)
    count = len(dataset)
    sizes = [max(1, round(share * count)) if share > 0.0 else 0 for share in later]
    while sum(sizes) >= count and max(sizes) > 1:
        sizes[sizes.index(max(sizes))] -= 1
    if sum(sizes) >= count:
        needed = 1 + sum(size > 0 for size in sizes)
        raise DataError(f"found {count} point{'s' * (count != 1)} to be split into {needed} parts; allowed: at least one for each")
    if not sum(sizes):
        return np.arange(count), None, None
    rest = _at_random(dataset, seed)
    parts: list[Whole | None] = []
    for size in sizes:
        chosen = _evenly(len(rest), size)
        parts.append(np.sort(rest[chosen]) if size else None)
        rest = rest[~chosen]
    return np.sort(rest), parts[0], parts[1]


def _at_random(dataset: Dataset, seed: int) -> Whole:
    """All rows, class by class, at random within each: rows chosen evenly from this order have every class in its share."""
    count = len(dataset)
    if count > FEW:
        keys = evaluate.over_steps(_key, (), count, seed, STREAM, 0)[0]
    else:
        keys = np.array([uniforms(seed, STREAM, step, 0)[0] for step in range(1, count + 1)])
    if dataset.is_classification:
        return np.lexsort((keys, dataset.targets)).astype(np.int64)
    return np.argsort(keys, kind="stable").astype(np.int64)


def _key(params, step, seed, stream, draw):
    """A random number for row ``step``. A leaf."""
    u, v = uniforms(seed, stream, step, draw)
    return u, v, 0.0


def _evenly(count: int, chosen: int):
    """A mask of ``count`` places, ``chosen`` of them evenly apart: of any that follow each other, their share to within one."""
    place = np.arange(count)
    return (place + 1) * chosen // count > place * chosen // count


@dataclass(frozen=True)
class Standardise:
    """(value - mean) / deviation, column by column. ``fit`` takes both from the training part; a constant column has deviation 1.

    ``targets`` are the means and deviations of the targets, where a regression is to be learned in their units; None leaves them.
    """

    mean: tuple[float, ...]
    deviation: tuple[float, ...]
    targets: "Standardise | None" = None

    @classmethod
    def fit(cls, train: Dataset, *, inputs: bool = True, targets: bool = False) -> "Standardise":
        """From the training part: means and standard deviations (of the population) of the inputs, and of the targets if asked.

        Without ``inputs`` these stay as they are. Raises DataError where classes should be standardised.
        """
        if targets and train.is_classification:
            raise DataError("found classes as targets; allowed: only numbers (regression) can be standardised")
        unchanged = (0.0,) * len(train.features), (1.0,) * len(train.features)
        return cls(*(_moments(train.inputs) if inputs else unchanged), cls(*_moments(train.targets)) if targets else None)

    def apply(self, dataset: Dataset) -> Dataset:
        """The data with inputs (and targets, if they were fitted) scaled. Raises DataError for numbers that overflow."""
        targets = self.targets.scaled(dataset.targets) if self.targets else dataset.targets
        return replace(dataset, inputs=self.scaled(dataset.inputs), targets=targets)

    def undo(self, dataset: Dataset) -> Dataset:
        """The data in their own units again, to rounding."""
        targets = self.targets.unscaled(dataset.targets) if self.targets else dataset.targets
        return replace(dataset, inputs=self.unscaled(dataset.inputs), targets=targets)

    def scaled(self, columns: ArrayLike) -> Floats:
        """An array (n, columns) in deviations from the mean."""
        values: Floats = np.asarray(columns, dtype=np.float64)
        with np.errstate(over="ignore"):  # a data set refuses what is not finite
            scaled: Floats = (values - np.array(self.mean)) / np.array(self.deviation)
        return scaled

    def unscaled(self, columns: ArrayLike) -> Floats:
        values: Floats = np.asarray(columns, dtype=np.float64)
        with np.errstate(over="ignore"):
            unscaled: Floats = values * np.array(self.deviation) + np.array(self.mean)
        return unscaled


def _moments(columns: NDArray[Any]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Means and deviations. Sums are exact before they are rounded, so they do not depend on the processor or on the order of rows."""
    means, deviations = [], []
    for column in columns.T:
        low, high = float(column.min()), float(column.max())
        if low == high:
            means.append(low)
            deviations.append(1.0)
            continue
        # A power of two, so that squares and sums of the largest numbers stay finite and nothing is rounded.
        exponent = math.frexp(max(abs(low), abs(high)))[1]
        small = np.ldexp(column, -exponent)
        mean = math.fsum(small.tolist()) / small.size
        apart = small - mean
        deviation = math.ldexp(math.sqrt(math.fsum((apart * apart).tolist()) / small.size), exponent)
        means.append(math.ldexp(mean, exponent))
        deviations.append(deviation if deviation > 0.0 else 1.0)
    return tuple(means), tuple(deviations)
