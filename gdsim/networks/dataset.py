"""Dataset: numbers to learn from, one row a point."""

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]


class DataError(ValueError):
    """Data that cannot be used: what was found, where, and what is allowed."""


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """n points. ``inputs`` (n, features) float64; ``targets`` (n, outputs) float64 for regression, or (n,) int64 class numbers from 0
    where ``classes`` names the classes. Arrays are C-contiguous and read-only.

    ``features`` names the columns of the inputs, ``target`` what is to be predicted; ``notes`` tell what was left out or filled in when the
    data were read. Two datasets are equal where all but their names and notes is. Raises DataError for shapes that do not go together,
    numbers that are not finite and data without a point.
    """

    inputs: Floats
    targets: Floats | Whole
    features: tuple[str, ...]
    target: str = "target"
    classes: tuple[str, ...] = ()
    name: str = "data"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "features", tuple(map(str, self.features)))
        object.__setattr__(self, "classes", tuple(map(str, self.classes)))
        object.__setattr__(self, "inputs", _fixed(self.inputs, np.float64, "inputs", 2))
        if self.is_classification:
            object.__setattr__(self, "targets", _fixed(self.targets, np.int64, "targets (class numbers)", 1))
        else:
            object.__setattr__(self, "targets", _fixed(self.targets, np.float64, "targets", 2))
        self._check()

    def _check(self) -> None:
        rows, columns = self.inputs.shape
        if not rows or not columns:
            raise DataError(f"found inputs of shape {self.inputs.shape}; allowed: at least one point (row) and one input (column)")
        if len(self.targets) != rows:
            raise DataError(f"found {rows} rows of inputs and {len(self.targets)} of targets; allowed: one target for each point")
        if not self.is_classification and not self.targets.shape[1]:
            raise DataError("found targets without a column; allowed: at least one")
        if len(self.features) != columns or len(set(self.features)) != columns:
            raise DataError(f"found the names {self.features} for {columns} input(s); allowed: one name for each, all different")
        if self.is_classification:
            low, high = int(self.targets.min()), int(self.targets.max())
            if low < 0 or high >= len(self.classes):
                raise DataError(f"found class {low if low < 0 else high}; allowed: 0 to {len(self.classes) - 1}, one number for each class")
            if len(set(self.classes)) != len(self.classes):
                raise DataError(f"found the classes {self.classes}; allowed: names that are all different")

    @classmethod
    def from_arrays(
        cls,
        inputs: ArrayLike,
        targets: ArrayLike,
        *,
        features: Sequence[str] | None = None,
        target: str = "target",
        classes: Sequence[str] | None = None,
        name: str = "data",
    ) -> "Dataset":
        """Points from arrays: ``inputs`` (n, features), or (n,) for one input; ``targets`` (n,) or (n, outputs).

        Targets that are integers, switches or texts are classes, in sorted order; floats are numbers to predict (regression). With
        ``classes`` the targets are class numbers, and these are their names. Without ``features`` the inputs are called x (and y where
        there are two), else x1, x2, ... Raises DataError.
        """
        table = _array(inputs, "inputs")
        table = table[:, np.newaxis] if table.ndim == 1 else table
        wanted = _array(targets, "targets")
        names = tuple(features) if features is not None else _names(table.shape[1] if table.ndim == 2 else 0)
        if classes is not None:
            if wanted.dtype.kind not in "iu" or not len(classes):
                raise DataError(f"found targets of type {wanted.dtype} and {len(classes)} classes; allowed: whole numbers, and their names")
            return cls(table, wanted, names, target, tuple(classes), name)
        if wanted.dtype.kind == "f":
            return cls(table, wanted[:, np.newaxis] if wanted.ndim == 1 else wanted, names, target, (), name)
        if wanted.dtype.kind not in "iubU":
            raise DataError(f"found targets of type {wanted.dtype}; allowed: numbers, whole numbers or texts")
        if wanted.ndim != 1:
            raise DataError(f"found classes of shape {wanted.shape}; allowed: one for each point")
        kinds, numbers = np.unique(wanted, return_inverse=True)
        if len(kinds) == 1:
            raise DataError(f"found only one class, {kinds[0]}; allowed: at least two (or targets that are floats, for regression)")
        return cls(table, numbers.astype(np.int64), names, target, tuple(str(kind) for kind in kinds), name)

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str], target: str | None = None, **options: Any) -> "Dataset":
        """Points from a CSV file; ``options`` are those of ``gdsim.networks.csv_file.read``. Raises DataError."""
        from gdsim.networks.csv_file import read

        return read(path, target, **options)

    @property
    def is_classification(self) -> bool:
        return bool(self.classes)

    @property
    def outputs(self) -> int:
        """Numbers to predict for a point: the columns of the targets, or the classes."""
        return len(self.classes) if self.is_classification else int(self.targets.shape[1])

    @cached_property
    def digest(self) -> str:
        """32 hexadecimal digits that name the content: inputs, targets, and what the columns and classes are called."""
        state = hashlib.blake2b(
            repr((self.inputs.shape, self.targets.shape, self.features, self.target, self.classes)).encode(), digest_size=16
        )
        for array in (self.inputs, self.targets):
            state.update(array.astype(array.dtype.newbyteorder("<"), copy=False).data)
        return state.hexdigest()

    def take(self, rows: ArrayLike) -> "Dataset":
        """The points ``rows`` (indices or a mask), in that order. Raises DataError where none is left, IndexError for one too large."""
        chosen = np.asarray(rows)
        if chosen.size == 0:
            raise DataError("found no rows to take; allowed: at least one")
        inputs, targets = self.inputs[chosen], self.targets[chosen]
        inputs.flags.writeable = targets.flags.writeable = False
        return replace(self, inputs=inputs, targets=targets)

    def __len__(self) -> int:
        return len(self.inputs)

    def __eq__(self, other: object) -> bool:
        return self.digest == other.digest if isinstance(other, Dataset) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.digest)

    def __repr__(self) -> str:
        kind = f"{len(self.classes)} classes {_listed(self.classes)}" if self.is_classification else f"target {self.target}"
        return f"<Dataset {self.name}: {len(self):,} points, inputs {_listed(self.features)}, {kind}>"


