"""Data from CSV files: numbers and categories, with or without names of columns. A file may come from anyone."""

import difflib
import math
import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.networks import csv_text
from gdsim.networks.csv_text import ABSENT, DELIMITERS, Layout
from gdsim.networks.dataset import DataError, Dataset, Floats

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["DELIMITERS", "MISSING", "read", "read_inputs"]

SUFFIXES = (".csv", ".tsv", ".txt")
"""How names of files with data end."""
MISSING = ("drop", "mean")
MOST_CATEGORIES = 64
MOST_CLASSES = 1000
MOST_NUMBERS = 100_000_000
"""Numbers that the inputs may be in all: 0.8 GB."""

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Column:
    """One column: ``numbers`` (NaN where missing), or ``codes`` into the sorted ``words`` (-1 where missing)."""

    name: str
    numbers: Floats | None = None
    codes: NDArray[np.int64] | None = None
    words: tuple[str, ...] = ()

    @property
    def missing(self) -> Mask:
        if self.numbers is not None:
            return np.isnan(self.numbers)
        return np.asarray(self.codes == -1)


def read(
    path: str | os.PathLike[str],
    target: str | None = None,
    *,
    delimiter: str | None = None,
    header: bool | None = None,
    missing: str = "drop",
    classification: bool = False,
    shown: str | None = None,
) -> Dataset:
    """The points in a CSV file (UTF-8), one a line. ``target`` names the column to be predicted; without it, it is the last one.

    The delimiter (tab, semicolon, comma), a header (words over numbers, or words alone; else the columns are column1, column2, ...) and a
    decimal comma are found out. A target of words is a class, in sorted order; one of numbers is predicted as it is (regression), unless
    with ``classification`` it is a class as well. A column of words becomes one input for each of its categories, 1 where the point has it
    (``colour=red``).

    Points that lack the target are left out; those that lack an input as well (``missing="drop"``), or it is replaced by the column's mean
    or most frequent category (``"mean"``). ``Dataset.notes`` tells how many. Raises DataError, which names the file (as ``shown``), the
    line or column, what was found and what is allowed.
    """
    if missing not in MISSING:
        raise ValueError(f"missing is {missing!r}; allowed is one of {', '.join(map(repr, MISSING))}")
    name = os.fsdecode(path)
    try:
        columns = _columns(path, delimiter, header)
        wanted = columns.pop(_index(columns, target))
        return _dataset(columns, wanted, missing, classification, os.path.basename(name))
    except DataError as error:
        raise DataError(f"{_plain(shown or name)}: {error}") from None


def read_inputs(
    path: str | os.PathLike[str], features: Sequence[str], *, delimiter: str | None = None, header: bool | None = None
) -> Floats:
    """The columns of a CSV file that were the inputs ``features`` of a data set: an array (points, features), every line a point.

    Other columns are ignored. Raises DataError where one is not there, where a value is missing, and for a category that is none of them.
    """
    name = os.fsdecode(path)
    try:
        columns = {column.name: column for column in _columns(path, delimiter, header)}
        return np.stack([_feature(columns, feature, features) for feature in features], axis=1)
    except DataError as error:
        raise DataError(f"{_plain(name)}: {error}") from None


