"""``gdsim predict``: what a trained network says of the points in a CSV file."""

import sys
from pathlib import Path

import numpy as np

from gdsim.cli.bad_input import BAD_INPUT, file_problem, refuse
from gdsim.networks import csv_file
from gdsim.networks.dataset import DataError
from gdsim.networks.model import Model
from gdsim.networks.tensors import WeightsError
from gdsim.simulation.scenario_file import shown
from gdsim.simulation.store_training import answers
from gdsim.simulation.table_file import write_table
from gdsim.staged import staged


def predict_one(weights: Path, data: Path, out: Path) -> int:
    """Writes the columns of the inputs and the model's answers into the CSV file ``out``. Returns the exit code."""
    import pyarrow as pa

    code = 0
    if problem := file_problem(out):
        code = refuse("--out", problem)
    try:
        model = Model.load(weights)
    except WeightsError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    try:
        inputs = csv_file.read_inputs(data, model.inputs)
    except DataError as error:
        sys.stderr.write(f"{error}\n")
        return BAD_INPUT
    if code:
        return code
    with np.errstate(all="ignore"):
        predictions = model.probabilities(inputs) if model.is_classification else model.predict(inputs)
    columns = {name: inputs[:, i] for i, name in enumerate(model.inputs)} | answers(model.target, model.classes, predictions)
    batch = pa.record_batch([pa.array(np.ascontiguousarray(values)) for values in columns.values()], names=list(columns))
    try:
        with staged(out.parent) as stage:
            write_table(iter([batch]), stage / out.name, "csv", {})
    except OSError as error:
        return refuse("--out", f"nothing was written to {out}: {error.strerror or error}")
    points = f"{len(inputs):,} point{'s' * (len(inputs) != 1)}"
    sys.stdout.write(f"Predictions for {points} written to {shown(str(out))}\n")
    return 0
