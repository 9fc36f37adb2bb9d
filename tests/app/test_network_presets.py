"""Too small, stable and too large are found for networks as for landscapes: the verdict decides."""

import pytest

from gdsim.app.presets import find_rate
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from gdsim.simulation.verdict import Rate

PROBLEM = {"dataset": "plane", "data": {"count": 40}, "network": {"layers": [4]}}


def result(search):
    while True:
        try:
            next(search)
        except StopIteration as found:
            return found.value


@pytest.mark.parametrize("preset", Rate)
@pytest.mark.parametrize("table", [{"optimizer": "sgd"}, {"optimizer": "adam"}, {"optimizer": "sgd", "batch_size": 8}], ids=str)
def test_a_preset_has_its_verdict(table, preset):
    scenario = validated({"steps": 300, "problem": PROBLEM, "runs": [table]})
    rate = result(find_rate(scenario, 0, preset))
    assert rate > 0.0
    assert run(scenario.with_run(0, scenario.runs[0].changed(learning_rate=rate))).runs[0].verdict.rate is preset