def _feature(columns: dict[str, Column], feature: str, features: Sequence[str]) -> Floats:
    column = columns.get(feature)
    word = None
    if column is None:
        owner, _, word = feature.partition("=")
        column = columns.get(owner)
    if column is None:
        close = difflib.get_close_matches(feature, columns, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise DataError(f"there is no column {feature!r}{hint} (found: {_some(list(columns))})")
    if column.missing.any():
        row = int(np.flatnonzero(column.missing)[0]) + 1
        raise DataError(f"column {column.name!r}: found no value for point {row:,}; allowed: one for each point")
    if word is None:
        if column.numbers is None:
            raise DataError(f"column {column.name!r}: found words, such as {column.words[0]!r}; allowed: numbers")
        return column.numbers
    known = [one.partition("=")[2] for one in features if one.startswith(f"{column.name}=")]
    words = column.words if column.codes is not None else tuple(dict.fromkeys(_word(value) for value in column.numbers))  # type: ignore[union-attr]
    if strange := [one for one in words if one not in known]:
        raise DataError(f"column {column.name!r}: found {strange[0]!r}; allowed: {_some(known)}")
    if column.codes is None:
        return np.array([_word(value) == word for value in column.numbers], dtype=np.float64)  # type: ignore[union-attr]
    chosen: Floats = (column.codes == (words.index(word) if word in words else -2)).astype(np.float64)
    return chosen


def _columns(path: str | os.PathLike[str], delimiter: str | None, header: bool | None) -> list[Column]:
    with csv_text.open_text(path) as stream:
        head, lines = csv_text.check(stream)
        plan = csv_text.layout(head, delimiter, header)
        if lines * len(plan.names) > MOST_NUMBERS:
            raise DataError(f"found {lines:,} lines of {len(plan.names):,} values; allowed: at most {MOST_NUMBERS:,} values")
        table = _table(stream, plan)
        return [_column(stream, plan, name, table[i]) for i, name in enumerate(plan.names)]


def _table(stream: BinaryIO, plan: Layout) -> "pa.Table":
    """The file as pyarrow reads it, types found out."""
    import pyarrow as pa
    from pyarrow import csv

    ragged: list[Any] = []

    def refuse(row: Any) -> Literal["error"]:
        ragged.append(row)
        return "error"

    skip = csv_text.line_of(stream, 1) if plan.has_header else 0
    stream.seek(0)
    try:
        return csv.read_csv(
            stream,
            # One thread: only then are rows numbered. Blocks hold the longest line.
            csv.ReadOptions(
                use_threads=False,
                block_size=4 * csv_text.LONGEST_LINE,
                skip_rows=skip,
                column_names=[str(i) for i in range(len(plan.names))],
            ),
            csv.ParseOptions(delimiter=plan.delimiter, invalid_row_handler=refuse),
            csv.ConvertOptions(
                null_values=list(ABSENT), strings_can_be_null=True, quoted_strings_can_be_null=True, decimal_point=plan.decimal
            ),
        )
    except pa.ArrowInvalid as error:
        if ragged:
            line = csv_text.line_of(stream, ragged[0].number - skip, skip)
            found = f"{ragged[0].actual_columns} value{'s' * (ragged[0].actual_columns != 1)}"
            raise DataError(f"line {line:,}: found {found}; allowed: {len(plan.names)}, as in the first line") from None
        raise DataError(f"this is no table of values: {_plain(str(error))}") from None


def _column(stream: BinaryIO, plan: Layout, name: str, values: "pa.ChunkedArray[Any]") -> Column:
    """A column of the table: numbers if all that is there is one, else words."""
    import pyarrow as pa
    from pyarrow import compute

    kind = values.type
    if pa.types.is_null(kind):
        return Column(name, numbers=np.full(len(values), np.nan))
    if not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        words = compute.utf8_trim_whitespace(values.cast(pa.string()))
        words = compute.if_else(compute.is_in(words, pa.array(ABSENT)), pa.scalar(None, pa.string()), words)
        try:  # what only spaces or a plus kept from being numbers
            values = compute.replace_substring_regex(words, r"^\+([0-9.])", r"\1").cast(pa.float64())
        except pa.ArrowInvalid:
            return _words(stream, plan, name, words)
    numbers = values.cast(pa.float64(), safe=False)
    floats = np.array(numbers.to_numpy(), dtype=np.float64)
    infinite = np.isinf(floats)
    if infinite.any():
        row = int(np.argmax(infinite))
        raise DataError(f"{_place(stream, plan, row, name)}: found {values[row].as_py()}; allowed: finite numbers")
    return Column(name, numbers=floats)


def _words(stream: BinaryIO, plan: Layout, name: str, words: "pa.ChunkedArray[Any]") -> Column:
    from pyarrow import compute

    broken = compute.index(compute.match_substring_regex(words, "[\r\n]"), True).as_py()
    if broken >= 0:
        place = _place(stream, plan, broken, name)
        raise DataError(f"{place}: found a value over several lines (or a quote that is not closed); allowed: one line for each point")
    found: Any = words.dictionary_encode().combine_chunks()
    # More words than classes can be are not told apart: whoever wants such a column refuses it.
    kinds = [str(word) for word in found.dictionary[: MOST_CLASSES + 1].to_pylist()]
    order = {word: number for number, word in enumerate(sorted(kinds))}
    numbers = np.array([*(order[word] for word in kinds), -1], dtype=np.int64)
    codes = np.minimum(found.indices.fill_null(-1).to_numpy(zero_copy_only=False), len(kinds) - 1)
    return Column(name, codes=numbers[codes], words=tuple(order))


def _place(stream: BinaryIO, plan: Layout, row: int, name: str) -> str:
    """Where value ``row`` (from 0) of a column stands."""
    return f"line {csv_text.line_of(stream, row + 1 + plan.has_header):,}, column {name!r}"


def _index(columns: list[Column], target: str | None) -> int:
    names = [column.name for column in columns]
    if target is None:
        return len(names) - 1
    if target not in names:
        close = difflib.get_close_matches(target, names, n=1)
        hint = f"; did you mean {close[0]!r}?" if close else ""
        raise DataError(f"there is no column {target!r} for the target{hint} (found: {_some(names)})")
    return names.index(target)


def _dataset(columns: list[Column], target: Column, missing: str, classification: bool, name: str) -> Dataset:
    notes = []
    for column in (target, *columns):
        if column.missing.all():
            raise DataError(f"column {column.name!r}: found no value at all; allowed: a column with numbers or words")
    keep = ~target.missing
    if lost := int(target.missing.sum()):
        notes.append(f"{lost:,} point{'s' * (lost != 1)} without a target left out")
    holes = np.logical_or.reduce([column.missing for column in columns]) & keep
    if missing == "drop" and (lost := int(holes.sum())):
        notes.append(f"{lost:,} point{'s' * (lost != 1)} without one of the inputs left out")
        keep &= ~holes
    if not keep.any():
        raise DataError("every point lacks a value; allowed: at least one complete point, or missing inputs filled in (missing = 'mean')")
    if not keep.all():
        target, columns = _kept(target, keep), [_kept(column, keep) for column in columns]
    filled = 0
    for i, column in enumerate(columns):
        if column.missing.any():
            filled += int(column.missing.sum())
            columns[i] = _filled(column)
    if filled:
        notes.append(f"{filled:,} missing input{'s' * (filled != 1)} replaced by the mean or the most frequent category of the column")
    inputs, features = _encoded(columns)
    targets, classes = _targets(target, classification)
    inputs.flags.writeable = targets.flags.writeable = False
    return Dataset(inputs, targets, features, target.name, classes, name, tuple(notes))


def _kept(column: Column, keep: Mask) -> Column:
    """The column without some points, and without categories that nobody has any more."""
    if column.numbers is not None:
        return Column(column.name, numbers=column.numbers[keep])
    codes = column.codes[keep]  # type: ignore[index]
    left = np.unique(codes[codes >= 0])
    numbers = np.full(len(column.words) + 1, -1)
    numbers[left] = np.arange(len(left))
    return Column(column.name, codes=numbers[codes], words=tuple(column.words[i] for i in left))


def _filled(column: Column) -> Column:
    """The column with the mean, or the most frequent category (the first of several), in place of what is missing."""
    absent = column.missing
    if column.numbers is not None:
        there = column.numbers[~absent]
        scale = max(float(np.abs(there).max()), 1.0)
        mean = math.fsum((there / scale).tolist()) / len(there) * scale
        return Column(column.name, numbers=np.where(absent, mean, column.numbers))
    codes = column.codes
    most = int(np.bincount(codes[~absent]).argmax())  # type: ignore[index]
    return Column(column.name, codes=np.where(absent, most, codes), words=column.words)  # type: ignore[arg-type]


def _encoded(columns: list[Column]) -> tuple[Floats, tuple[str, ...]]:
    """Numbers as they are, one column for each category: an array (points, features) and their names."""
    names: list[str] = []
    for column in columns:
        if len(column.words) > MOST_CATEGORIES:
            examples = ", ".join(repr(word) for word in column.words[:3])
            found = f"found more than {MOST_CATEGORIES} different words ({examples}, ...)"
            raise DataError(f"column {column.name!r}: {found}; allowed: numbers, or at most {MOST_CATEGORIES} categories")
        names += [column.name] if column.numbers is not None else [f"{column.name}={word}" for word in column.words]
    for name in names:
        if names.count(name) > 1:
            raise DataError(f"two inputs would be called {name!r}; allowed: names of columns that differ from those of categories")
    points = len(columns[0].missing)
    if points * len(names) > MOST_NUMBERS:
        raise DataError(f"found {points:,} points of {len(names):,} inputs; allowed: at most {MOST_NUMBERS:,} numbers")
    inputs = np.empty((points, len(names)))
    at = 0
    for column in columns:
        if column.numbers is not None:
            inputs[:, at] = column.numbers
            at += 1
        else:
            for code in range(len(column.words)):
                inputs[:, at] = column.codes == code
                at += 1
    return inputs, tuple(names)


def _targets(column: Column, classification: bool) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Class numbers and what they are called, or a column of numbers."""
    if column.numbers is not None and not classification:
        return np.ascontiguousarray(column.numbers[:, np.newaxis]), ()
    codes, classes = column.codes, column.words
    if column.numbers is not None:
        kinds, codes = np.unique(column.numbers, return_inverse=True)
        classes = tuple(_word(kind) for kind in kinds[: MOST_CLASSES + 1])
    if len(classes) == 1:
        raise DataError(f"column {column.name!r}: found only one class, {classes[0]!r}; allowed: at least two")
    if len(classes) > MOST_CLASSES:
        raise DataError(f"column {column.name!r}: found more than {MOST_CLASSES:,} classes; allowed: at most that, or numbers to predict")
    return np.array(codes, dtype=np.int64), classes


def _word(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 2**53 else repr(float(value))


def _some(names: Sequence[str]) -> str:
    """Names for a message, not too many."""
    listed = ", ".join(repr(name) if len(name) <= 40 else f"{name[:37]!r}..." for name in names[:10])
    return f"{listed}, ... ({len(names)} in all)" if len(names) > 10 else listed


def _plain(text: str) -> str:
    """Text without characters that a terminal would obey."""
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in text)[:300]
