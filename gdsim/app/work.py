"""Work: what the worker does for each effect, as generators of messages. No thread, no queue, no Qt."""

import logging
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from itertools import zip_longest
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from pydantic import ValidationError

from gdsim import shipped
from gdsim.app.effects import Compute, Effect, FindRate, Predict, Read, ReadCsv, Render, Write
from gdsim.app.growing import CHUNK_STEPS, Growing
from gdsim.app.many_seeds import SEEDS, RunSeeds, SeedsRun
from gdsim.app.mapping import Sharpen, Sharpened, WriteMap
from gdsim.app.messages import Computed, CsvRead, Message, Opened, Painting, Predicted, RateFound, Saved, Surveyed, Told
from gdsim.app.presets import find_rate
from gdsim.app.questions import PlaneFound, SurveyPlane, Unfold, Unfolded
from gdsim.app.rereading import DataReread, Reread, reread
from gdsim.app.ruling import Ruled, RuleRates
from gdsim.app.scripting import WriteScript
from gdsim.app.state import ThemeChoice
from gdsim.app.trials import PutToTrials, trying
from gdsim.landscapes import Landscape
from gdsim.simulation.answers import answering, places
from gdsim.simulation.complaints import complaints
from gdsim.simulation.ensemble import Ensemble, growing_ensemble
from gdsim.simulation.loss_plane import RESOLUTIONS, loss_planes
from gdsim.simulation.map_plane import Atlas, Picture, Withheld
from gdsim.simulation.map_table import TABLES, write_map_table
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.ruler import rulers
from gdsim.simulation.run import start_of, stream
from gdsim.simulation.run_batches import sees_batches, steps_of
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.scenario_file import find, load, save
from gdsim.simulation.spread import available_threads
from gdsim.simulation.step_chain import chain_of_step, no_chain
from gdsim.simulation.step_noise import has_cloud, noise_of_step
from gdsim.simulation.surface import Surface, survey
from gdsim.simulation.training_record import Snapshots, TrainingSteps
from gdsim.simulation.training_ruler import training_rulers
from gdsim.simulation.trajectory import Chunk, Trajectory
from gdsim.simulation.unit_maps import unit_maps
from gdsim.simulation.verdict import Rate

log = logging.getLogger(__name__)

Steps = Generator[Message | None, None, None]

TELL_SECONDS = 0.1
"""How often progress is told of what takes many small steps."""

LOOK_SECONDS = 0.25
"""How often a network that trains for long is asked what it says by now."""

Paint = Callable[[Scenario | Ensemble, Path, ThemeChoice], Iterable[object] | None]
"""Paints the picture of a scenario, or of an ensemble, into a file. It runs on the worker's thread, so it must not touch a widget. One that
takes long is a generator and yields now and then, the share that is painted or None; more urgent work is done in between, and closing it
gives it up."""


