"""A network's run that begins with weights of its own: in the training, in files, in scripts for PyTorch."""

import numpy as np
import pytest

import gdsim
from gdsim.networks.tensors import load_tensors
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import load, save

RUN = {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 16}
WEIGHTS = tuple(np.linspace(-1.0, 1.0, 13).tolist())


def scenario(*runs, **others):
    problem = {"dataset": "moons", "data": {"count": 60}, "network": {"layers": [3]}}
    return validated({"steps": 5, "problem": problem, "runs": [RUN | run for run in runs], **others})


def test_each_run_begins_where_it_says():
    own, drawn = gdsim.run(scenario({"start": list(WEIGHTS)}, {})).runs
    assert own.snapshots.weights[0] == pytest.approx(WEIGHTS, abs=0.0)
    assert drawn.snapshots.weights[0] == pytest.approx(gdsim.run(scenario({})).runs[0].snapshots.weights[0], abs=0.0)


def test_a_file_keeps_them(tmp_path):
    wanted = scenario({"start": list(WEIGHTS)})
    save(wanted, tmp_path / "own.toml")
    assert load(tmp_path / "own.toml") == wanted


@pytest.mark.parametrize("exact", [True, False])
def test_a_script_begins_with_them(tmp_path, exact):
    script = export_pytorch(scenario({"start": list(WEIGHTS)}), exact=exact)
    script.save(tmp_path / "own.py")
    tensors, _ = load_tensors(script.beside(tmp_path / "own.py", ".first.safetensors"))
    found = np.concatenate([tensors[name].reshape(-1) for name in ("0.weight", "0.bias", "2.weight", "2.bias")])
    assert found == pytest.approx(WEIGHTS, abs=0.0)
    assert "FIRST_WEIGHTS" in script.text


WRONG = {
    "too few": ({"start": [1.0, 2.0]}, {}, "runs.0.start: found 2 numbers, and there are 13 weights"),
    "too many": ({"start": [0.0] * 14}, {}, "runs.0.start: found 14 numbers, and there are 13 weights"),
    "not finite": ({"start": [float("nan")] * 13}, {}, "runs.0.start"),
    "random": ({"start": {"normal": 1.0}}, {}, "runs.0.start: found a random start"),
    "for all runs": ({}, {"start": [0.0] * 13}, "start: a network begins with weights drawn"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_no_start_of_a_network_is_refused(case):
    run, others, complaint = WRONG[case]
    with pytest.raises(ScenarioError, match=complaint.replace(".", r"\.")):
        scenario(run, **others)
