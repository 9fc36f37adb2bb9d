"""The playhead: a recording is played, scrubbed and stepped through without computing anything."""

import math
from dataclasses import replace

from gdsim.app.history import Change
from gdsim.app.messages import Pause, Play, Seek, SetSpeed, StepBy, Tick
from gdsim.app.state import AppState
from gdsim.simulation.run_batches import most_steps

NATURAL_SECONDS = 8.0
"""How long the whole recording plays at speed 1 ..."""

SLOWEST = 4.0
"""... unless that were fewer steps a second than this: short recordings are over sooner."""

SPEEDS = (0.01, 100.0)


def pace(state: AppState) -> float:
    """Steps a second at speed 1."""
    length = most_steps(state.scenario) if state.computing else state.last_step
    return max(length / NATURAL_SECONDS, SLOWEST)


def play(state: AppState, _message: Play) -> Change:
    at_end = state.playhead >= state.last_step and not state.computing
    return replace(state, playing=True, playhead=0.0 if at_end else state.playhead), ()


def pause(state: AppState, _message: Pause) -> Change:
    return _left(replace(state, playing=False), state.playhead), ()


def step_by(state: AppState, message: StepBy) -> Change:
    whole = math.floor(state.playhead) if message.steps > 0 else math.ceil(state.playhead)
    there = min(max(whole + message.steps, 0), state.last_step)
    return _left(replace(state, playing=False), float(there)), ()


def seek(state: AppState, message: Seek) -> Change:
    if math.isnan(message.step):
        return state, ()
    return _left(state, float(min(max(message.step, 0.0), state.last_step))), ()


def set_speed(state: AppState, message: SetSpeed) -> Change:
    if not math.isfinite(message.speed):
        return state, ()
    low, high = SPEEDS
    return replace(state, speed=min(max(message.speed, low), high)), ()


def tick(state: AppState, message: Tick) -> Change:
    if not state.playing or not 0.0 <= message.seconds < math.inf:
        return state, ()
    end = float(state.last_step)
    playhead = min(state.playhead + message.seconds * state.speed * pace(state), end)
    over = playhead >= end and not state.computing
    return _left(replace(state, playing=not over), playhead), ()


def fitted(state: AppState) -> AppState:
    """``state`` with the playhead where the user left it, as far as the recording reaches."""
    return replace(state, playhead=min(state.wanted, float(state.last_step)))


def _left(state: AppState, playhead: float) -> AppState:
    """``state`` with the playhead there by the user's wish. One left at the end stays at the end of whatever is computed next."""
    at_end = not state.playing and 0.0 < playhead >= state.last_step
    return replace(state, playhead=playhead, wanted=math.inf if at_end else playhead)
