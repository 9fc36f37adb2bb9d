"""A sweep on the disk: shards of a table, each whole or not there, and a manifest that says which are. Resumed by content.

    DIR/scenario.toml           the scenario in normal form
    DIR/manifest.jsonl          what this sweep is, then one line a shard, each with a checksum
    DIR/table/part-00000.parquet ...
    DIR/summary.json            shares and the best run, once all shards are there
    DIR/.lock                   held while a sweep is written there; empty

Nothing in it depends on the time, the number of threads or on interruptions: the same sweep gives the same bytes.
"""

import hashlib
import json
import math
import os
import zlib
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import templates
from gdsim.engine.specialise import digest
from gdsim.simulation import durable
from gdsim.simulation.data_source import DataSource, reachable_from
from gdsim.simulation.durable import TornError
from gdsim.simulation.scenario_file import load, to_toml
from gdsim.simulation.sweep import Progress, Shard, stream
from gdsim.simulation.sweep_block import KINDS, Columns, empty
from gdsim.simulation.sweep_networks import digest_of
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_result import SweepResult, result_of
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.version import __version__

MANIFEST, SCENARIO, SUMMARY, TABLE = "manifest.jsonl", "scenario.toml", "summary.json", "table"
LOCK = ".lock"
PAGE = 1 << 18
"""Bytes of a page of a table's column."""
MARGIN = 1 << 20
"""Bytes that a table takes besides its columns, at most: names, and values of axes."""


class SweepStoreError(ValueError):
    """A folder that cannot be gone on with or read as a sweep; the message says why and what to do."""


