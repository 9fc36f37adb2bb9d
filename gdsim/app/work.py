"""Work: what the worker does for each effect, as generators of messages. No thread, no queue, no Qt."""

import logging
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gdsim import shipped
from gdsim.app.growing import CHUNK_STEPS, Growing
from gdsim.app.messages import (
    Compute,
    Computed,
    Effect,
    FindRate,
    Message,
    Opened,
    Painting,
    RateFound,
    Read,
    Render,
    Saved,
    Surveyed,
    Told,
    Write,
)
from gdsim.app.presets import find_rate
from gdsim.app.state import ThemeChoice
from gdsim.landscapes import Landscape
from gdsim.simulation.run import start_of, stream
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.scenario_file import find, load, save
from gdsim.simulation.surface import Surface, survey
from gdsim.simulation.trajectory import Chunk, Trajectory
from gdsim.simulation.verdict import Rate

log = logging.getLogger(__name__)

Steps = Generator[Message | None, None, None]

Paint = Callable[[Scenario, Path, ThemeChoice], Iterable[object] | None]
"""Paints a scenario's picture into a file. It runs on the worker's thread, so it must not touch a widget. One that takes long is a
generator and yields now and then, the share that is painted or None; more urgent work is done in between, and closing it gives it up."""


class Work:
    """Remembers the last surface and the last trajectories, so that only what an edit changed is computed again."""

    def __init__(self, paint: Paint | None = None) -> None:
        self._paint = paint
        self._surface: Surface | None = None
        self._trajectories: dict[str, Trajectory] = {}

    def begin(self, effect: Effect) -> Steps:
        """The generator that carries out ``effect``."""
        return HANDLERS[type(effect)](self, effect)

    def compute(self, effect: Compute) -> Steps:
        scenario, generation = effect.scenario, effect.generation
        if effect.survey:
            yield Surveyed(generation, self.surveyed(scenario.landscape))
        keys = [key_of(scenario, index) for index in range(len(scenario.runs))]
        self._trajectories = {key: whole for key, whole in self._trajectories.items() if key in keys}
        # What is known already goes first, so that nothing that stays waits for what changes.
        order = sorted(range(len(keys)), key=lambda index: keys[index] not in self._trajectories)
        for index in order:
            known = self._trajectories.get(keys[index])
            for chunk in growing(scenario, index) if known is None else (Chunk(index, 0, known, known),):
                if chunk.trajectory is not None:
                    self._trajectories[keys[index]] = chunk.trajectory
                yield Computed(generation, chunk, last=chunk.trajectory is not None and index == order[-1])

    def surveyed(self, landscape: Landscape) -> Surface:
        if self._surface is None or self._surface.landscape != landscape:
            self._surface = survey(landscape)
        return self._surface

    def find_rate(self, effect: FindRate) -> Steps:
        rate = yield from find_rate(effect.scenario, effect.run, Rate(effect.preset))
        yield RateFound(effect.run, effect.scenario.runs[effect.run], rate)

    def render(self, effect: Render) -> Steps:
        if self._paint is None:
            raise OSError("pictures cannot be painted here")
        yield Painting(0.0)
        for share in self._paint(effect.scenario, effect.path, effect.theme) or ():
            yield Painting(share) if isinstance(share, float) and share < 1.0 else None
        yield Painting(1.0)
        yield Told(f"Picture written to {effect.path}")

    def read(self, effect: Read) -> Steps:
        file = find(effect.source)
        scenario = load(file)
        # One that came with gdsim is not the user's to overwrite: saving asks for a place.
        yield Opened(scenario, None if file in shipped.scenarios().values() else file)

    def write(self, effect: Write) -> Steps:
        save(effect.scenario, effect.path)
        yield Saved(effect.scenario, effect.path)


HANDLERS: Mapping[type[Effect], Callable[[Work, Any], Steps]] = MappingProxyType(
    {Compute: Work.compute, FindRate: Work.find_rate, Render: Work.render, Read: Work.read, Write: Work.write}
)


def key_of(scenario: Scenario, index: int) -> str:
    """Names everything that decides the trajectory of a run, to the bit (0.0 and -0.0 are two keys)."""
    run = scenario.runs[index]
    problem = scenario.landscape
    noise = [(each.name, each.values) for each in (*problem.noise, *((problem.motion,) if problem.motion else ()))]
    ground = problem.name, problem.formula, problem.domain, problem.values, problem.data, noise, scenario.seed if noise else None
    besides = [getattr(run, name) for name in Run.COMMON]
    return repr((ground, scenario.steps, scenario.tolerance, start_of(scenario, index), run.optimizer, run.values, besides, run.label))


def growing(scenario: Scenario, index: int) -> Iterator[Chunk]:
    """One run of the scenario, again and again from its first step, each time with more of it. (Joined here, not where a window waits.)"""
    so_far = Growing(scenario.steps + 1, scenario.landscape.dim)
    for chunk in stream(scenario, CHUNK_STEPS, (index,)):
        if chunk.trajectory is not None:
            yield Chunk(index, 0, chunk.trajectory, chunk.trajectory)
        else:
            so_far.append(chunk.steps)
            yield Chunk(index, 0, so_far.view())


def in_words(error: Exception) -> str:
    """What went wrong, for the user to read."""
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return f"{error.filename}: {reason[:1].lower()}{reason[1:]}" if error.filename else reason
    if isinstance(error, ValueError):  # a ScenarioError, or what is no picture
        return str(error)
    if isinstance(error, MemoryError):
        return "There is not enough memory for this: fewer steps or fewer runs may fit"
    log.error("This should not happen", exc_info=error)
    return f"Something went wrong that should not ({type(error).__name__}: {error})"
