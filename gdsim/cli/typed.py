"""``gdsim run --formula`` without a file: the scenario that is meant."""

from typing import Any

from gdsim.app.presets import find_rate
from gdsim.cli.overrides import apply
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.verdict import Rate

LONGEST_TITLE = 200


def scenario_of(formula: str, optimizers: list[str], changes: list[str]) -> Scenario:
    """One run an optimizer. Where ``changes`` give no learning rate, a stable one is found by trying, as for a run added in the window.

    Raises ScenarioError.
    """
    title = {"title": formula} if len(formula) <= LONGEST_TITLE and formula.isprintable() else {}
    tables: dict[str, Any] = title | {"problem": {"formula": formula}, "runs": [{"optimizer": name} for name in optimizers]}
    apply(tables, changes)
    scenario = validated(tables, "--formula")
    for index, run in enumerate(scenario.runs):
        if "learning_rate" not in tables["runs"][index]:
            scenario = scenario.with_run(index, run.changed(learning_rate=_stable_rate(scenario, index)))
    return scenario


def _stable_rate(scenario: Scenario, index: int) -> float:
    search = find_rate(scenario, index, Rate.STABLE)
    while True:
        try:
            next(search)
        except StopIteration as found:
            return float(f"{found.value:.4g}")
