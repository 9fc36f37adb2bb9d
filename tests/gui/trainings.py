"""States with trained networks, for the views that show them."""

from functools import lru_cache
from types import MappingProxyType

import numpy as np
from PySide6.QtGui import QImage

import gdsim
from gdsim.app.questions import questions
from gdsim.app.state import AppState, Track
from gdsim.app.update import update
from gdsim.app.work import Work
from gdsim.simulation.scenario import validated

MOONS = MappingProxyType({"dataset": "moons", "data": {"count": 60}, "network": {"layers": [3]}})
CURVE = MappingProxyType({"points": [[0.1 * k, (k % 5) / 5] for k in range(30)], "network": {"layers": [3]}})
RUN = MappingProxyType({"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 16})


@lru_cache(maxsize=8)
def trained(kind: str = "plane", steps: int = 30, view: str | None = None, runs: int = 1) -> AppState:
    """Trained to the end, with all that the view asks for answered; the playhead at the end."""
    problem = {"plane": MOONS, "curve": CURVE}[kind]
    scenario = validated({"steps": steps, "problem": dict(problem), "runs": [dict(RUN)] * runs})
    tracks = tuple(Track(0, run, run.verdict) for run in gdsim.run(scenario).runs)
    state = AppState(scenario, scenario, tracks=tracks, view=view, playhead=float(steps))
    for question in questions(state):
        for answer in Work().begin(question):
            if answer is not None:
                state, _ = update(state, answer)
    return state


def pixels(widget) -> np.ndarray:
    """What is painted, (height, width, 4)."""
    image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGBA8888)
    return np.array(image.constBits(), dtype=np.uint8).reshape(image.height(), image.width(), 4)
