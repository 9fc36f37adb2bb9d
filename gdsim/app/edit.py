"""Edits of the scenario as a whole: its problem, its start, its runs. One run's own are in ``edit_run``."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from gdsim.app.answer import seeking
from gdsim.app.changes import AddRun, DuplicateRun, RemoveRun, SetLandscape, SetLandscapeParam, SetRandomStart, SetStart, SetSteps, SetTitle
from gdsim.app.edit_run import distinct, has_run
from gdsim.app.effects import FindRate
from gdsim.app.history import Change, complain, edited
from gdsim.app.state import AppState
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import MOST_RUNS, NormalStart, Run, Scenario, Start

SEEDS = 2**63


def without_own_starts(scenario: Scenario) -> tuple[Run, ...]:
    return tuple(run.changed(start=None, layer_rates=None) for run in scenario.runs)


WHOLE: Mapping[str, object] = MappingProxyType(
    {
        "batch_size": "full",
        "batch_schedule": None,
        "epochs": None,
        "shuffle": True,
        "drop_last": False,
        "replacement": False,
        "early_stopping": None,
        "layer_rates": None,
    }
)
"""Keys of a run as they are where there are no points to take batches of."""


def without_data(scenario: Scenario) -> tuple[Run, ...]:
    """The runs as they can be on any landscape: none with a start, batches or early stopping of its own."""
    return tuple(run.changed(start=None, **WHOLE) for run in scenario.runs)


def from_one_start(scenario: Scenario, start: Start | None, **others: object) -> Scenario:
    """All runs begin at ``start``."""
    return scenario.changed(start=start, runs=without_own_starts(scenario), **others)


def set_start(state: AppState, message: SetStart) -> Change:
    scenario = state.scenario
    if message.run is None:
        changed = from_one_start(scenario, message.position)
    elif has_run(state, message.run):
        changed = scenario.with_run(message.run, scenario.runs[message.run].changed(start=message.position))
    else:
        return state, ()
    return edited(state, changed, key=f"start of {message.run}", live=message.live)


def set_random_start(state: AppState, message: SetRandomStart) -> Change:
    seed = (state.scenario.seed + message.reroll) % SEEDS
    if state.scenario.is_network:  # its weights are drawn already
        return edited(state, from_one_start(state.scenario, None, seed=seed))
    return edited(state, from_one_start(state.scenario, NormalStart(normal=message.deviation), seed=seed))


def set_landscape(state: AppState, message: SetLandscape) -> Change:
    """A learning rate means something only on its own landscape: one that is right on Himmelblau's function diverges on Rosenbrock's. So
    runs keep what they show, and not the number. That, too, is one step of undo.
    """
    before, roles = state.scenario, roles_of(state)
    problem: dict[str, object] = {"landscape": message.name}
    record = LANDSCAPES.get(message.name)
    if record is not None and record.dim == before.problem.dim:
        problem |= {"noise": before.problem.noise, "motion": before.problem.motion}
    state, effects = edited(state, before.changed(problem=problem, start=None, runs=without_data(before)))
    if before.problem.landscape == message.name:
        return state, effects
    state = replace(state, playhead=0.0, wanted=0.0, playing=True)
    state, searches = seeking(state, *(FindRate(state.scenario, run, role) for run, role in roles.items()))
    return state, (*effects, *searches)


def roles_of(state: AppState) -> dict[int, str]:
    """What each run's learning rate is, or is about to be, where that is known."""
    judged = {run: str(track.verdict.rate) for run, track in enumerate(state.tracks) if track is not None and track.verdict is not None}
    return judged | {run: rate for run, rate in state.sought.items() if run < len(state.scenario.runs)}


def set_landscape_param(state: AppState, message: SetLandscapeParam) -> Change:
    problem = state.scenario.problem
    parameters = problem.parameters.model_dump() | {message.name: message.value}
    own = {name: getattr(problem, name) for name in type(problem).model_fields}
    changed = state.scenario.changed(problem=own | {"parameters": parameters})
    return edited(state, changed, key=f"landscape.{message.name}", live=message.live)


def set_steps(state: AppState, message: SetSteps) -> Change:
    return edited(state, state.scenario.changed(steps=message.steps))


def set_title(state: AppState, message: SetTitle) -> Change:
    return edited(state, state.scenario.changed(title=message.title))


def add_run(state: AppState, message: AddRun) -> Change:
    """The new run has its rule's default learning rate until a stable one is found; both together are one step of undo."""
    runs = state.scenario.runs
    if len(runs) >= MOST_RUNS:
        return full(state)
    rule = OPTIMIZERS.get(message.optimizer)
    new = {"optimizer": message.optimizer, "label": distinct(rule.title if rule else "", runs)}
    scenario = state.scenario.changed(runs=(*runs, new))
    state, effects = edited(state, scenario)
    index = len(runs)
    state, searches = seeking(replace(state, selected=index), FindRate(scenario, index, "stable"))
    return state, (*effects, *searches)


def duplicate_run(state: AppState, message: DuplicateRun) -> Change:
    runs = state.scenario.runs
    if not has_run(state, message.run):
        return state, ()
    if len(runs) >= MOST_RUNS:
        return full(state)
    run = runs[message.run]
    twin = run.changed(label=distinct(run.label or run.rule.title, runs))
    state, effects = edited(state, state.scenario.changed(runs=(*runs, twin)))
    return replace(state, selected=len(runs)), effects


def full(state: AppState) -> Change:
    return complain(state, f"There are {MOST_RUNS} runs already, and no more fit")


def remove_run(state: AppState, message: RemoveRun) -> Change:
    runs = state.scenario.runs
    if not has_run(state, message.run) or len(runs) == 1:
        return state, ()
    selected = state.selected - (message.run < state.selected)
    state, effects = edited(state, state.scenario.changed(runs=(*runs[: message.run], *runs[message.run + 1 :])))
    return replace(state, selected=min(selected, len(runs) - 2)), effects
