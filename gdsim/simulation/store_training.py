"""What trainings leave in files besides their steps: a table of epochs, weights, predictions on the test part."""

import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gdsim.simulation.table_file import Format, finite, write_table
from gdsim.simulation.training_record import Test, Training

# ruff: noqa: A002

WEIGHTS = "weights"


def file_names(labels: Sequence[str]) -> list[str]:
    """A name for a file of each run, after its label; no two are the same, whatever a file system thinks of capitals."""
    names: list[str] = []
    for label in labels:
        # A run may be called "...", and such a name would lead out of the folder.
        stem = re.sub(r"[^\w.-]", "-", label).strip("-.")[:80] or "run"
        taken = {name.lower() for name in names}
        choices = [stem, *(f"{stem}-{count}" for count in range(2, len(labels) + 2))]
        names.append(next(name for name in choices if name.lower() not in taken))
    return names


def write_trainings(runs: Sequence[Training], folder: Path, format: Format, made_by: Mapping[str, str]) -> None:
    """Writes ``epochs``, ``predictions`` (where there is a test part) and ``weights/`` into a folder that exists. Raises OSError."""
    write_table(_epochs(runs), folder / f"epochs.{format}", format, made_by)
    if any(run.test for run in runs):
        write_table(_predictions(runs), folder / f"predictions.{format}", format, made_by)
    (folder / WEIGHTS).mkdir()
    for run, name in zip(runs, file_names([run.label for run in runs]), strict=True):
        run.save(folder / WEIGHTS / f"{name}.safetensors")


def summary_of_training(run: Training, name: str) -> dict[str, Any]:
    """What ``summary.json`` says of a training besides what it says of every run."""
    epochs, score = run.epochs, "accuracy" if run.model.is_classification else "r2"
    return {
        "network": list(run.model.network.layers),
        "weights": f"{WEIGHTS}/{name}.safetensors",
        "epochs": int(epochs.epoch[-1]),
        "stopped_early": run.stopped_early,
        "restored": run.restored,
        "training": {"loss": finite(epochs.training_loss[-1]), score: finite(epochs.training_score[-1])},
        "validation": {"loss": finite(epochs.validation_loss[-1]), score: finite(epochs.validation_score[-1])},
        "test": {"loss": finite(run.test.loss), score: finite(run.test.score)} if run.test else None,
    }


def _epochs(runs: Sequence[Training]) -> Iterator[Any]:
    import pyarrow as pa

    for index, run in enumerate(runs):
        columns = {"run": np.full(len(run.epochs), index, dtype=np.int32), **run.epochs.columns}
        yield pa.record_batch([pa.array(np.ascontiguousarray(values)) for values in columns.values()], names=list(columns))


def _predictions(runs: Sequence[Training]) -> Iterator[Any]:
    import pyarrow as pa

    for index, run in enumerate(runs):
        if run.test is not None:
            named = [("run", np.full(len(run.test.points), index, dtype=np.int32)), *_tested(run, run.test)]
            columns = [pa.array(np.ascontiguousarray(values)) for _, values in named]
            yield pa.record_batch(columns, names=_apart([name for name, _ in named]))


def _tested(run: Training, test: Test) -> Iterator[tuple[str, Any]]:
    """The columns of the points of the test part: inputs, targets, and what the network says."""
    points, target = test.points, test.points.target
    yield from ((name, points.inputs[:, i]) for i, name in enumerate(points.features))
    if points.is_classification:
        yield target, np.array(points.classes)[points.targets]
    else:
        yield from ((numbered(target, i, points.outputs), points.targets[:, i]) for i in range(points.outputs))
    yield from answers(run.model.target, run.model.classes, test.predictions).items()


def _apart(names: Sequence[str]) -> list[str]:
    """The names with a number behind those that are taken: data may call a column whatever they like, such as ``run``."""
    apart: list[str] = []
    for name in names:
        choices = (name, *(f"{name} ({count})" for count in range(2, len(names) + 2)))
        apart.append(next(choice for choice in choices if choice not in apart))
    return apart


def answers(target: str, classes: Sequence[str], predictions: Any) -> dict[str, Any]:
    """The columns of what a network says: the class and the probability of each, or numbers. ``predictions`` (n, outputs)."""
    if classes:
        named = np.array(classes)[np.argmax(np.nan_to_num(predictions, nan=-1.0), axis=1)]
        return {f"predicted {target}": named, **{f"probability of {name}": predictions[:, i] for i, name in enumerate(classes)}}
    count = predictions.shape[1]
    return {f"predicted {numbered(target, i, count)}": predictions[:, i] for i in range(count)}


def numbered(name: str, index: int, count: int) -> str:
    return name if count == 1 else f"{name} {index + 1}"