class Work:
    """Remembers the last surface and the last trajectories, so that only what an edit changed is computed again."""

    def __init__(self, paint: Paint | None = None) -> None:
        self._paint = paint
        self._surface: Surface | None = None
        self._trajectories: dict[str, Trajectory] = {}
        self._atlases: dict[str, Atlas] = {}

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
            seen = time.monotonic()
            for chunk in growing(scenario, index) if known is None else (Chunk(index, 0, known, known),):
                if chunk is None:
                    yield None
                    continue
                if chunk.trajectory is not None:
                    self._trajectories[keys[index]] = chunk.trajectory
                yield Computed(generation, chunk, last=chunk.trajectory is not None and index == order[-1])
                if isinstance(chunk.steps, TrainingSteps) and time.monotonic() - seen > LOOK_SECONDS:
                    kept = chunk.steps.snapshots
                    yield from predictions(generation, scenario, index, kept, len(kept.steps) - 1)
                    yield from unfold(generation, scenario, index, kept, len(kept.steps) - 1)
                    seen = time.monotonic()

        # What the window asks for in a frame is compiled here, before.
        if has_cloud(scenario):
            noise_of_step(scenario, 0, 0, np.array(start_of(scenario, 0)))
        elif isinstance(scenario.problem, NetworkProblem) and no_chain(scenario.problem) is None:
            chain_of_step(scenario, 0, np.zeros(scenario.problem.shape.weights), 0, 0)

    def predict(self, effect: Predict) -> Steps:
        """What is looked at first, then coarse to fine, the runs in turn."""
        for index, (kept, _) in effect.wanted.items():
            yield from predictions(effect.generation, effect.scenario, index, kept, kept.at(effect.step))
        for turn in zip_longest(*([(index, kept, row) for row in rows] for index, (kept, rows) in effect.wanted.items())):
            for asked in turn:
                if asked is not None:
                    yield from predictions(effect.generation, effect.scenario, *asked)

    def unfold(self, effect: Unfold) -> Steps:
        for row in effect.rows:
            yield from unfold(effect.generation, effect.scenario, effect.run, effect.snapshots, row)

    def survey_plane(self, effect: SurveyPlane) -> Steps:
        problem = effect.scenario.problem
        assert isinstance(problem, NetworkProblem)
        for plane in loss_planes(problem, effect.snapshots, effect.directions, effect.scenario.seed):
            if plane is None:
                yield None
            else:
                whole = len(plane.surface.x) == RESOLUTIONS[-1]
                yield PlaneFound(effect.generation, effect.run, effect.directions, plane, whole)

    def run_seeds(self, effect: RunSeeds) -> Steps:
        if effect.scenario is not None:
            for share, found in growing_ensemble(effect.scenario, SEEDS):
                yield SeedsRun(effect.generation, share, found)

    def rule_rates(self, effect: RuleRates) -> Steps:
        for run, subject in effect.subjects:
            found = training_rulers(subject, asked=subject == effect.awaited) if subject.is_network else rulers(subject)
            for ruler in found:
                yield None if ruler is None else Ruled(run, ruler)

    def put_to_trials(self, effect: PutToTrials) -> Steps:
        yield from trying(effect)

    def sharpen(self, effect: Sharpen) -> Steps:
        if effect.plane is None or effect.window is None:
            return
        atlas = self._atlases.get(effect.purpose)
        if atlas is None or atlas.plane != effect.plane:
            atlas = self._atlases[effect.purpose] = Atlas(effect.plane)
        told = time.monotonic()
        # One processor is left to the window, which paints meanwhile.
        threads = max(1, available_threads() - 1)
        for found in atlas.look(effect.window, effect.most, effect.colour, threads, effect.patience):
            if isinstance(found, Picture):
                yield Sharpened(effect.purpose, effect.number, found.share, found)
            elif isinstance(found, Withheld):
                yield Sharpened(effect.purpose, effect.number, 1.0, withheld=found.seconds)
            elif time.monotonic() - told > TELL_SECONDS:
                told = time.monotonic()
                yield Sharpened(effect.purpose, effect.number, found.share, left=found.left)
            else:
                yield None

    def write_map(self, effect: WriteMap) -> Steps:
        result = effect.picture.result
        if effect.path.suffix.lower() in TABLES:
            write_map_table(result, effect.path)
        else:
            if self._paint is None:
                raise OSError("pictures cannot be painted here")
            theme = effect.theme if effect.theme != "system" else "light"
            result.plot(effect.path, colour=effect.colour, theme=theme)
        yield Told(f"Map written to {effect.path}")

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
        for share in self._paint(effect.ensemble or effect.scenario, effect.path, effect.theme) or ():
            yield Painting(share) if isinstance(share, float) and share < 1.0 else None
        yield Painting(1.0)
        yield Told(f"Picture written to {effect.path}")

    def read(self, effect: Read) -> Steps:
        file = find(effect.source)
        scenario = load(file)
        # One that came with gdsim is not the user's to overwrite: saving asks for a place.
        yield Opened(scenario, None if file in shipped.scenarios().values() else file)

    def read_csv(self, effect: ReadCsv) -> Steps:
        """The whole problem is made once here, so that what is read and prepared is at hand where a window waits for it."""
        table = {"csv": effect.path, "target": effect.target, "standardise": True, "network": {"layers": ()}}
        try:
            problem = NetworkProblem.model_validate(table)
        except ValidationError as error:
            text = "; ".join(complaint.text for complaint in complaints(error))
            raise ValueError(text if text.startswith(effect.path) else f"{effect.path}: {text}") from None
        yield CsvRead(effect.path, effect.target, problem.loaded)

    def read_again(self, effect: Reread) -> Steps:
        try:
            found = reread(effect.scenario)
        except ValidationError as error:
            yield DataReread(effect.scenario, None, "; ".join(complaint.text for complaint in complaints(error)))
        else:
            yield DataReread(effect.scenario, found) if found != effect.scenario else None

    def write(self, effect: Write) -> Steps:
        save(effect.scenario, effect.path)
        yield Saved(effect.scenario, effect.path)

    def write_script(self, effect: WriteScript) -> Steps:
        script = export_pytorch(effect.scenario, effect.run, exact=effect.exact)
        script.save(effect.path)
        beside = [script.beside(effect.path, suffix).name for suffix in script.files]
        yield Told(f"Script written to {effect.path}" + (f", with {' and '.join(beside)}" if beside else ""))


