"""Trials of an optimizer: which one, asked for, under way, and the run of an outcome opened.

They take seconds, so they have a worker of their own: a drag is never behind them.
"""

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib import import_module

from gdsim.app.effects import Effect
from gdsim.app.history import Change, complain, edited
from gdsim.app.messages import Message
from gdsim.app.state import AppState, Notice
from gdsim.harness.report import Report
from gdsim.harness.trial import Outcome
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import parse

TRIALS_VIEW = "Trials"
TELLING_SECONDS = 0.25
"""How often what is known so far is told."""


@dataclass(frozen=True)
class ChooseSubject(Message):
    """What the next trials are of: the optimizer of a run, by its number, or one of the catalogue, by its name."""

    subject: int | str


@dataclass(frozen=True)
class ChooseExtent(Message):
    """Whether trials are a cross-section, or all of them."""

    quick: bool


@dataclass(frozen=True)
class BeginTrials(Message):
    """Puts the optimizer that is chosen to the trials."""


@dataclass(frozen=True)
class OpenTrial(Message):
    """Takes the run that the trial of this name shows in the place of the scenario."""

    trial: str


@dataclass(frozen=True)
class Tried(Message):
    """What came of the trials so far; ``share`` 1: of all."""

    question: int
    share: float
    report: Report


@dataclass(frozen=True)
class PutToTrials(Effect):
    """Put the optimizer ``optimizer`` with these values to the trials; the answers are ``Tried``."""

    question: int
    optimizer: str
    values: Mapping[str, float | bool]
    quick: bool


def subject(state: AppState) -> tuple[str, Mapping[str, float | bool]]:
    """The optimizer that is chosen, and its values: those of the run, or its defaults. A run that is gone is the selected one."""
    chosen = state.trying.subject
    if isinstance(chosen, str):
        return chosen, OPTIMIZERS[chosen].defaults
    runs = state.scenario.runs
    run = runs[chosen if chosen is not None and chosen < len(runs) else state.selected]
    return run.optimizer, run.values


def choose_subject(state: AppState, message: ChooseSubject) -> Change:
    return replace(state, trying=replace(state.trying, subject=message.subject)), ()


def choose_extent(state: AppState, message: ChooseExtent) -> Change:
    return replace(state, trying=replace(state.trying, quick=message.quick)), ()


def begin_trials(state: AppState, _message: BeginTrials) -> Change:
    optimizer, values = subject(state)
    question = state.trying.question + 1
    trying = replace(state.trying, question=question, share=0.0, report=None)
    return replace(state, trying=trying), (PutToTrials(question, optimizer, values, state.trying.quick),)


def tried(state: AppState, message: Tried) -> Change:
    if message.question != state.trying.question or state.trying.share is None:
        return state, ()
    share = message.share if message.share < 1.0 else None
    return replace(state, trying=replace(state.trying, share=share, report=message.report)), ()


def given_up(state: AppState) -> AppState:
    """``state`` without trials on their way; what came of them so far stays."""
    return replace(state, trying=replace(state.trying, share=None))


def open_trial(state: AppState, message: OpenTrial) -> Change:
    """An edit, so that the way back is remembered; but saving asks for a place, as the scenario is no longer the file's."""
    report = state.trying.report
    outcome = next((one for one in report.outcomes if one.trial.id == message.trial), None) if report is not None else None
    if outcome is None:
        return state, ()
    if outcome.scenario is None:
        return complain(state, f"No scenario can show this run. {in_words(outcome)}")
    try:
        scenario = validated(parse(outcome.scenario))
    except ScenarioError as error:
        return complain(state, f"{outcome.trial.title}: {'; '.join(complaint.text for complaint in error.complaints)}")
    state, effects = edited(state, scenario)
    notice = Notice(f"{in_words(outcome)} Undo brings your scenario back.")
    return replace(state, path=None, view=None, playhead=0.0, playing=True, notice=notice), effects


def in_words(outcome: Outcome) -> str:
    """An outcome in a line."""
    sentence = outcome.sentence[:1].upper() + outcome.sentence[1:].rstrip(".")
    return f"{outcome.trial.title} {outcome.verdict.capitalize()}. {sentence}."


def always() -> bool:
    return True


def trying(effect: PutToTrials) -> Iterator[Tried | None]:
    """The trials, told now and then."""
    from gdsim.harness.check import FAMILIES, answered, check
    from gdsim.harness.targets import target_of

    began = told = time.monotonic()
    target = target_of(effect.optimizer, effect.values)
    empty = check(target, ())
    asked = [(family, family.trials(target, effect.quick)) for family in map(import_module, FAMILIES.values())]
    total = sum(len(trials) for _, trials in asked)
    found: list[Outcome] = []

    def so_far(share: float) -> Tried:
        return Tried(effect.question, share, replace(empty, outcomes=tuple(found), seconds=time.monotonic() - began))

    for family, trials in asked:
        for outcome in answered(family, target, trials, 0, always):
            found.append(outcome)
            if time.monotonic() - told > TELLING_SECONDS:
                told = time.monotonic()
                yield so_far(min(len(found) / total, 0.999))
            else:
                yield None
    yield so_far(1.0)
