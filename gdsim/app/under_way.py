"""What is under way: how far it has come, and giving it up."""

from dataclasses import dataclass, replace

from gdsim.app.effects import Hold, Stop
from gdsim.app.history import Change
from gdsim.app.many_seeds import SEEDS, given_up
from gdsim.app.mapping import given_up as maps_given_up
from gdsim.app.mapping import seconds_left, share_under_way
from gdsim.app.messages import Cancel, Compiling, HoldComputing
from gdsim.app.play import fitted
from gdsim.app.questions import plane_now, questions, surveying
from gdsim.app.ruling import share_awaited
from gdsim.app.state import AppState
from gdsim.app.trials import given_up as trials_given_up
from gdsim.simulation.loss_plane import RESOLUTIONS
from gdsim.simulation.run_batches import steps_of

COMPILING = "Compiling"


@dataclass(frozen=True, slots=True)
class Progress:
    """Work in words, how much of it is done (0 to 1), and the seconds that the rest takes (None if nobody knows)."""

    text: str
    share: float | None
    left: float | None = None

    @property
    def is_still(self) -> bool:
        """Whether nothing on the screen moves meanwhile, so that it has to be told at once."""
        return self.text == COMPILING


def under_way(state: AppState) -> Progress | None:
    """What the user waits for."""
    if state.computing and state.compiling and not state.held:
        return Progress(COMPILING, None)
    if state.computing:
        return Progress("Paused" if state.held else "Computing", recorded(state))
    if state.sought:
        return Progress("Looking for a rate" if len(state.sought) == 1 else "Looking for rates", None)
    if state.painting is not None:
        return Progress("Painting picture", state.painting or None)
    if state.seeds.share is not None:
        return Progress(f"Running {SEEDS:,} seeds", state.seeds.share)
    if (share := share_under_way(state)) is not None:
        return Progress(COMPILING, None) if state.compiling and not share else Progress("Sharpening the map", share, seconds_left(state))
    if (share := share_awaited(state)) is not None:
        return Progress("Trying learning rates", share)
    if state.trying.share is not None:
        return Progress("Trials", state.trying.share)
    if surveying(state):
        there = plane_now(state)
        return Progress("Surveying the plane", None if there is None else len(there.plane.surface.x) ** 2 / RESOLUTIONS[-1] ** 2)
    return None


def recorded(state: AppState) -> float:
    """The share of the runs' steps that are recorded; a run that ended early is whole."""
    steps, done = [steps_of(state.scenario, index) for index in range(len(state.scenario.runs))], 0
    for track, all_steps in zip(state.tracks, steps, strict=False):
        if track is not None and track.generation == state.generation:
            done += track.last_step if track.verdict is None else all_steps
    return done / sum(steps)


def cancel(state: AppState, _message: Cancel) -> Change:
    """A recording of other numbers than the scenario's goes, as nothing will take its place any more."""
    if under_way(state) is None:
        return state, ()
    tracks = state.tracks
    if state.computing:
        tracks = tuple(track if track is not None and track.generation == state.generation else None for track in tracks)
    passed = state.generation if surveying(state) else state.given_up
    state = maps_given_up(trials_given_up(given_up(state)))
    state = replace(state, tracks=tracks, computing=False, held=False, sought={}, painting=None, awaited=None, given_up=passed)
    state = fitted(state)
    return state, (Stop(), *questions(state))


def compiling(state: AppState, message: Compiling) -> Change:
    return replace(state, compiling=message.on), ()


def hold(state: AppState, message: HoldComputing) -> Change:
    if not state.computing or state.held == message.on:
        return state, ()
    return replace(state, held=message.on), (Hold(message.on),)
