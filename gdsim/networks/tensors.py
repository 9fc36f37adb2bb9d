"""Tensors in a safetensors file: eight bytes that say how long the header is, a header in JSON, then the numbers.

A file may come from anyone. Everything that its header says is checked against the file's size before any number is read, and what a
reader allocates is never more than a few times the file. The format: https://huggingface.co/docs/safetensors.
"""

import json
import math
import os
import stat
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.staged import staged

Array = NDArray[Any]
Place = tuple[str, tuple[int, ...], int, int]
"""Type, shape, begin and end of a tensor."""

MOST_BYTES = 1 << 28
MOST_HEADER = 1 << 20
MOST_TENSORS = 4096
MOST_AXES = 8
LONGEST_NAME = 200
LENGTH = 8
"""Bytes before the header."""

METADATA = "__metadata__"
TYPES: Mapping[str, str] = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "U64": "<u8", "I32": "<i4", "U32": "<u4", "U8": "|u1"}

A_FILE = "a safetensors file"
HOW_TO_SAVE = "safetensors.torch.save_file(model.state_dict(), 'model.safetensors')"
FOREIGN = (
    (b"PK\x03\x04", "a zip archive, as torch.save writes it"),
    (b"\x80", "a pickle, as torch.save and joblib write it"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89HDF", "an HDF5 file, as Keras writes it"),
    (b"PAR1", "a Parquet file"),
    (b"GGUF", "a GGUF file"),
)
"""How files begin that are often taken for weights."""


class WeightsError(ValueError):
    """A file of weights that cannot be used: ``file``, the ``tensor`` concerned (empty for the file as a whole), what was ``found`` and
    what is ``allowed``.
    """

    def __init__(self, file: str | os.PathLike[str], tensor: str, found: str, allowed: str) -> None:
        self.file, self.tensor, self.found, self.allowed = os.fsdecode(file), tensor, found, allowed
        where = ": ".join(part for part in (printable(self.file), printable(tensor)) if part)
        super().__init__(f"{where}: found {found}; allowed: {allowed}" if where else f"found {found}; allowed: {allowed}")


def save_tensors(path: str | os.PathLike[str], tensors: Mapping[str, Array], metadata: Mapping[str, str] | None = None) -> None:
    """Writes ``tensors`` by name, whole or not at all, in a folder that is made where it is missing.

    Equal tensors and ``metadata`` make equal files, to the bit. Raises WeightsError for what the format (or the reader below) does not
    take, and OSError.
    """
    file = Path(path)
    content = to_bytes(tensors, metadata, file)
    with staged(file.parent) as stage:
        (stage / file.name).write_bytes(content)


def load_tensors(path: str | os.PathLike[str]) -> tuple[dict[str, Array], dict[str, str]]:
    """The tensors of a file by name, arrays of their own, and its metadata. Raises WeightsError where the file cannot be used."""
    file = os.fsdecode(path)
    return from_bytes(_content(file), file)


def to_bytes(tensors: Mapping[str, Array], metadata: Mapping[str, str] | None = None, file: str | os.PathLike[str] = "") -> bytes:
    """What ``save_tensors`` writes. Raises WeightsError."""
    header: dict[str, Any] = {METADATA: dict(metadata)} if metadata else {}
    arrays = {name: np.asarray(array) for name, array in tensors.items()}
    # Wide numbers first: so each begins where its type is aligned, and a reader may map the file.
    order = sorted(arrays, key=lambda name: -arrays[name].itemsize)
    begin, parts = 0, []
    for name in order:
        array = arrays[name]
        kind = next((kind for kind, spelling in TYPES.items() if np.dtype(spelling) == array.dtype.newbyteorder("<")), None)
        if kind is None:
            raise WeightsError(file, name, f"numbers of type {array.dtype}", f"one of {', '.join(TYPES)}")
        parts.append(np.ascontiguousarray(array, dtype=TYPES[kind]).tobytes())
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [begin, begin + len(parts[-1])]}
        begin += len(parts[-1])
    text = json.dumps(header, ensure_ascii=True, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    content = len(text).to_bytes(LENGTH, "little") + text + b"".join(parts)
    from_bytes(content, file)  # what is written can be read
    return content


def from_bytes(content: bytes, file: str | os.PathLike[str] = "") -> tuple[dict[str, Array], dict[str, str]]:
    """What ``load_tensors`` returns, from the content of a file. Raises WeightsError."""
    if len(content) > MOST_BYTES:
        raise WeightsError(file, "", f"{len(content):,} bytes", f"{A_FILE} of at most {MOST_BYTES:,} bytes")
    begin = _begin_of_numbers(content, file)
    header = _header(content[LENGTH:begin], file)
    metadata = header.pop(METADATA, {})
    if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
        raise WeightsError(file, METADATA, "something else", "a table of texts")
    if len(header) > MOST_TENSORS:
        raise WeightsError(file, "", f"{len(header):,} tensors", f"at most {MOST_TENSORS:,}")
    places = {name: _place(name, entry, len(content) - begin, file) for name, entry in header.items()}
    _check_that_nothing_overlaps(places, len(content) - begin, file)
    tensors = {}
    for name, (kind, shape, low, high) in places.items():
        numbers = np.frombuffer(content[begin + low : begin + high], dtype=TYPES[kind])
        tensors[name] = numbers.reshape(shape).astype(np.dtype(TYPES[kind]).newbyteorder("="))
    return tensors, metadata


def _content(file: str) -> bytes:
    """The bytes of a regular file that is not too large."""
    try:
        if not stat.S_ISREG(os.stat(file).st_mode):
            raise WeightsError(file, "", "something that is not a regular file", A_FILE)
        with open(file, "rb") as stream:
            size = os.fstat(stream.fileno()).st_size
            content = stream.read(size + 1) if size <= MOST_BYTES else b""
    except (OSError, ValueError) as error:
        if isinstance(error, WeightsError):
            raise
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise WeightsError(file, "", f"a file that cannot be read ({reason})", A_FILE) from None
    if size > MOST_BYTES:
        raise WeightsError(file, "", f"{size:,} bytes", f"{A_FILE} of at most {MOST_BYTES:,} bytes")
    return content


def _begin_of_numbers(content: bytes, file: str | os.PathLike[str]) -> int:
    """Where the header ends."""
    if len(content) < LENGTH + 2:
        raise WeightsError(file, "", f"{len(content)} bytes", f"{A_FILE}, which has at least {LENGTH + 2}")
    length = int.from_bytes(content[:LENGTH], "little")
    begins = content[LENGTH : LENGTH + 1] == b"{"
    if not begins and (what := next((what for start, what in FOREIGN if content.startswith(start)), None)):
        pickled = "torch" in what
        hint = f"; it is not opened, because such a file may run anything. In PyTorch, save weights with {HOW_TO_SAVE}" if pickled else ""
        raise WeightsError(file, "", what, f"{A_FILE}{hint}")
    if length > len(content) - LENGTH:
        found = f"{len(content):,} bytes, whose first 8 announce a header of {length:,}"
        raise WeightsError(file, "", found, f"{A_FILE}; this one is cut off, or another kind of file")
    if length > MOST_HEADER:
        raise WeightsError(file, "", f"a header of {length:,} bytes", f"at most {MOST_HEADER:,}")
    if not begins or length < 2:
        raise WeightsError(file, "", "no header in JSON after the first 8 bytes", A_FILE)
    return LENGTH + length


def _header(text: bytes, file: str | os.PathLike[str]) -> dict[str, Any]:
    """The header as a table in which no name stands twice."""

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            ((twice, _),) = Counter(name for name, _ in pairs).most_common(1)
            raise WeightsError(file, twice, "this name twice in the header", "once")
        return made

    try:
        # Strict UTF-8, and no characters that cannot be written again (half of a surrogate pair).
        header = json.loads(text.decode("utf-8"), object_pairs_hook=table)
        json.dumps(header, ensure_ascii=False).encode("utf-8")
    except WeightsError:
        raise
    except (RecursionError, MemoryError):
        raise WeightsError(file, "", "a header nested too deeply", "two levels, as safetensors writes them") from None
    except ValueError as error:
        raise WeightsError(file, "", f"a header that is not JSON ({printable(str(error))})", A_FILE) from None
    if not isinstance(header, dict):
        raise WeightsError(file, "", "a header that is not a table", "a table of tensors")
    return header


def _place(name: str, entry: Any, size: int, file: str | os.PathLike[str]) -> Place:
    """Where a tensor lies within ``size`` bytes of numbers."""
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise WeightsError(file, name, "this name of a tensor", f"1 to {LONGEST_NAME} printable characters")
    if not isinstance(entry, dict) or set(entry) != {"dtype", "shape", "data_offsets"}:
        raise WeightsError(file, name, "another entry in the header", "a table of dtype, shape and data_offsets")
    kind, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise WeightsError(file, name, f"numbers of type {printable(kind) if isinstance(kind, str) else '?'}", f"one of {', '.join(TYPES)}")
    if not _are_counts(shape) or len(shape) > MOST_AXES:
        raise WeightsError(file, name, f"the shape {_shown(shape)}", f"an array of at most {MOST_AXES} whole numbers >= 0")
    if not _are_counts(offsets) or len(offsets) != 2 or not offsets[0] <= offsets[1] <= size:
        raise WeightsError(file, name, f"data_offsets {_shown(offsets)}", f"[begin, end] within the {size:,} bytes that follow")
    low, high = offsets
    needed = math.prod(shape) * np.dtype(TYPES[kind]).itemsize
    if needed != high - low:
        found = f"{high - low:,} bytes for the shape {_shown(shape)} of {kind}"
        raise WeightsError(file, name, found, f"as many as it takes ({needed:,})" if needed <= MOST_BYTES else "as many as it takes")
    if math.prod(axis or 1 for axis in shape) > MOST_BYTES:  # no numbers, but too many places for NumPy to count
        raise WeightsError(file, name, f"the shape {_shown(shape)}", f"at most {MOST_BYTES:,} places")
    return kind, tuple(shape), low, high


def _are_counts(values: Any) -> bool:
    return isinstance(values, list) and all(type(value) is int and value >= 0 for value in values)


def _check_that_nothing_overlaps(places: Mapping[str, Place], size: int, file: str | os.PathLike[str]) -> None:
    """Every byte after the header belongs to one tensor."""
    end = 0
    for name, (_, _, low, high) in sorted(places.items(), key=lambda each: each[1][2:]):
        if low != end:
            what = "numbers of another tensor too" if low < end else f"{low - end:,} bytes before it that belong to nothing"
            raise WeightsError(file, name, what, "tensors one after the other")
        end = high
    if end != size:
        raise WeightsError(file, "", f"{size - end:,} bytes after the last tensor", "nothing")


def _shown(values: Any) -> str:
    plain = isinstance(values, list) and len(values) <= 2 * MOST_AXES and all(type(value) is int for value in values)
    return printable(str(values)) if plain else "something else"


def printable(text: str) -> str:
    """A stranger's text for a message: short, on one line, and nothing that a terminal would obey."""
    plain = text if text.isprintable() else ascii(text)[1:-1]
    return plain if len(plain) <= LONGEST_NAME else f"{plain[: LONGEST_NAME - 3]}..."
