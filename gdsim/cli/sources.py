"""Scenarios named on the command line, read and validated all together."""

from gdsim.cli.overrides import apply
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import read, shown


def load_all(sources: list[str], changes: list[str], formula: str | None = None) -> tuple[list[Scenario], list[ScenarioError]]:
    """Every scenario that can be used, with ``formula`` in place of its landscape, and what is wrong with the others."""
    scenarios, errors = [], {}
    for source in sources:
        try:
            tables = read(source)
            if formula is not None:
                tables["problem"] = {"formula": formula}
            apply(tables, changes)
            scenarios.append(validated(tables, shown(source)))
        except ScenarioError as error:
            errors[str(error)] = error  # a wrong --set is wrong for every file, and said once
    return scenarios, list(errors.values())
