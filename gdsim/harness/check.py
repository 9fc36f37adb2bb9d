"""Check: one target through the families of trials, one outcome after another."""

import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib import import_module
from types import MappingProxyType
from typing import Any, Protocol, cast

from gdsim.harness.report import Report
from gdsim.harness.target import Target, TargetError
from gdsim.harness.targets import target as target_of_any
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.version import __version__

Progress = Callable[[int, int], bool]
"""``progress(answered, asked)``: called after every outcome, and by a family as often as it likes meanwhile. Stops where it says False."""


class Trials(Protocol):
    """What the module of a family offers."""

    def trials(self, target: Target, quick: bool) -> Sequence[Trial]:
        """The trials that are put to this target; ``quick`` asks for some of them, a cross-section."""

    def put(self, target: Target, trials: Sequence[Trial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
        """Puts ``trials``, each of which ``trials(target, False)`` has, and yields their outcomes in any order. Stops where
        ``progress()`` says False.
        """


FAMILIES = MappingProxyType(
    {
        Family.TRUTH: "gdsim.harness.truth_trials",
        Family.ROBUST: "gdsim.harness.robust_trials",
        Family.UNIT: "gdsim.harness.unit_trials",
        Family.LANDSCAPES: "gdsim.harness.landscape_trials",
    }
)
"""The module of every family: its ``trials`` and ``put`` are as in ``Trials``."""


def check(
    target: Any,
    trials: str | Family | Iterable[str | Family] = tuple(Family),
    quick: bool = False,
    seed: int = 0,
    progress: Progress | None = None,
) -> Report:
    """Puts the families ``trials`` (``"truth"``, ``"robust"``, ``"unit"``, ``"landscapes"``) and says what came of them.

    ``target`` is a Target, or whatever ``gdsim.target`` makes one of. An error in its code fails the trials that it leaves unanswered.
    Where ``progress`` says False, the report holds what was answered until then. Raises TargetError for what is no target, and ValueError
    for a family that there is not.
    """
    target = target_of_any(target)
    wanted = _families([trials] if isinstance(trials, str) else trials)
    began = time.perf_counter()
    asked = [(_module(family), _module(family).trials(target, quick)) for family in Family if family in wanted]
    total = sum(len(some) for _, some in asked)
    outcomes: list[Outcome] = []

    def go_on() -> bool:
        return progress is None or progress(len(outcomes), total)

    for module, some in asked:
        for outcome in answered(module, target, some, seed, go_on):
            outcomes.append(outcome)
            if not go_on():
                break
        if not go_on():
            break
    seconds = time.perf_counter() - began
    return Report(target.name, target.values, tuple(outcomes), seed, seconds, hardware(), __version__, target.claims, _given(target))


def _families(names: Iterable[str | Family]) -> set[Family]:
    """Raises ValueError."""
    wanted = list(names)
    for name in wanted:
        if name not in set(Family):
            raise ValueError(f"found {name!r}; allowed: {', '.join(map(repr, map(str, Family)))}")
    return set(map(Family, wanted))


def _given(target: Target) -> dict[str, float | bool]:
    """The values that are not the target's defaults; all, where defaults are lacking for more than the learning rate."""
    values = target.values
    for needed in ((), ("learning_rate",)):
        try:
            defaults = target.make({name: values[name] for name in needed if name in values}).values
        except TargetError:
            continue
        return {name: value for name, value in values.items() if name in needed or name not in defaults or defaults[name] != value}
    return dict(values)


def trial_named(target: Target, name: str) -> Trial | None:
    """The trial with the id ``name``, or None if this target is not put to such a one."""
    try:
        family = Family(name.partition("/")[0])
    except ValueError:
        return None
    return next((trial for trial in _module(family).trials(target, False) if trial.id == name), None)


def answer(target: Target, trial: Trial, seed: int = 0) -> Outcome:
    """The outcome of one trial."""
    return next(answered(_module(trial.family), target, [trial], seed, lambda: True))


def answered(module: Trials, target: Target, trials: Sequence[Trial], seed: int, go_on: Callable[[], bool]) -> Iterator[Outcome]:
    """The outcomes of ``trials``; those that an error in the target's code left unanswered have failed."""
    waiting = {trial.id: trial for trial in trials}
    try:
        for outcome in module.put(target, trials, seed, go_on):
            waiting.pop(outcome.trial.id, None)
            yield outcome
    except TargetError as error:
        for trial in waiting.values():
            yield Outcome(trial, Verdict.FAILED, str(error))


def hardware() -> str:
    """The processor, and how many a process may use."""
    try:
        count = len(os.sched_getaffinity(0))
    except AttributeError:  # not on macOS and Windows
        count = os.cpu_count() or 1
    return f"{platform.machine()} {platform.system()}, {count} processor{'s' * (count != 1)}"


def _module(family: Family) -> Trials:
    return cast(Trials, import_module(FAMILIES[family]))
