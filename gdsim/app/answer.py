"""The worker's answers. Those to a question that no longer stands are dropped."""

from dataclasses import replace

from gdsim.app.effects import FindRate, Render
from gdsim.app.history import Change, complain, computed_again, edited, unlabelled
from gdsim.app.many_seeds import RunSeeds, sown
from gdsim.app.mapping import Sharpen
from gdsim.app.mapping import failed as map_failed
from gdsim.app.messages import Computed, Failed, Opened, Painting, RateFound, Saved, Surveyed, Told
from gdsim.app.play import fitted
from gdsim.app.questions import questions
from gdsim.app.state import AppState, ManySeeds, Notice, Track
from gdsim.app.trials import PutToTrials, given_up
from gdsim.simulation.scenario import Scenario


def is_stale(state: AppState, generation: int) -> bool:
    return not state.since <= generation <= state.generation


def surveyed(state: AppState, message: Surveyed) -> Change:
    if is_stale(state, message.generation):
        return state, ()
    return replace(state, surface=message.surface, sketch=None), ()


def computed(state: AppState, message: Computed) -> Change:
    chunk = message.chunk
    if is_stale(state, message.generation) or not 0 <= chunk.run < len(state.tracks):
        return state, ()
    whole = chunk.trajectory
    if whole is None:
        track = Track(message.generation, chunk.steps)
    else:
        track = Track(message.generation, whole, whole.verdict, whole.converged_at, whole.diverged_at)
    tracks = (*state.tracks[: chunk.run], track, *state.tracks[chunk.run + 1 :])
    state = replace(state, tracks=tracks)
    if not message.last:
        return state, ()
    state, seeds = sown(fitted(replace(state, computing=message.generation != state.generation)))
    return state, (*seeds, *questions(state))


RATES = "rates to be found"
"""Marks an edit that rates to be found belong to: all are one step of undo."""


def seeking(state: AppState, *searches: FindRate) -> Change:
    """``state`` just edited, with learning rates to be found that belong to the edit."""
    return replace(state, sought={**state.sought, **{search.run: search.preset for search in searches}}, editing=RATES), searches


def rate_found(state: AppState, message: RateFound) -> Change:
    if message.run not in state.sought:
        return state, ()
    state, belongs, runs = no_longer_sought(state, message.run), state.editing == RATES, state.scenario.runs
    if message.run >= len(runs) or unlabelled(runs[message.run]) != unlabelled(message.before):
        return state, ()
    run = runs[message.run].changed(learning_rate=message.rate)
    state, effects = edited(state, state.scenario.with_run(message.run, run), key=RATES)
    return replace(state, editing=RATES if belongs and state.sought else None), effects


def no_longer_sought(state: AppState, run: int) -> AppState:
    return replace(state, sought={other: rate for other, rate in state.sought.items() if other != run})


def painting(state: AppState, message: Painting) -> Change:
    return replace(state, painting=message.share if message.share < 1.0 else None), ()


def opened(state: AppState, message: Opened) -> Change:
    return computed_again(showing(replace(state, path=message.path), message.scenario))


def showing(state: AppState, scenario: Scenario) -> AppState:
    """``state`` with another scenario from its beginning: nothing to undo, nothing to save, playing from the start."""
    return replace(
        state,
        scenario=scenario,
        saved=scenario,
        tracks=(None,) * len(scenario.runs),
        said=(),
        seeds=ManySeeds(),
        looked=replace(state.looked, sides=None),
        map=replace(state.map, sides=None),
        playhead=0.0,
        wanted=0.0,
        playing=True,
        selected=0,
        done=(),
        undone=(),
        editing=None,
        sought={},
        notice=None,
    )


def saved(state: AppState, message: Saved) -> Change:
    return replace(state, saved=message.scenario, path=message.path, notice=Notice(f"Saved to {message.path}")), ()


def failed(state: AppState, message: Failed) -> Change:
    if message.generation is not None:
        if message.generation != state.generation:
            return state, ()
        state = fitted(replace(state, computing=False))
    if isinstance(message.effect, FindRate):
        state = no_longer_sought(state, message.effect.run)
    if isinstance(message.effect, Sharpen):
        state = map_failed(state, message.effect)
    if isinstance(message.effect, Render):
        state = replace(state, painting=None)
    if isinstance(message.effect, RunSeeds):
        state = replace(state, seeds=ManySeeds())
    if isinstance(message.effect, PutToTrials):
        state = given_up(state)
    return complain(state, message.text)


def told(state: AppState, message: Told) -> Change:
    return replace(state, notice=Notice(message.text)), ()
