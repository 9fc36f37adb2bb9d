"""Results in files: ``summary.json`` and a table of every recorded point, as Parquet or CSV."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.extras import extra
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.store_training import file_names, summary_of_training, write_trainings
from gdsim.simulation.table_file import Format, finite, write_table
from gdsim.simulation.training_record import Training
from gdsim.simulation.trajectory import Result, Trajectory
from gdsim.staged import staged
from gdsim.version import __version__

# ruff: noqa: A002 (``format`` is what the command line calls it too)

FORMATS: tuple[Format, ...] = get_args(Format)
TABLES = ("trajectories", "epochs", "predictions")
BATCH = 1 << 20
"""Points that are put into a table at once."""


def write(result: Result, folder: str | Path, format: Format = "parquet") -> None:
    """Writes ``summary.json`` and ``trajectories.parquet`` (or ``.csv``) into ``folder``, which is made where it is missing.

    Where networks were trained, also the tables ``epochs`` and (with a test part) ``predictions``, and ``weights/LABEL.safetensors`` of
    every run. All files are written whole or none is. Tables that an earlier run left there are removed. Raises OSError.
    """
    with staged(Path(folder)) as stage:
        write_files(result, stage, format)
    remove_other_tables(result, Path(folder), format)


def write_files(result: Result, folder: Path, format: Format) -> None:
    """The files of ``write``, straight into a folder that exists."""
    text = json.dumps(summary(result), indent=2, ensure_ascii=False, allow_nan=False)
    (folder / "summary.json").write_text(text + "\n", encoding="utf-8", newline="\n")
    made_by = {"gdsim": __version__, "scenario": _scenario_text(result)}
    write_table(_batches(result), folder / f"trajectories.{format}", format, made_by)
    if trained := [run for run in result.runs if isinstance(run, Training)]:
        write_trainings(trained, folder, format, made_by)


def remove_other_tables(result: Result, folder: Path, format: Format) -> None:
    """Removes the tables that an earlier run left and that are not of ``result`` in this format."""
    trained = [run for run in result.runs if isinstance(run, Training)]
    there = {"trajectories": True, "epochs": bool(trained), "predictions": any(run.test for run in trained)}
    for name in TABLES:
        for other in FORMATS:
            if other != format or not there[name]:
                (folder / f"{name}.{other}").unlink(missing_ok=True)


def summary(result: Result) -> dict[str, Any]:
    """What ``summary.json`` holds. Numbers that are not finite (the losses of a run that diverged) are None, ``null`` in the file."""
    names = file_names([run.label for run in result.runs])
    return {
        "title": result.scenario.title,
        "seed": result.scenario.seed,
        "gdsim": __version__,
        "runs": [
            _summary_of(run) | (summary_of_training(run, name) if isinstance(run, Training) else {})
            for run, name in zip(result.runs, names, strict=True)
        ],
    }


def _summary_of(run: Trajectory) -> dict[str, Any]:
    return {
        "label": run.label,
        "optimizer": run.optimizer,
        "learning_rate": run.learning_rate,
        "verdict": str(run.verdict.outcome),
        "rate": str(run.verdict.rate),
        "evidence": run.verdict.evidence,
        "steps": run.steps,
        "evaluations": int(evaluations(run).sum()),
        "final_loss": finite(run.losses[-1]),
        **({"final_position": [finite(weight) for weight in run.positions[-1]]} if run.positions.shape[1] else {}),
        "diverged_at": run.diverged_at,
        "converged_at": run.converged_at,
    }


def columns(run: Trajectory, index: int, rows: slice = slice(None)) -> dict[str, Any]:
    """The columns of the table for the points ``rows`` of run number ``index``; arrays of one length."""
    losses = run.losses[rows]
    low = rows.start or 0
    return {
        "run": np.full(len(losses), index, dtype=np.int32),
        "step": np.arange(low, low + len(losses), dtype=np.int64),
        **{name: run.positions[rows, axis] for axis, name in enumerate("xy"[: run.positions.shape[1]])},
        "loss": losses,
        "gradient_norm": run.gradient_norms[rows],
        "step_length": run.step_lengths[rows],
        "learning_rate": run.learning_rates[rows],
        **({"weight_norm": run.weight_norms[rows]} if isinstance(run, Training) else {}),
        "evaluations": evaluations(run)[rows],
    }


def data_frame(runs: Iterable[Trajectory]) -> Any:
    """The table as a pandas DataFrame, one row a point; the runs by their labels. Raises ImportError where pandas is not installed."""
    pandas = extra("pandas")
    return pandas.concat([pandas.DataFrame(columns(run, 0) | {"run": run.label}) for run in runs], ignore_index=True)


def evaluations(run: Trajectory) -> NDArray[np.int64]:
    """How many evaluations each step took, (points,); none is taken from the last point."""
    if run.evaluations is not None:
        return run.evaluations
    ones = np.ones(len(run.losses), dtype=np.int64)
    ones[-1] = 0
    return ones


def _batches(result: Result) -> Iterator[Any]:
    import pyarrow as pa

    for index, run in enumerate(result.runs):
        for low in range(0, len(run.losses), BATCH):
            named = columns(run, index, slice(low, low + BATCH))
            yield pa.record_batch([pa.array(np.ascontiguousarray(values)) for values in named.values()], names=list(named))


def _scenario_text(result: Result) -> str:
    """The scenario as TOML, so that the table says what made it; nothing for one that no file can hold."""
    try:
        return to_toml(result.scenario)
    except ValueError:
        return ""