def _array(values: ArrayLike, what: str) -> NDArray[Any]:
    """Values as an array, texts in an array of objects as texts."""
    try:
        array = np.asarray(values)
        return array.astype(str) if array.dtype == object and all(isinstance(one, str) for one in array.flat) else array
    except (ValueError, TypeError, OverflowError) as error:
        raise DataError(f"found {what} that are no array: {error}; allowed: rows of equal length") from None


def _fixed(values: ArrayLike, kind: type, what: str, ndim: int) -> NDArray[Any]:
    """Values as a read-only C-contiguous array, copied where somebody could still write to them."""
    given = _array(values, what)
    allowed = "biu" if kind is np.int64 else "biuf"
    if given.dtype.kind not in allowed or given.ndim != ndim:
        shape = "(n,)" if ndim == 1 else "(n, columns)"
        numbers = "whole numbers" if kind is np.int64 else "numbers"
        raise DataError(f"found {what} of type {given.dtype} and shape {given.shape}; allowed: {numbers} of shape {shape}")
    finite = np.isfinite(given)
    if not finite.all():
        row = int(np.argwhere(~finite)[0][0])
        raise DataError(f"found {given[row].tolist()} in row {row} of the {what}; allowed: finite numbers")
    array: NDArray[Any] = np.array(given, dtype=kind, order="C", copy=None)
    if array.flags.writeable or array.base is not None:
        array = array.copy(order="C")
    array.flags.writeable = False
    return array


def _names(columns: int) -> tuple[str, ...]:
    return ("x", "y")[:columns] if columns <= 2 else tuple(f"x{i + 1}" for i in range(columns))


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:5])}, ... ({len(names)})"
