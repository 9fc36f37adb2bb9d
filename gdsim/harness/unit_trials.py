"""Unit trials: short descents, each with one thing or two that make descent hard, graded by the best rate of gradient descent.

Whatever is compiled meets the whole catalogue. Anything else takes its steps one by one, so that of the catalogue a cross-section is
drawn, as far as it comes within a minute; the outcome ``unit/left_out`` says how much that was.
"""

import hashlib
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, zip_longest

import numpy as np

from gdsim.harness.robust_course import Row
from gdsim.harness.target import Target
from gdsim.harness.trial import Family, Outcome, Trial, Verdict
from gdsim.harness.unit_catalogue import CATALOGUE, UnitTrial
from gdsim.harness.unit_reference import dropped, reference, usable
from gdsim.harness.unit_run import STEPS, Floats, compiled, first_seed, one_run, runs_of, stepped
from gdsim.harness.unit_scenario import can_show, scenario_text, typical
from gdsim.harness.unit_verdict import judged
from gdsim.optimizers import Optimizer

QUICK = 400
"""How many trials a compiled target is put to where it is to be quick."""

DRAWN, QUICK_DRAWN = 96, 24
"""How many trials a target that is not compiled is put to at most."""

SECONDS = 50.0
"""After so long no further one of these is begun, so that the last ends within a minute."""

TOGETHER = 250
"""Trials of a compiled target whose runs are computed at a time: a third of a second."""

LEFT_OUT = Trial("unit/left_out", Family.UNIT, "Which unit trials are not put to this target?")


def trials(target: Target, quick: bool) -> Sequence[Trial]:
    """The trials that are put to ``target``, and one more that says which are not."""
    return [*(one.trial for one in _put(target, quick)), LEFT_OUT]


def put(target: Target, trials: Sequence[Trial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    """The outcomes of ``trials``, those of a compiled target on all processors. Stops where ``progress()`` says False."""
    asked = [CATALOGUE[trial.id] for trial in trials if trial.id != LEFT_OUT.id]
    if len(asked) < len(trials):
        yield Outcome(LEFT_OUT, Verdict.SKIPPED, _left_out(target, len(asked)))
    yield from _compiled(target, target.record, asked, seed, progress) if target.record else _by_steps(target, asked, seed, progress)


def replayed(target: Target, trial: Trial, seed: int, rows: list[Row]) -> Outcome:
    """The outcome of one trial. Where no scenario shows its run, every step of it is written into ``rows``."""
    outcome = next(put(target, [trial], seed, lambda: True))
    if outcome.scenario is None and trial.id in CATALOGUE and (target.record is None or target.record.is_elementwise):
        one = CATALOGUE[trial.id]
        runs = runs_of([one], seed)
        losses = compiled(target.record, target.values, runs) if target.record else stepped(target, one, seed)
        assert losses is not None
        one_run(target, one, first_seed(seed) + typical(losses), rows=rows)
    return outcome


def _put(target: Target, quick: bool) -> list[UnitTrial]:
    fitting = [one for one in usable().values() if _fits(target.record, one)]
    if target.record is None:
        return cross_section(fitting, QUICK_DRAWN if quick else DRAWN)
    return cross_section(fitting, QUICK) if quick else fitting


def _fits(record: Optimizer | None, trial: UnitTrial) -> bool:
    if record is None or record.is_elementwise:
        return True
    return not (record.needs_residuals or trial.is_random or trial.change or trial.dim > 2 or trial.structure == "curled")


def cross_section(some: Iterable[UnitTrial], count: int) -> list[UnitTrial]:
    """``count`` of the trials at most, drawn once and for all, from every group in turn."""
    groups: dict[str, list[UnitTrial]] = {}
    for trial in sorted(some, key=lambda one: hashlib.sha256(one.id.encode()).digest()):
        groups.setdefault(trial.group, []).append(trial)
    turns = chain.from_iterable(zip_longest(*(groups[name] for name in sorted(groups))))
    return [trial for trial in turns if trial is not None][:count]


def _compiled(target: Target, record: Optimizer, asked: list[UnitTrial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    for first in range(0, len(asked), TOGETHER):
        some = asked[first : first + TOGETHER]
        runs = runs_of(some, seed)
        losses = compiled(record, target.values, runs, go_on=progress)
        if np.isnan(losses).any() or not progress():
            return
        for trial, ends in zip(some, runs.parted(losses), strict=True):
            yield _outcome(target, trial, ends, seed)


def _by_steps(target: Target, asked: list[UnitTrial], seed: int, progress: Callable[[], bool]) -> Iterator[Outcome]:
    began = time.monotonic()
    for count, trial in enumerate(asked):
        if count and time.monotonic() - began > SECONDS:
            sentence = f"not put: after {SECONDS:g} s {count} of the {len(asked)} trials drawn had been answered"
            yield from (Outcome(other.trial, Verdict.SKIPPED, sentence) for other in asked[count:])
            return
        losses = stepped(target, trial, seed, go_on=progress)
        if losses is None:
            return
        yield _outcome(target, trial, losses, seed)


def _outcome(target: Target, trial: UnitTrial, losses: Floats, seed: int) -> Outcome:
    best = reference()[trial.id]
    outcome = judged(trial, losses, best, STEPS)
    if target.record is None or not can_show(trial, target.record):
        return outcome
    shown = first_seed(seed) + typical(losses)
    return replace(outcome, scenario=scenario_text(trial, target.record, target.values, best, shown))


def _left_out(target: Target, asked: int) -> str:
    sentences = [f"{asked:,} of {len(CATALOGUE):,} trials are put", f"on {len(dropped())} not even gradient descent makes progress"]
    others = Counter(_fits(target.record, trial) for trial in usable().values())
    if others[False]:
        sentences.append(f"{others[False]:,} have noise, motion, curl or ten weights, and {target.name} looks at a landscape by itself")
    if asked < others[True]:
        sentences.append(f"{asked:,} were drawn from the other {others[True]:,}")
    return "; ".join(sentences)
