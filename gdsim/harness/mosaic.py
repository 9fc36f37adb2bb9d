"""Mosaic: the verdicts of several reports side by side, a row a trial and a column a report, in blocks of trials that belong together."""

from collections.abc import Sequence
from dataclasses import dataclass

from gdsim.harness.report import Report
from gdsim.harness.trial import Family, Outcome, Trial

TITLES = {Family.TRUTH: "Truth", Family.ROBUST: "Robustness", Family.UNIT: "Unit trials", Family.LANDSCAPES: "Landscapes"}


@dataclass(frozen=True)
class Block:
    """``cells[row][column]`` is what came of trial ``row`` in report ``column``, None where it was not put."""

    family: Family
    group: str
    trials: tuple[Trial, ...]
    cells: tuple[tuple[Outcome | None, ...], ...]


@dataclass(frozen=True)
class Mosaic:
    columns: tuple[str, ...]
    blocks: tuple[Block, ...]


def mosaic(reports: Sequence[Report]) -> Mosaic:
    """Families in the order in which they are put; groups and trials in the order of the reports."""
    grouped: dict[tuple[Family, str], dict[str, Trial]] = {}
    found: list[dict[str, Outcome]] = []
    for report in reports:
        found.append({outcome.trial.id: outcome for outcome in report.outcomes})
        for outcome in report.outcomes:
            trial = outcome.trial
            grouped.setdefault((trial.family, trial.group), {}).setdefault(trial.id, trial)
    order = list(Family)
    blocks = []
    for family, group in sorted(grouped, key=lambda key: order.index(key[0])):
        trials = tuple(grouped[family, group].values())
        cells = tuple(tuple(column.get(trial.id) for column in found) for trial in trials)
        blocks.append(Block(family, group, trials, cells))
    return Mosaic(column_names(reports), tuple(blocks))


def column_names(reports: Sequence[Report]) -> tuple[str, ...]:
    """The targets' names; with those of their values that tell them apart, and a number where none does."""
    names: list[str] = []
    for report in reports:
        others = [other for other in reports if other.target == report.target]
        told = [key for key in report.values if any(other.values.get(key) != report.values[key] for other in others)]
        name = " ".join([report.target, *(f"{key}={shown(report.values[key])}" for key in told)])
        twice = names.count(name) + sum(one.startswith(f"{name} #") for one in names)
        names.append(f"{name} #{twice + 1}" if twice else name)
    return tuple(names)


def shown(value: float | bool) -> str:
    """A hyper-parameter as it is typed."""
    return str(value).lower() if isinstance(value, bool) else f"{value:.6g}"
