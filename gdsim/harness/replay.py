"""Replay: the run of one trial once more, and the command that does so."""

import shlex
from collections.abc import Mapping, Sequence
from importlib import import_module

from gdsim.harness.check import FAMILIES, answer, trial_named
from gdsim.harness.report import Report
from gdsim.harness.robust_course import Row
from gdsim.harness.target import Target, TargetError
from gdsim.harness.trial import Outcome
from gdsim.harness.watching import watched
from gdsim.optimizers import OPTIMIZERS


def replay(target: Target, name: str, seed: int = 0) -> tuple[Outcome, Sequence[Row]]:
    """The outcome of the trial ``name`` and the steps that were taken for it; none where they were not taken one by one, and a scenario
    shows them. Raises TargetError for a trial that this target is not put to.
    """
    trial = trial_named(target, name)
    if trial is None:
        raise TargetError(f"--trial: found {name!r}; allowed: the id of a trial that gdsim check {shlex.quote(target.name)} puts")
    rows: list[Row] = []
    module = import_module(FAMILIES[trial.family])
    if hasattr(module, "replayed"):
        return module.replayed(target, trial, seed, rows), rows
    return answer(watched(target, rows), trial, seed), rows


def command(report: Report, outcome: Outcome) -> str:
    """What opens the run of an outcome: in the window where a scenario shows it, or as a table."""
    values = report.values if report.given is None else report.given
    chosen = options(report.target, values, report.claims)
    if outcome.trial.id.startswith("truth/against/"):
        other = outcome.trial.id.removeprefix("truth/against/")
        return shlex.join(["gdsim", "check", report.target, "--against", other, *chosen])
    seed = ["--seed", str(report.seed)] if report.seed else []
    return shlex.join(["gdsim", "open", "--trial", outcome.trial.id, "--target", report.target, *chosen, *seed])


def options(target: str, values: Mapping[str, float | bool], claims: str | None) -> list[str]:
    """The options that bring back a target with these values, without those that the catalogue's defaults give."""
    defaults = OPTIMIZERS[target].defaults if target in OPTIMIZERS else {}
    words: list[str] = []
    for name, value in values.items():
        if name in defaults and defaults[name] == value:
            continue
        text = str(value).lower() if isinstance(value, bool) else f"{value!r}"
        words += ["--learning-rate", text] if name == "learning_rate" else ["--param", f"{name}={text}"]
    return [
        *words,
        *(["--claims", claims] if claims is not None and claims != target and not target.startswith(("torch:", "optax:")) else []),
    ]
