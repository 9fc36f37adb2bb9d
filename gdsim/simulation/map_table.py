"""What a map shows as one table in a file, written whole or not at all."""

import io
from pathlib import Path
from typing import Any

import numpy as np

from gdsim.simulation.durable import write_whole
from gdsim.simulation.sweep import Shard
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_result import SweepResult
from gdsim.simulation.sweep_store import encoded
from gdsim.simulation.sweep_verdict import OUTCOMES

TABLES = (".parquet", ".csv")


def write_map_table(result: SweepResult, file: Path) -> None:
    """Every run a row: the axes, the verdict, the other columns. Raises ValueError for another suffix than .parquet and .csv, OSError."""
    suffix = file.suffix.lower()
    if suffix not in TABLES:
        raise ValueError(f"{file}: a table is one of {', '.join(TABLES)}, not {suffix or 'a file without a suffix'}")
    write_whole(file, _csv(result) if suffix == ".csv" else _parquet(result))


def _parquet(result: SweepResult) -> memoryview:
    return encoded(Plan(result.scenario, "cpu"), Shard(0, result.size, dict(result.columns)))


def _csv(result: SweepResult) -> bytes:
    import pyarrow
    import pyarrow.csv

    table: dict[str, Any] = {}
    places = np.unravel_index(np.arange(result.size), result.shape)
    for (name, values), place in zip(result.axes.items(), places, strict=True):
        table[name] = values[place]
    words = np.array([str(outcome) for outcome in OUTCOMES])
    table["verdict"] = words[result.columns["verdict"]]
    table |= {name: values for name, values in result.columns.items() if name != "verdict"}
    sink = io.BytesIO()
    pyarrow.csv.write_csv(pyarrow.table(table), sink)
    return sink.getvalue()
