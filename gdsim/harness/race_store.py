"""A race in files: the score of every optimizer, every run that counted, every setting that was tried, and a picture."""

import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from gdsim.harness.race_file import Entry
from gdsim.harness.race_picture import painted
from gdsim.harness.race_result import RaceResult
from gdsim.simulation.table_file import Format, finite, write_table
from gdsim.staged import staged
from gdsim.version import __version__

# ruff: noqa: A002 (``format`` is what the command line calls it too)


def write_race(result: RaceResult, folder: str | Path, format: Format = "parquet", *, dark: bool = False) -> None:
    """Writes ``summary.json``, the tables ``runs`` and ``trials``, and ``picture.png`` into ``folder``, which is made where it is missing.

    In tables a miss is an infinite time. All files are written whole or none is. Raises OSError.
    """
    place = Path(folder)
    with staged(place) as stage:
        text = json.dumps(summary(result), indent=2, ensure_ascii=False, allow_nan=False, default=_plain)
        (stage / "summary.json").write_text(text + "\n", encoding="utf-8", newline="\n")
        made_by = {"gdsim": __version__}
        write_table(_batch(_runs(result)), stage / f"runs.{format}", format, made_by)
        write_table(_batch(_trials(result)), stage / f"trials.{format}", format, made_by)
        painted(result, dark=dark).save(stage / "picture.png", optimize=True)
    for name in ("runs", "trials"):
        (place / f"{name}.{'csv' if format == 'parquet' else 'parquet'}").unlink(missing_ok=True)


def summary(result: RaceResult) -> dict[str, Any]:
    """What ``summary.json`` holds. A miss is None there, and so is every other number that is not finite."""
    keys, times, intervals = result.race.keys, result.times, result.score_intervals
    return {
        "title": keys.title,
        "gdsim": __version__,
        **{name: getattr(keys, name) for name in ("steps", "trials", "seeds", "seed", "tuner", "rates", "reach")},
        "problems": [
            {"name": name, "goal": finite(goal), "table": dict(table)}
            for name, goal, table in zip(result.problems, result.goals, keys.problems, strict=True)
        ],
        "optimizers": [
            {
                "name": result.entries[e],
                **_entrant(result.race.entries[e]),
                "score": finite(result.scores[e]),
                "score_interval": [finite(end) for end in intervals[e]],
                "solved": finite(result.solved[e]),
                "settings_within_twice_the_best": finite(result.forgiveness[e]),
                "times": {name: finite(times[e, p]) for p, name in enumerate(result.problems)},
                "settings": {name: dict(result.settings[e][p]) for p, name in enumerate(result.problems)},
            }
            for e in result.ranking()
        ],
    }


def _entrant(entry: Entry) -> dict[str, Any]:
    """What ran: its table as in a file, or what a target was named and given; and what was tuned."""
    given = {"table": dict(entry.table)} if entry.target is None else {"target": entry.target.name, "values": dict(entry.target.values)}
    return {**given, "tuned": {name: list(ends) for name, ends in entry.intervals.items()}}


def _runs(result: RaceResult) -> Iterator[dict[str, Any]]:
    for e, name in enumerate(result.entries):
        for p, problem in enumerate(result.problems):
            for k, time in enumerate(result.all_times[e, p]):
                row = {"optimizer": name, "problem": problem, "run": k, "time": float(time), "final_loss": float(result.losses[e, p, k])}
                yield {**row, "goal": float(result.goals[p]), **_setting(result.settings[e][p])}


def _trials(result: RaceResult) -> Iterator[dict[str, Any]]:
    for name, row in zip(result.entries, result.trials, strict=True):
        for problem, tried in zip(result.problems, row, strict=True):
            for k, one in enumerate(tried):
                yield {"optimizer": name, "problem": problem, "trial": k, "time": one.time, "loss": one.loss, **_setting(one.setting)}


def _plain(number: Any) -> Any:
    """A number of NumPy, which a table that was made in Python may hold, as JSON has it."""
    return number.item()


def _setting(setting: Mapping[str, float]) -> dict[str, Any]:
    """The learning rate in a column of its own, everything that was tuned as JSON."""
    return {"learning_rate": setting.get("learning_rate", math.nan), "setting": json.dumps(dict(setting))}


def _batch(rows: Iterator[dict[str, Any]]) -> Iterator[Any]:
    import pyarrow as pa

    yield pa.RecordBatch.from_pylist(list(rows))
