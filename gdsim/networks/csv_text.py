"""What a CSV file is before its values are read: text or not, how large, what separates its values, whether it has a header."""

import csv
import os
import re
import stat
from dataclasses import dataclass
from typing import BinaryIO

from gdsim.networks.dataset import DataError

MOST_BYTES = 1 << 30
MOST_ROWS = 5_000_000
MOST_COLUMNS = 4096
LONGEST_LINE = 1 << 20
CHUNK = 1 << 20
HEAD = 100
"""Lines from which the delimiter and the header are found out."""

DELIMITERS = {"\t": "tab", ";": "semicolon", ",": "comma"}
"""What may separate values, the least likely to stand within one first."""

ABSENT = ("", "NA", "N/A", "na", "n/a", "NaN", "nan", "-nan", "-NaN", "NULL", "null", "?")
"""How a value is written that is missing."""

BOMS = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16", b"\x00\x00\xfe\xff": "UTF-32"}


@dataclass(frozen=True, slots=True)
class Layout:
    """How a file is to be read: what separates values, what its columns are called, and the sign before decimals."""

    delimiter: str
    names: tuple[str, ...]
    has_header: bool
    decimal: str


def open_text(path: str | os.PathLike[str]) -> BinaryIO:
    """The regular file of that name, opened. Raises DataError."""
    try:
        stream = open(path, "rb", opener=_opener)  # noqa: SIM115 (the caller closes it)
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        if isinstance(error, FileNotFoundError | NotADirectoryError):
            raise DataError("there is no such file") from None
        if isinstance(error, IsADirectoryError):
            raise DataError("found a folder; allowed: a CSV file") from None
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise DataError(f"the file cannot be read: {reason[:1].lower()}{reason[1:]}") from None
    state = os.fstat(stream.fileno())
    if not stat.S_ISREG(state.st_mode):
        stream.close()
        raise DataError("found something that is not a regular file; allowed: a CSV file")
    return stream


def _opener(path: str, flags: int) -> int:
    # Without waiting: opening a pipe that nobody writes to would never come back.
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def check(stream: BinaryIO) -> tuple[list[str], int]:
    """Reads the whole file once, as bytes, a chunk at a time. Returns its first lines that are not empty, and how many lines it has.

    Raises DataError.
    """
    size = os.fstat(stream.fileno()).st_size
    if size > MOST_BYTES:
        raise DataError(f"found {size:,} bytes; allowed: at most {MOST_BYTES:,}")
    head: list[str] = []
    lines = read = 0
    rest = b""
    while chunk := stream.read(CHUNK):
        if not read:
            chunk = _without_mark(chunk)
        read += len(chunk)
        if read > MOST_BYTES:
            raise DataError(f"found more than {MOST_BYTES:,} bytes; allowed: at most that")
        block = rest + chunk
        cut = block.rfind(b"\n") + 1
        block, rest = block[:cut], block[cut:]
        if max(block.find(b"\n"), len(rest)) > LONGEST_LINE:
            at = lines + (block.count(b"\n") + 1 if len(rest) > LONGEST_LINE else 1)
            raise DataError(f"line {at:,}: found more than {LONGEST_LINE:,} bytes; allowed: at most that in a line")
        _look_at(block, lines, head)
        lines += block.count(b"\n")
        if lines > MOST_ROWS + 1:
            raise DataError(f"found more than {MOST_ROWS:,} lines; allowed: at most that")
    _look_at(rest, lines, head)
    if not head:
        raise DataError("found an empty file; allowed: a line for each point, at least one")
    return head, lines + bool(rest)


def _without_mark(chunk: bytes) -> bytes:
    for mark, name in BOMS.items():
        if chunk.startswith(mark):
            raise DataError(f"found {name} text; allowed: a file saved as UTF-8")
    return chunk.removeprefix(b"\xef\xbb\xbf")


