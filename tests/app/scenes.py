"""Scenarios, made-up recordings, and a driver that carries out effects at once, without a thread."""

import threading
import time
from collections import deque
from collections.abc import Iterable

import numpy as np

from gdsim.app.effects import Effect, Stop
from gdsim.app.messages import Computed, Message
from gdsim.app.state import AppState
from gdsim.app.update import initial, update
from gdsim.app.work import Work
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.trajectory import Chunk, Steps, Trajectory
from gdsim.simulation.verdict import Outcome, Rate, Verdict

STABLE = Verdict(Outcome.CONVERGED, Rate.STABLE, "made up")


def scenario(landscape="himmelblau", runs=2, steps=40, **more) -> Scenario:
    rules = ({"optimizer": "sgd", "learning_rate": 0.01}, {"optimizer": "adam", "learning_rate": 0.1, "label": "Adam"})
    tables = [rules[i % 2] | {"learning_rate": rules[i % 2]["learning_rate"] * (1 + i // 2)} for i in range(runs)]
    return Scenario.model_validate({"steps": steps, "problem": {"landscape": landscape}, "runs": tables, **more})


def steps(rows: int, dim: int = 2, first: float = 0.0) -> Steps:
    numbers = np.arange(first, first + rows)
    points = np.repeat(numbers[:, None], dim, axis=1)
    columns = (points, numbers, -points, numbers + 0.5, numbers + 0.25)
    for column in columns:
        column.flags.writeable = False
    return Steps(*columns)


def trajectory(rows: int, dim: int = 2) -> Trajectory:
    content = vars(steps(rows, dim))
    return Trajectory(**content, label="made up", optimizer="sgd", learning_rate=0.1, verdict=STABLE, converged_at=None, diverged_at=None)


def whole(run: int, rows: int, dim: int = 2) -> Chunk:
    made = trajectory(rows, dim)
    return Chunk(run, 0, made, made)


def after(state: AppState, *messages: Message) -> AppState:
    """The state after the messages; effects are left undone."""
    for message in messages:
        state, _ = update(state, message)
    return state


def computed(state: AppState, rows: int | Iterable[int] = 41) -> AppState:
    """``state`` with a recording for every run, of that many points."""
    runs = len(state.scenario.runs)
    lengths = [rows] * runs if isinstance(rows, int) else list(rows)
    dim = state.scenario.landscape.dim
    chunks = [Computed(state.generation, whole(i, n, dim), last=i == runs - 1) for i, n in enumerate(lengths)]
    return after(state, *chunks)


def begun(start: Scenario | None = None, rows: int | Iterable[int] = 41) -> AppState:
    """The application with its first recordings."""
    state, _ = initial(start or scenario())
    return computed(state, rows)


class Driver:
    """The whole application on one thread: effects are carried out before the next message is taken."""

    def __init__(self, start: Scenario | None = None) -> None:
        self.work = Work()
        self.state, effects = initial(start or scenario())
        self.effects: list[Effect] = []
        self._perform(effects)

    def send(self, *messages: Message) -> AppState:
        waiting = deque(messages)
        while waiting:
            self.state, effects = update(self.state, waiting.popleft())
            self._perform(effects)
        return self.state

    def _perform(self, effects: Iterable[Effect]) -> None:
        for effect in effects:
            self.effects.append(effect)
            if isinstance(effect, Stop):
                continue  # there is never anything under way
            self.send(*(answer for answer in self.work.begin(effect) if answer is not None))


def workers_gone(timeout: float = 30.0) -> bool:
    """Whether the threads of workers end in time: one that is just compiling cannot be cut short."""
    deadline = time.monotonic() + timeout
    while any(thread.name == "gdsim worker" for thread in threading.enumerate()):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.01)
    return True
