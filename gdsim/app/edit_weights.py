"""Weights of a network that are set by hand: the training begins anew from them."""

from dataclasses import dataclass, replace

from gdsim.app.edit_run import has_run
from gdsim.app.history import Change, complain, edited
from gdsim.app.messages import Message
from gdsim.app.predicting import recorded
from gdsim.app.state import AppState

MOST_BY_HAND = 10_000
"""Weights that a run may have as its own: each is a number in the scenario's file."""


@dataclass(frozen=True)
class SetWeight(Message):
    """Run ``run`` begins with the weights that it has at the playhead, but for the one at ``place`` of the flat vector."""

    run: int
    place: int
    value: float


@dataclass(frozen=True)
class DrawWeights(Message):
    """Run ``run`` begins with drawn weights again."""

    run: int


def set_weight(state: AppState, message: SetWeight) -> Change:
    snapshots = recorded(state, message.run)
    if not has_run(state, message.run) or snapshots is None:
        return state, ()
    weights = snapshots.weights[snapshots.at(state.playhead)].tolist()
    if not 0 <= message.place < len(weights) or weights[message.place] == message.value:
        return state, ()
    if len(weights) > MOST_BY_HAND:
        return complain(state, f"This network has {len(weights):,} weights; those of networks up to {MOST_BY_HAND:,} can be set by hand")
    weights[message.place] = message.value
    return begun_with(state, message.run, tuple(weights))


def draw_weights(state: AppState, message: DrawWeights) -> Change:
    if not has_run(state, message.run) or state.scenario.runs[message.run].start is None:
        return state, ()
    return begun_with(state, message.run, None)


def begun_with(state: AppState, index: int, start: tuple[float, ...] | None) -> Change:
    """``state`` with other first weights of a run, looked at from its start."""
    run = state.scenario.runs[index].changed(start=start)
    state, effects = edited(state, state.scenario.with_run(index, run), key=f"weights of {index}")
    return replace(state, playhead=0.0, wanted=0.0, playing=False), effects