def _look_at(block: bytes, before: int, head: list[str]) -> None:
    """Whether these lines are text; the first ones go to ``head``."""
    if (at := block.find(b"\0")) >= 0:
        raise DataError(f"line {before + block.count(bytes([10]), 0, at) + 1:,}: found a zero byte; allowed: text (UTF-8)")
    try:
        text = block.decode()
    except UnicodeDecodeError as error:
        line = before + block.count(b"\n", 0, error.start) + 1
        raise DataError(f"line {line:,}: found byte 0x{block[error.start]:02x}, which is not UTF-8 text; allowed: UTF-8") from None
    if len(head) < HEAD:
        if re.search(r"\r(?!\n|$)", text[:CHUNK]):
            raise DataError("found lines that end in a carriage return alone; allowed: lines that end in a line feed (\\n)")
        # No split of a whole chunk for a few lines of it.
        start = 0
        while len(head) < HEAD and start < len(text):
            end = text.find("\n", start)
            end = len(text) if end < 0 else end
            if line_text := text[start:end].removesuffix("\r"):
                head.append(line_text)
            start = end + 1


def layout(head: list[str], delimiter: str | None = None, header: bool | None = None) -> Layout:
    """How the file with these first lines is to be read; what is given is not found out. Raises DataError."""
    if delimiter is not None and delimiter not in DELIMITERS:
        raise DataError(f"found the delimiter {delimiter!r}; allowed: {', '.join(map(repr, DELIMITERS))}")
    sign = delimiter or _delimiter(head)
    _check_quotes(head[0], sign)
    rows = [_cells(line, sign) for line in head]
    width = len(rows[0])
    if width < 2:
        raise DataError(f"found one column; allowed: inputs and a target, separated by {', '.join(DELIMITERS.values())}")
    if width > MOST_COLUMNS:
        raise DataError(f"found {width:,} columns; allowed: at most {MOST_COLUMNS:,}")
    decimal = _decimal(rows, sign)
    named = _is_header(rows, decimal) if header is None else header
    names = tuple(cell.strip() or f"column{i + 1}" for i, cell in enumerate(rows[0])) if named else _numbered(width)
    for name in names:
        if names.count(name) > 1:
            columns = ", ".join(str(i + 1) for i, other in enumerate(names) if other == name)
            raise DataError(f"first line: found the name {name!r} for the columns {columns}; allowed: names that are all different")
    if named and len(head) == 1:
        raise DataError("found names of columns and nothing else; allowed: at least one line of values")
    return Layout(sign, names, named, decimal)


def _numbered(width: int) -> tuple[str, ...]:
    return tuple(f"column{i + 1}" for i in range(width))


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error as error:
        raise DataError(f"found a line that is no row of values: {error}") from None


def _check_quotes(line: str, delimiter: str) -> None:
    try:
        next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise DataError(f"first line: found values that cannot be told apart ({error}); allowed: quotes that are closed") from None


def _delimiter(head: list[str]) -> str:
    """What cuts all lines into as many values, two at least; else what cuts most of them."""
    widths = {sign: [len(_cells(line, sign)) for line in head] for sign in DELIMITERS}
    for sign, found in widths.items():
        if min(found) == max(found) >= 2:
            return sign
    return max(widths, key=lambda sign: sum(width >= 2 for width in widths[sign]))


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    """A decimal comma, where values have one and none has a point."""
    cells = [cell.strip() for row in rows for cell in row]
    comma = any(re.fullmatch(r"[+-]?\d*,\d+(?:[eE][+-]?\d+)?", cell) for cell in cells)
    point = any(re.fullmatch(r"[+-]?\d*\.\d+(?:[eE][+-]?\d+)?", cell) for cell in cells)
    return "," if comma and not point and delimiter != "," else "."


def _is_header(rows: list[list[str]], decimal: str) -> bool:
    """Whether the first row names the columns: words over numbers, or words alone."""
    kinds = [[_kind(cell, decimal) for cell in row] for row in rows]
    if all(kind != "number" for kind in kinds[0]) and "text" in kinds[0]:
        return True
    for i, kind in enumerate(kinds[0]):
        below = {row[i] for row in kinds[1:] if i < len(row)} - {"absent"}
        if kind == "text" and below == {"number"}:
            return True
    return False


def _kind(cell: str, decimal: str) -> str:
    text = cell.strip()
    if text in ABSENT:
        return "absent"
    try:
        float(text.replace(decimal, "."))
    except ValueError:
        return "text"
    return "number"


def line_of(stream: BinaryIO, row: int, after: int = 0) -> int:
    """The number of the line in which row ``row`` stands, counted from 1 behind the first ``after`` lines: empty lines are no rows."""
    stream.seek(0)
    seen = number = 0
    for number, text in enumerate(stream, 1):
        seen += number > after and text not in (b"\n", b"\r\n")
        if seen == row:
            break
    return number