HANDLERS: Mapping[type[Effect], Callable[[Work, Any], Steps]] = MappingProxyType(
    {
        Compute: Work.compute,
        FindRate: Work.find_rate,
        Predict: Work.predict,
        Unfold: Work.unfold,
        SurveyPlane: Work.survey_plane,
        RunSeeds: Work.run_seeds,
        PutToTrials: Work.put_to_trials,
        RuleRates: Work.rule_rates,
        Sharpen: Work.sharpen,
        WriteMap: Work.write_map,
        Render: Work.render,
        Read: Work.read,
        ReadCsv: Work.read_csv,
        Reread: Work.read_again,
        Write: Work.write,
        WriteScript: Work.write_script,
    }
)


def key_of(scenario: Scenario, index: int) -> str:
    """Names everything that decides the trajectory of a run, to the bit (0.0 and -0.0 are two keys)."""
    run = scenario.runs[index]
    besides = run.optimizer, run.values, [getattr(run, name) for name in Run.COMMON], run.label
    if isinstance(scenario.problem, NetworkProblem):
        shape, parts, scale = scenario.problem.shape, scenario.problem.parts, scenario.problem.standardisation
        digests = [part.digest if part else None for part in parts]
        return repr((shape, digests, scale, scenario.seed, steps_of(scenario, index), scenario.tolerance, besides))
    problem = scenario.landscape
    noise = [(each.name, each.values) for each in (*problem.noise, *((problem.motion,) if problem.motion else ()))]
    seed = scenario.seed if noise or sees_batches(scenario.problem, run) else None
    ground = problem.name, problem.formula, problem.domain, problem.values, problem.data, noise, seed
    whole = steps_of(scenario, index), scenario.tolerance, start_of(scenario, index)
    return repr((ground, *whole, besides))


def growing(scenario: Scenario, index: int) -> Iterator[Chunk | None]:
    """One run of the scenario, again and again from its first step, each time with more of it; None where there is nothing yet. (Joined
    here, not where a window waits.)
    """
    so_far: Growing | None = None
    for chunk in stream(scenario, CHUNK_STEPS, (index,)):
        if chunk.trajectory is not None:
            yield Chunk(index, 0, chunk.trajectory, chunk.trajectory)
            continue
        if so_far is None and not len(chunk.steps.losses):
            yield None
            continue
        if so_far is None:
            so_far = Growing(chunk.steps, steps_of(scenario, index) + 1)
        else:
            so_far.append(chunk.steps)
        yield Chunk(index, 0, so_far.view())


def predictions(generation: int, scenario: Scenario, run: int, kept: Snapshots, row: int) -> Steps:
    """What the network of run ``run`` says with the weights in ``row`` of what was kept on its way."""
    problem = scenario.problem
    assert isinstance(problem, NetworkProblem)
    said = yield from answering(problem, kept.weights[row], kept.buffers[row], places(problem))
    yield Predicted(generation, run, int(kept.steps[row]), said)


def unfold(generation: int, scenario: Scenario, run: int, kept: Snapshots, row: int) -> Steps:
    """What the units of run ``run`` say with the weights in ``row`` of what was kept on its way."""
    problem = scenario.problem
    assert isinstance(problem, NetworkProblem)
    maps = yield from unit_maps(problem, kept.weights[row], kept.buffers[row])
    yield Unfolded(generation, run, int(kept.steps[row]), maps)


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