def write(
    plan: Plan,
    folder: str | os.PathLike[str],
    *,
    workers: int | None = None,
    executor: Executor | None = None,
    resume: bool = False,
) -> Iterator[Progress]:
    """Computes the sweep into ``folder``, shard by shard, telling its progress; with ``resume`` only what is not there yet.

    Raises SweepStoreError where the folder holds a sweep already (or, to be resumed, another one, or one that is being written), OSError;
    what was written stays.
    """
    place = Path(folder)
    (place / TABLE).mkdir(parents=True, exist_ok=True)
    with _locked(place):
        yield from _write(plan, place, workers, executor, resume)


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    """Keeps others from writing to a sweep. The system lets go of the lock where a process ends, however it does."""
    from filelock import FileLock, Timeout

    # A generator may be closed by another thread than the one that began it.
    lock = FileLock(place / LOCK, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        text = f"{place}: another sweep is being written here at this moment; allowed: to wait until it has ended, or another folder"
        raise SweepStoreError(text) from None
    try:
        yield
    finally:
        lock.release()


def _write(plan: Plan, place: Path, workers: int | None, executor: Executor | None, resume: bool) -> Iterator[Progress]:
    header = _header(plan)
    done = _begun(place, header, resume)
    todo = [(low, high) for low, high in plan.shards() if low // plan.shard not in done]
    before = plan.size - sum(high - low for low, high in todo)
    rooms = _Rooms(plan)
    # Everything is written while the next shard is computed.
    with ThreadPoolExecutor(1, thread_name_prefix="gdsim-sweep-writer") as writer:
        under_way = writer.submit(_open, plan, place, [header, *done.values()])
        for told in stream(plan, iter(todo), workers, executor, rooms.take):
            if isinstance(told, Shard):
                under_way.result()
                under_way = writer.submit(_store, plan, place, told, done, rooms)
            else:
                if under_way.done():
                    under_way.result()
                yield Progress(before + told.done, plan.size, told.notice)
        under_way.result()
    if list(done) != sorted(done):  # shards came out of order, or had been lost in the middle
        durable.write_lines(place / MANIFEST, [header, *(done[number] for number in sorted(done))])
    durable.write_whole(place / SUMMARY, _summary(plan, done).encode())
    yield Progress(plan.size, plan.size)


def _open(plan: Plan, place: Path, lines: list[dict[str, Any]]) -> None:
    """Writes what a sweep is before its first shard, and a manifest without a torn end."""
    durable.write_whole(place / SCENARIO, to_toml(reachable_from(plan.scenario, place)).encode())
    durable.write_lines(place / MANIFEST, lines)


class _Rooms:
    """Columns to compute shards into: those of shards that are written are used again."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._free: deque[Columns] = deque()
        self._lent: dict[int, Columns] = {}

    def take(self, low: int, high: int) -> Columns:
        columns = self._free.pop() if self._free else empty(self._plan, min(self._plan.shard, self._plan.size))
        self._lent[low] = columns
        return {name: values[: high - low] for name, values in columns.items()}

    def give_back(self, low: int) -> None:
        """Says that the shard from run ``low`` on is written. One that came from elsewhere has no room here."""
        if (columns := self._lent.pop(low, None)) is not None:
            self._free.append(columns)


def read(folder: str | os.PathLike[str]) -> SweepResult:
    """The finished sweep in ``folder``. Raises SweepStoreError where there is none, or an unfinished one; OSError."""
    import pyarrow.parquet

    place = Path(folder)
    if not (place / MANIFEST).is_file():
        raise SweepStoreError(f"{place}: there is no sweep here ({MANIFEST} is missing)")
    header, *entries = _lines(place)
    plan = Plan(load(place / SCENARIO), shard=header["shard"])
    whole = [entry for entry in entries if _intact(place, entry)]
    count = math.ceil(plan.size / plan.shard)
    if [entry["shard"] for entry in whole] != list(range(count)):
        raise SweepStoreError(f"{place}: {len(whole)} of {count} shards are there; the sweep goes on with resume")
    columns = empty(plan, plan.size)
    codes = {str(outcome): code for code, outcome in enumerate(OUTCOMES)}
    for entry in whole:
        with open(place / entry["file"], "rb") as stream:  # pyarrow itself opens no file whose name is not UTF-8
            table = pyarrow.parquet.read_table(stream, columns=list(columns), read_dictionary=["verdict"])
        for name, values in columns.items():
            column: Any = table.column(name).combine_chunks()
            if name == "verdict":
                column = column.chunk(0) if hasattr(column, "chunk") else column
                named = np.array([codes[word] for word in column.dictionary.to_pylist()], dtype=np.int8)
                values[entry["low"] : entry["high"]] = named[column.indices.to_numpy()]
            else:
                values[entry["low"] : entry["high"]] = column.to_numpy(zero_copy_only=False)
    return result_of(plan, columns)


@lru_cache(maxsize=8)
def _normal_form(plan: Plan) -> bytes:
    return to_toml(plan.scenario).encode()


def _header(plan: Plan) -> dict[str, Any]:
    """What decides every number of the table, and its cut."""
    return {
        "gdsim": __version__,
        "scenario": hashlib.sha256(_normal_form(plan)).hexdigest(),
        "engine": engine_digest(plan),
        "data": data_digest(plan),
        "runs": plan.size,
        "shard": plan.shard,
    }


@lru_cache(maxsize=8)
def engine_digest(plan: Plan) -> str:
    """Of all the code that computes this sweep."""
    state = hashlib.sha256()
    if plan.scenario.is_network:
        return digest_of(plan.scenario)
    for bindings in plan.bindings:
        state.update(digest(plan.precision.leaf(templates.block), bindings).encode())  # type: ignore[arg-type]
    return state.hexdigest()[:24]


def data_digest(plan: Plan) -> str:
    """Of the points that the landscape or the network is fitted to; empty where there are none."""
    problem = plan.scenario.problem
    return problem.loaded.digest if isinstance(problem, DataSource) else ""


def _begun(place: Path, header: dict[str, Any], resume: bool) -> dict[int, dict[str, Any]]:
    """The manifest's entries of the shards that are there, by number."""
    if not (place / MANIFEST).is_file():
        return {}
    if not resume:
        raise SweepStoreError(f"{place}: there is a sweep here already; allowed: to resume it, or another folder")
    lines = _lines(place, empty_too=True)
    if not lines:
        return {}
    words = {"scenario": "scenario", "engine": "version of gdsim or Python", "data": "data set", "shard": "cut into shards"}
    for key, word in words.items():
        if lines[0].get(key) != header[key]:
            raise SweepStoreError(f"{place}: the sweep here has another {word}; allowed: to resume the same one, or another folder")
    return {entry["shard"]: entry for entry in sorted(lines[1:], key=lambda one: int(one["shard"])) if _intact(place, entry)}


def _lines(place: Path, empty_too: bool = False) -> list[dict[str, Any]]:
    try:
        lines = durable.read_lines(place / MANIFEST)
    except TornError as error:
        raise SweepStoreError(f"{error}; allowed: another folder, or remove {place / MANIFEST} to begin anew") from None
    if not lines and not empty_too:
        raise SweepStoreError(f"{place}: the manifest is empty; the sweep goes on with resume")
    return lines


def _intact(place: Path, entry: dict[str, Any]) -> bool:
    """Whether the shard's file holds what was written."""
    try:
        return bool(zlib.crc32((place / entry["file"]).read_bytes()) == entry.get("crc32"))
    except OSError:
        return False


def _store(plan: Plan, place: Path, shard: Shard, done: dict[int, dict[str, Any]], rooms: _Rooms) -> None:
    """Writes the shard's part of the table and then its line of the manifest, which joins ``done``; its room is free again."""
    number = shard.low // plan.shard
    name = f"{TABLE}/part-{number:05d}.parquet"
    content = encoded(plan, shard)
    durable.write_whole(place / name, content)
    counts = np.bincount(shard.columns["verdict"], minlength=len(OUTCOMES)).tolist()
    entry = {
        "shard": number,
        "low": shard.low,
        "high": shard.high,
        "file": name,
        "bytes": len(content),
        "crc32": zlib.crc32(content),
        "verdicts": counts,
        "best": _best(shard),
    }
    durable.append_line(place / MANIFEST, entry)
    done[number] = entry
    rooms.give_back(shard.low)


def _best(shard: Shard) -> list[float]:
    """Final loss, steps and number of the best run of the shard."""
    losses = np.where(np.isfinite(shard.columns["final_loss"]), shard.columns["final_loss"], np.finfo(np.float64).max)
    lowest = np.flatnonzero(losses == losses.min())
    best = int(lowest[np.argmin(shard.columns["steps"][lowest])])
    return [float(losses[best]), int(shard.columns["steps"][best]), shard.low + best]


def encoded(plan: Plan, shard: Shard) -> memoryview:
    """The shard as a Parquet file: the run's label where there are several, the axes, then the columns."""
    from importlib import import_module

    pa: Any = import_module("pyarrow")  # its stubs know little of dictionaries
    parquet: Any = import_module("pyarrow.parquet")
    run, places = plan.places(range(shard.low, shard.high))
    arrays: dict[str, Any] = {}
    if len(plan.scenario.runs) > 1:
        labels = pa.array([each.label or each.optimizer for each in plan.scenario.runs])
        arrays["run"] = pa.DictionaryArray.from_arrays(pa.array(run.astype(np.int32)), labels)
    for axis, place_on_axis in zip(plan.axes, places, strict=True):
        arrays[axis.name] = pa.DictionaryArray.from_arrays(pa.array(place_on_axis.astype(np.int32)), pa.array(axis.values))
    arrays |= {name: pa.array(one_nan(shard.columns[name])) for name in KINDS if name in shard.columns}
    words = pa.array([str(outcome) for outcome in OUTCOMES])
    arrays["verdict"] = pa.DictionaryArray.from_arrays(pa.array(shard.columns["verdict"]), words)
    # Without a null to look for, columns are written in a third less time.
    fields = [pa.field(name, array.type, nullable=False) for name, array in arrays.items()]
    about = {"gdsim": __version__, "rows": f"{shard.low} to {shard.high}"}
    table = pa.table(list(arrays.values()), schema=pa.schema(fields, metadata=about))
    named = [name for name, array in arrays.items() if isinstance(array, pa.DictionaryArray)]
    # A stream that grows as it is written copies everything again; and pages are small enough for a processor's cache.
    content = np.empty(2 * table.nbytes + MARGIN, np.uint8)
    sink = pa.FixedSizeBufferWriter(pa.py_buffer(content))
    how = {"compression": "none", "write_statistics": False, "store_schema": False, "data_page_size": PAGE, "write_batch_size": PAGE // 8}
    parquet.write_table(table, sink, use_dictionary=named, **how)
    return content[: sink.tell()].data


def one_nan(values: NDArray[Any]) -> NDArray[Any]:
    """The same numbers, with one bit pattern for every NaN: which one comes out of an operation depends on the processor."""
    if values.dtype.kind != "f":
        return values
    lacking = np.isnan(values)
    return np.where(lacking, np.nan, values) if lacking.any() else values


def _summary(plan: Plan, done: dict[int, dict[str, Any]]) -> str:
    counts = np.sum([entry["verdicts"] for entry in done.values()], axis=0)
    loss, steps, row = min(tuple(entry["best"]) for entry in done.values())
    _, places = plan.places(np.array([row]))
    values = {axis.name: float(axis.values[place[0]]) for axis, place in zip(plan.axes, places, strict=True)}
    content = {
        "title": plan.scenario.title,
        "gdsim": __version__,
        "runs": plan.size,
        "axes": {axis.name: len(axis.values) for axis in plan.axes},
        "verdicts": {str(outcome): int(count) for outcome, count in zip(OUTCOMES, counts, strict=True) if count},
        "best": {"run": row, "values": values, "final_loss": loss, "steps": steps},
    }
    return json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
