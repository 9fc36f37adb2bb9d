"""A table in a file, as Parquet or CSV, written batch by batch."""

import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

# ruff: noqa: A002 (``format`` is what the command line calls it too)

Format = Literal["parquet", "csv"]


def write_table(batches: Iterator[Any], file: Path, format: Format, made_by: Mapping[str, str]) -> None:
    """Writes record batches of one schema, at least one; ``made_by`` is kept beside them where the format can. Raises OSError."""
    import pyarrow.csv
    import pyarrow.parquet

    first = next(batches)
    with open(file, "wb") as stream:
        if format == "csv":
            stream.write((",".join(map(_quoted, first.schema.names)) + "\n").encode())
            writer: Any = pyarrow.csv.CSVWriter(stream, first.schema, write_options=pyarrow.csv.WriteOptions(include_header=False))
        else:
            writer = pyarrow.parquet.ParquetWriter(stream, first.schema.with_metadata(dict(made_by)))
        with writer:
            writer.write_batch(first)
            for batch in batches:
                writer.write_batch(batch)


def _quoted(name: str) -> str:
    """The name of a column in a line of CSV: in quotes only where it needs them."""
    return '"' + name.replace('"', '""') + '"' if any(sign in name for sign in ',"\r\n') else name


def finite(value: float) -> float | None:
    """A number for JSON, which has no infinity and no NaN."""
    return float(value) if math.isfinite(value) else None
