"""Rulers: what becomes of a run with every learning rate, kept up to date for all runs as the scenario is edited.

A run's own learning rate changes nothing of its ruler. While a new one is on its way, the last that was computed of the run stays. Those
of networks take seconds of a processor: they wait until nothing else is under way that somebody waits for, and give way to it.
"""

from dataclasses import dataclass, replace

from gdsim.app.effects import Effect
from gdsim.app.history import Change
from gdsim.app.mapping import share_under_way
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.simulation.ruler import Ruler, subject_of
from gdsim.simulation.scenario import Scenario


@dataclass(frozen=True)
class RuleRates(Effect):
    """Find the rulers of runs by number, in this order, one for all that have the same; the answers are ``Ruled``. Without any, give up
    those that are under way. ``awaited`` is one that the user asked for, however long it takes.
    """

    subjects: tuple[tuple[int, Scenario], ...]
    awaited: Scenario | None = None


@dataclass(frozen=True)
class Ruled(Message):
    """A ruler of run ``run`` as it was when it was asked for, and of all that are like it. Unless it is whole, a finer one follows."""

    run: int
    ruler: Ruler


@dataclass(frozen=True)
class AwaitRuler(Message):
    """The user waits for the ruler of run ``run``, which was withheld because it takes long."""

    run: int


def ruling(state: AppState) -> Change:
    """``state`` with the rulers that still hold, and the question for the others: first for the selected run."""
    if state.scenario.is_network and (state.computing or share_under_way(state) is not None):
        return (state, ()) if state.ruled is None else (replace(state, ruled=None), (RuleRates(()),))
    if state.ruled is state.scenario:
        return state, ()
    runs = range(len(state.scenario.runs))
    subjects = [subject_of(state.scenario, index) for index in runs]
    awaited = next((subject for subject in subjects if subject == state.awaited), None)
    known = [ruler for ruler in state.rulers if ruler is not None]
    rulers: list[Ruler | None] = []
    for index, subject in enumerate(subjects):
        last = state.rulers[index] if index < len(state.rulers) else None
        same = next((ruler for ruler in known if ruler.subject == subject), None)
        rulers.append(same or (last if last is not None and not last.withheld and _alike(last.subject, subject) else None))
    wanted: list[tuple[int, Scenario]] = []
    for index in sorted(runs, key=lambda run: run != state.selected):
        subject, ruler = subjects[index], rulers[index]
        there = ruler is not None and ruler.whole and ruler.subject == subject and not (ruler.withheld and subject == awaited)
        if not there and all(subject != other for _, other in wanted):
            wanted.append((index, subject))
    judged = all(track is not None and track.verdict is not None for track in state.tracks)
    if not judged and any(rulers[index] is None for index, _ in wanted):
        # Runs of a new kind come first: where both have to be compiled, one waits for the other.
        unchanged = len(rulers) == len(state.rulers) and all(one is other for one, other in zip(rulers, state.rulers, strict=True))
        return state if unchanged else replace(state, rulers=tuple(rulers)), ()
    state = replace(state, rulers=tuple(rulers), ruled=state.scenario, awaited=awaited)
    return state, (RuleRates(tuple(wanted), awaited),) if wanted else ()


def _alike(before: Scenario, now: Scenario) -> bool:
    """Whether a ruler of the one may stand until that of the other is there."""
    return before.problem.ground == now.problem.ground and before.runs[0].optimizer == now.runs[0].optimizer


def ruled(state: AppState, message: Ruled) -> Change:
    """A ruler of what was a moment ago, in a drag that is faster than rulers are, is newer than the one that is shown."""
    runs, found = range(len(state.scenario.runs)), message.ruler
    rulers = [*state.rulers, *(None,) * len(runs)][: len(runs)]
    for index in runs:
        subject = subject_of(state.scenario, index)
        last = rulers[index]
        if last is not None and last.subject == subject:
            # One that was begun anew may be shorter for a while.
            better = found.subject == subject and (found.whole or len(found.rates) > len(last.rates))
        else:
            late = index == message.run and not found.withheld and _alike(found.subject, subject)
            better = found.subject == subject or late
        if better:
            rulers[index] = found
    over = found.subject == state.awaited and found.whole
    return replace(state, rulers=tuple(rulers), awaited=None if over else state.awaited), ()


def await_ruler(state: AppState, message: AwaitRuler) -> Change:
    if message.run >= len(state.scenario.runs):
        return state, ()
    return replace(state, awaited=subject_of(state.scenario, message.run), ruled=None), ()


def share_awaited(state: AppState) -> float | None:
    """How much of the ruler is there that the user waits for; None if he waits for none."""
    if state.awaited is None:
        return None
    return next((ruler.share for ruler in state.rulers if ruler is not None and not ruler.withheld and ruler.subject == state.awaited), 0.0)
