"""Edits of one run: its optimizer, the optimizer's parameters, the learning rate, the label."""

import re
from collections.abc import Iterable
from dataclasses import replace

from gdsim.app.answer import seeking
from gdsim.app.changes import ApplyPreset, SetLabel, SetOptimizer, SetParam
from gdsim.app.effects import FindRate
from gdsim.app.history import Change, complain, edited
from gdsim.app.presets import PRESETS, same_scale
from gdsim.app.state import AppState
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.simulation.scenario import Run

LONGEST_LABEL = 80


def has_run(state: AppState, index: int) -> bool:
    """False for a message about a run that is gone meanwhile."""
    return 0 <= index < len(state.scenario.runs)


def set_param(state: AppState, message: SetParam) -> Change:
    if not has_run(state, message.run):
        return state, ()
    run = state.scenario.runs[message.run]
    if message.name not in run.rule.defaults:
        return complain(state, f"{run.rule.title} has no parameter {message.name!r}")
    # Nesterov's momentum without momentum is an error in a file; a box that is ticked is a wish.
    values = run.rule.reconciled({**run.values, message.name: message.value}, message.name)
    others = {name: value for name, value in values.items() if value != run.values[name] and name != message.name}
    scenario = state.scenario.with_run(message.run, run.changed(**others, **{message.name: message.value}))
    return edited(state, scenario, key=f"runs.{message.run}.{message.name}", live=message.live)


def set_label(state: AppState, message: SetLabel) -> Change:
    if not has_run(state, message.run):
        return state, ()
    run = state.scenario.runs[message.run].changed(label=message.label)
    return edited(state, state.scenario.with_run(message.run, run))


def apply_preset(state: AppState, message: ApplyPreset) -> Change:
    if message.preset not in PRESETS:
        return complain(state, f"There is no preset {message.preset!r} (there are {', '.join(PRESETS)})")
    if not has_run(state, message.run):
        return state, ()
    search = FindRate(state.scenario, message.run, message.preset)
    return replace(state, sought={**state.sought, search.run: search.preset}, editing=None), (search,)


def set_optimizer(state: AppState, message: SetOptimizer) -> Change:
    """What the user chose stays where the new rule has a parameter of that name which admits it; what was left at its default takes the
    new rule's default; and a label that only named the old rule names the new one.

    The learning rate is kept if it was chosen and means about the same to both rules (see ``same_scale``): 0.01 stays 0.01 between Adam
    and RMSprop. Otherwise, as between gradient descent, whose rate multiplies the gradient, and Adam, whose rate is the length of a
    step, a stable one is looked for, and the change of rule and rate are one step of undo.
    """
    if not has_run(state, message.run):
        return state, ()
    run = state.scenario.runs[message.run]
    old, new = run.rule, OPTIMIZERS.get(message.name)
    if new is old:
        return state, ()
    if new is None:
        return edited(state, state.scenario.changed(runs=({"optimizer": message.name},)))  # says what there is instead
    kept = kept_values(run, new)
    keeps_rate = "learning_rate" in kept and same_scale(old, new)
    if not keeps_rate:
        kept.pop("learning_rate", None)
    common = {name: getattr(run, name) for name in Run.COMMON if name not in ("lookahead", "layer_rates") or new.is_elementwise}
    content = {"optimizer": new.name, **common, "label": renamed(run, new, state.scenario.runs), **kept}
    runs = state.scenario.runs
    scenario = state.scenario.changed(runs=(*runs[: message.run], content, *runs[message.run + 1 :]))
    state, effects = edited(state, scenario)
    if keeps_rate:
        return state, effects
    state, searches = seeking(state, FindRate(scenario, message.run, "stable"))
    return state, (*effects, *searches)


def kept_values(run: Run, new: Optimizer) -> dict[str, float | bool]:
    """The values that were chosen for ``run`` and that ``new`` admits. Chosen ones that do not go together are all given up."""
    old = run.rule.defaults
    kept = {
        param.name: value
        for param in new.parameters
        if (value := run.values.get(param.name)) is not None
        and value != old[param.name]
        and param.is_switch == isinstance(value, bool)
        and param.admits(value)
    }
    return kept if new.conflict(new.defaults | kept) is None else {}


def renamed(run: Run, new: Optimizer, runs: Iterable[Run]) -> str:
    """The run's label under the new rule."""
    if not re.fullmatch(re.escape(run.rule.title) + r"( \d+)?", run.label):
        return run.label
    return distinct(new.title, [other for other in runs if other is not run])


def distinct(label: str, runs: Iterable[Run]) -> str:
    """``label``, with a number behind it if another run has it."""
    taken = {run.label or run.rule.title for run in runs}
    base = re.sub(r" \d+$", "", label)[: LONGEST_LABEL - 4]
    if label not in taken:
        return label
    return next(name for n in range(2, len(taken) + 3) if (name := f"{base} {n}") not in taken)
