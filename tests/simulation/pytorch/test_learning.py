"""Scripts of trainings do under PyTorch what gdsim does."""

import numpy as np
import pytest

from gdsim.networks.tensors import load_tensors
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from tests.simulation.pytorch.running import executed

torch = pytest.importorskip("torch")
pytest.importorskip("safetensors.torch")
pytestmark = pytest.mark.torch

LINE = {"dataset": "line", "data": {"count": 23}, "model": "line"}
PLANE = {"dataset": "gaussians", "data": {"count": 40, "seed": 3}, "model": "logistic", "split": [0.6, 0.2, 0.2]}

TWO_WEIGHTS = {
    "momentum, the last batch smaller": (LINE, 60, {"optimizer": "sgd", "momentum": 0.9, "learning_rate": 0.01, "batch_size": 7}),
    "the last batch left out": (LINE, 61, {"optimizer": "sgd", "learning_rate": 0.05, "batch_size": 5, "drop_last": True}),
    "one point at a time, in order": (LINE, 30, {"optimizer": "adam", "learning_rate": 0.05, "batch_size": 1, "shuffle": False}),
    "with replacement": (LINE, 50, {"optimizer": "rmsprop", "learning_rate": 0.01, "batch_size": 6, "replacement": True}),
    "the whole set": (LINE, 40, {"optimizer": "nadam", "learning_rate": 0.05}),
    "epochs": (LINE, 1, {"optimizer": "sgd", "learning_rate": 0.05, "batch_size": 4, "epochs": 3}),
    "a schedule and clipping": (
        LINE,
        50,
        {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 6, "schedule": {"name": "cosine"}, "clip_norm": 1.0, "clip_value": 0.9},
    ),
    "rates that look at losses": (
        LINE,
        40,
        {"optimizer": "sgd", "learning_rate": 0.1, "schedule": {"name": "reduce_on_plateau", "patience": 1, "threshold": 0.2}},
    ),
    "two inputs, two classes": (PLANE, 40, {"optimizer": "adagrad", "learning_rate": 0.3, "batch_size": 8}),
    "a neuron": (PLANE | {"model": "neuron"}, 40, {"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 8}),
}


def scenario_of(problem, steps, *runs):
    return validated({"problem": problem, "steps": steps, "seed": 11, "runs": list(runs)})


@pytest.mark.parametrize("case", TWO_WEIGHTS)
def test_two_weights_arrive_where_they_do_here(case, tmp_path):
    problem, steps, run_ = TWO_WEIGHTS[case]
    scenario = scenario_of(problem, steps, run_)
    executed(export_pytorch(scenario), tmp_path)
    tensors, _ = load_tensors(tmp_path / "script.trained.safetensors")
    found = np.concatenate([tensors[name].ravel() for name in sorted(tensors, reverse=True)])  # the weight, then the bias
    assert found == pytest.approx(run(scenario).runs[0].positions[-1], rel=1e-10, abs=1e-10)


@pytest.mark.parametrize("case", ["momentum, the last batch smaller", "with replacement", "two inputs, two classes"])
def test_a_script_of_its_own_batches_learns_too(case, tmp_path):
    problem, steps, run_ = TWO_WEIGHTS[case]
    scenario = scenario_of(problem, steps, run_)
    script = export_pytorch(scenario, exact=False)
    assert "Sampler)" not in script.text
    executed(script, tmp_path)
    tensors, _ = load_tensors(tmp_path / "script.trained.safetensors")
    weights = [tensors[name].ravel() for name in sorted(tensors, reverse=True)]
    first, last = (scenario.landscape.loss(*place) for place in (scenario.landscape.start, np.concatenate(weights)))
    assert last < first
