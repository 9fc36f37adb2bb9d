"""Data and answers in words: what the readout and the screen reader tell."""

import numpy as np

from gdsim.app.state import AppState
from gdsim.gui.data_points import PARTS
from gdsim.gui.data_scene import Scene
from gdsim.gui.numbers import label_of, number, summary
from gdsim.networks.dataset import Dataset
from gdsim.simulation.answers import Answers
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.training_record import TrainingSteps

MOST_NAMED = 4


def point_told(data: Dataset, row: int) -> str:
    """Inputs and target of a point, the first few inputs of many."""
    inputs = [f"{name} = {number(value)}" for name, value in zip(data.features[:MOST_NAMED], data.inputs[row], strict=False)]
    more = ", …" if len(data.features) > MOST_NAMED else ""
    return f"{', '.join(inputs)}{more},  {target_told(data, row)}"


def target_told(data: Dataset, row: int) -> str:
    if data.is_classification:
        return f"class {data.classes[data.targets[row]]}"
    return f"{data.target} = {number(data.targets[row, 0])}"


def answer_told(scene: Scene, answers: Answers | None, point: int | None, place: tuple[float, float] = (0.0, 0.0)) -> str:
    """What the selected run says of a point (by its number in the cloud), or of a place in the plot."""
    data, where = scene.data, scene.where
    here = "" if point is not None else f"{data.features[0]} = {number(place[0])}"
    if answers is None:
        return here
    if scene.kind == "points":
        return f";  predicted {number(float(answers.values[point]))}" if point is not None and point < len(answers.values) else ""
    x, y = (data.inputs[point, 0], data.inputs[point, -1]) if point is not None else place
    column = int(np.clip(np.searchsorted(where.x, x), 0, len(where.x) - 1))
    if scene.kind == "plane":
        row = int(np.clip(np.searchsorted(where.y, y), 0, len(where.y) - 1))
        if answers.values.shape != (len(where.y), len(where.x)):
            return here
        value, taken = float(answers.values[row, column]), None if answers.classes is None else int(answers.classes[row, column])
        here += "" if point is not None else f", {data.features[1]} = {number(place[1])}"
    else:
        if len(answers.values) != len(where.x):
            return here
        value, taken = float(answers.values[column]), None
        if data.is_classification:
            taken, value = (1, value) if value >= 0.5 else (0, 1.0 - value)
    said = f"predicted {number(value)}" if taken is None else f"class {data.classes[taken]} with probability {number(value, 3)}"
    return f"{here};  {said}"


def summary_of(state: AppState, scene: Scene) -> str:
    """One line for those who hear the picture: the data, and how well each run does at the playhead."""
    counts = ((int((scene.parts == part).sum()), name) for part, name in enumerate(PARTS))
    told = ", ".join(f"{count} {name}" for count, name in counts if count)
    scores = [score for run in range(len(state.scenario.runs)) if (score := score_told(state, run))]
    return f"{scene.data.name}: {told} points. {summary(state)} {' '.join(scores)}".strip()


def score_told(state: AppState, run: int) -> str:
    """How well a network does at the last evaluation before the playhead; empty where nobody knows."""
    track = state.tracks[run] if run < len(state.tracks) else None
    if track is None or not isinstance(track.steps, TrainingSteps) or not len(track.steps.epochs):
        return ""
    epochs = track.steps.epochs
    row = max(int(np.searchsorted(epochs.step, state.playhead, side="right")) - 1, 0)
    problem = state.scenario.problem
    name = "accuracy" if isinstance(problem, DataSource) and problem.loaded.is_classification else "R²"
    return f"{label_of(state, run)}: {name} {number(float(epochs.training_score[row]), 3)} at step {int(epochs.step[row])}."
