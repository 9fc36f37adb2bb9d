"""Many seeds: what of the runs is chance. A switch; while it is on, an ensemble is computed whenever the runs are.

As with the runs, what was known of the numbers before an edit stays until the new ones are there, if it still fits.
"""

from dataclasses import dataclass, replace

from gdsim.app.effects import Effect
from gdsim.app.history import Change
from gdsim.app.messages import Message
from gdsim.app.state import AppState, ManySeeds
from gdsim.simulation.ensemble import Ensemble, EnsembleRun, meets_chance
from gdsim.simulation.scenario import Scenario

SEEDS = 1000


@dataclass(frozen=True)
class ShowManySeeds(Message):
    """Whether the runs are shown with many seeds."""

    on: bool


@dataclass(frozen=True)
class SeedsRun(Message):
    """The ``share`` of an ensemble that is computed, and with the last of it the ensemble."""

    generation: int
    share: float
    ensemble: Ensemble | None = None


@dataclass(frozen=True)
class RunSeeds(Effect):
    """Run the scenario with ``SEEDS`` seeds; the answers are ``SeedsRun``. Without a scenario, give up what is under way."""

    generation: int
    scenario: Scenario | None


def show_many_seeds(state: AppState, message: ShowManySeeds) -> Change:
    if message.on == state.seeds.on:
        return state, ()
    if message.on:
        return sown(replace(state, seeds=ManySeeds(on=True)))
    under_way = state.seeds.share is not None
    return replace(state, seeds=ManySeeds()), (RunSeeds(state.generation, None),) if under_way else ()


def sown(state: AppState) -> Change:
    """``state`` with an ensemble on its way, if one is wanted of what was computed."""
    seeds = state.seeds
    if not seeds.on or state.computing or not meets_chance(state.scenario) or seeds.asked == state.generation:
        return state, ()
    return replace(state, seeds=replace(seeds, asked=state.generation, share=0.0)), (RunSeeds(state.generation, state.scenario),)


def seeds_run(state: AppState, message: SeedsRun) -> Change:
    seeds = state.seeds
    if not seeds.on or message.generation != state.generation:
        return state, ()
    found = message.ensemble or seeds.ensemble
    return replace(state, seeds=replace(seeds, share=None if message.ensemble else message.share, ensemble=found)), ()


def given_up(state: AppState) -> AppState:
    """``state`` without the switch if an ensemble is on its way, or waits for the runs."""
    return replace(state, seeds=ManySeeds()) if state.seeds.on and (state.seeds.share is not None or state.computing) else state


def shown_ensemble(state: AppState) -> Ensemble | None:
    """The ensemble of the scenario as it stands, if it is computed."""
    seeds = state.seeds
    up_to_date = seeds.on and seeds.asked == state.generation and seeds.share is None
    return replace(seeds.ensemble, scenario=state.scenario) if up_to_date and seeds.ensemble is not None else None


def ensemble_of(state: AppState, run: int) -> EnsembleRun | None:
    """What is known of run ``run`` with many seeds."""
    found = state.seeds.ensemble
    return found.runs[run] if found is not None and run < len(found.runs) else None
