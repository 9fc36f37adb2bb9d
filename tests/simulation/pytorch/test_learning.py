"""Scripts of trainings do under PyTorch what gdsim does."""

import re

import numpy as np
import pytest

from gdsim.networks.initialise import draw
from gdsim.networks.model import Model
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
    "batches that grow, cut within an epoch": (
        LINE,
        35,
        {"optimizer": "sgd", "learning_rate": 0.05, "batch_size": 2, "batch_schedule": {"name": "step", "every": 2, "factor": 3.0}},
    ),
    "batches that grow, in order": (
        LINE,
        30,
        {
            "optimizer": "sgd",
            "learning_rate": 0.05,
            "batch_size": 3,
            "shuffle": False,
            "drop_last": True,
            "batch_schedule": {"name": "linear", "end": 9, "epochs": 3},
        },
    ),
    "batches that grow, with replacement": (
        LINE,
        1,
        {
            "optimizer": "rmsprop",
            "learning_rate": 0.01,
            "epochs": 6,
            "replacement": True,
            "batch_schedule": {"name": "points", "epochs": [1, 5], "sizes": [4, 16]},
        },
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


@pytest.mark.parametrize(
    "case", ["momentum, the last batch smaller", "with replacement", "two inputs, two classes", *(n for n in TWO_WEIGHTS if "grow" in n)]
)
def test_a_script_of_its_own_batches_learns_too(case, tmp_path):
    problem, steps, run_ = TWO_WEIGHTS[case]
    scenario = scenario_of(problem, steps, run_)
    script = export_pytorch(scenario, exact=False)
    assert ("Sampler)" not in script.text) is ("batch_schedule" not in run_)
    executed(script, tmp_path)
    tensors, _ = load_tensors(tmp_path / "script.trained.safetensors")
    weights = [tensors[name].ravel() for name in sorted(tensors, reverse=True)]
    first, last = (scenario.landscape.loss(*place) for place in (scenario.landscape.start, np.concatenate(weights)))
    assert last < first


NETWORKS = {
    "Adam, batches of 16": (
        {"dataset": "spiral", "data": {"count": 150}, "network": {"layers": [8, 8]}},
        {"optimizer": "adam", "learning_rate": 0.02, "batch_size": 16, "epochs": 6},
    ),
    "three classes, ReLU, features": (
        {
            "dataset": "clusters",
            "data": {"count": 90, "classes": 3},
            "features": ["x", "y", "x*y"],
            "network": {"layers": [6], "activation": "relu"},
        },
        {"optimizer": "sgd", "momentum": 0.9, "nesterov": True, "learning_rate": 0.05, "batch_size": 10, "epochs": 5},
    ),
    "regression, huber, GELU, standardised": (
        {
            "dataset": "plane",
            "data": {"count": 60},
            "standardise": True,
            "standardise_target": True,
            "network": {"layers": [5], "activation": "gelu", "loss": "huber", "output": "softplus"},
        },
        {"optimizer": "rmsprop", "learning_rate": 0.003, "batch_size": 7, "drop_last": True, "epochs": 5},
    ),
    "batch normalisation, penalties": (
        {"dataset": "moons", "data": {"count": 80}, "network": {"layers": [6, 5], "batch_norm": True, "l1": 1e-3, "l2": 0.01}},
        {"optimizer": "adamw", "learning_rate": 0.01, "batch_size": 14, "epochs": 4},
    ),
    "a schedule and clipping, with replacement": (
        {"dataset": "xor", "data": {"count": 60}, "network": {"layers": [6], "activation": "leaky_relu", "loss": "cross_entropy"}},
        {
            "optimizer": "nadam",
            "learning_rate": 0.02,
            "batch_size": 9,
            "replacement": True,
            "epochs": 5,
            "schedule": {"name": "one_cycle"},
            "clip_norm": 0.3,
            "clip_value": 0.2,
        },
    ),
    "the whole set, an unfinished epoch": (
        {"dataset": "sine", "data": {"count": 40}, "split": [1, 0, 0], "network": {"layers": [7], "activation": "sigmoid"}},
        {"optimizer": "adagrad", "learning_rate": 0.1, "batch_size": 12},
    ),
    "batches that grow, an unfinished epoch": (
        {"dataset": "moons", "data": {"count": 70}, "network": {"layers": [6, 5]}},
        {
            "optimizer": "adam",
            "learning_rate": 0.01,
            "batch_size": 4,
            "batch_schedule": {"name": "step", "every": 1, "factor": 2.5, "most": 40},
        },
    ),
    "a rule that torch has not": (
        {"dataset": "circle", "data": {"count": 60}, "network": {"layers": [4], "activation": "softplus"}},
        {"optimizer": "lion", "learning_rate": 0.003, "weight_decay": 0.01, "batch_size": 8, "epochs": 4},
    ),
    "early stopping": (
        {"dataset": "gaussians", "data": {"count": 60}, "network": {"layers": [12]}},
        {"optimizer": "adam", "learning_rate": 0.2, "batch_size": 8, "epochs": 60, "early_stopping": {"patience": 2, "min_delta": 1e-3}},
    ),
    "a linear model": (
        {"dataset": "line", "data": {"count": 30}, "network": {"layers": []}},
        {"optimizer": "sgd", "learning_rate": 0.05, "batch_size": 5, "epochs": 5},
    ),
}


def losses_of_steps(script, folder):
    """The loss of every batch, and what the script prints of epochs, with every digit."""
    noted = '        print("batch", f"{loss.item():.17g}")\n        losses.append(loss.item())\n'
    text = script.text.replace("        losses.append(loss.item())\n", noted)
    printed, _ = executed(type(script)(text, script.files), folder)
    steps = [float(line.split()[1]) for line in printed.splitlines() if line.startswith("batch")]
    epochs = re.findall(r"^epoch +(\d+) .*validation loss (\S+)", printed, re.MULTILINE)
    tested = re.search(r"^test loss (\S+)", printed, re.MULTILINE)
    return np.array(steps), {int(epoch): float(loss) for epoch, loss in epochs}, tested and float(tested[1])


@pytest.mark.parametrize("case", NETWORKS)
def test_networks_have_the_same_losses(case, tmp_path):
    problem, run_ = NETWORKS[case]
    scenario = scenario_of(problem, 22, run_)
    here = run(scenario).runs[0]
    steps, validation, tested = losses_of_steps(export_pytorch(scenario), tmp_path)
    near = {"rel": 1e-9, "abs": 1e-9}
    assert len(steps) == here.steps
    assert steps == pytest.approx(here.losses[: len(steps)], **near)
    wanted = dict(zip(here.epochs.epoch.tolist(), here.epochs.validation_loss.tolist(), strict=True))
    if scenario.problem.parts.validation is not None:
        assert validation
        assert validation == pytest.approx({epoch: wanted[epoch] for epoch in validation}, **near)
    if here.test is not None:
        assert tested == pytest.approx(here.test.loss, **near)
    again = Model.load(tmp_path / "script.trained.safetensors", here.model.network)
    assert again.weights == pytest.approx(here.model.weights, **near)
    assert again.buffers == pytest.approx(here.model.buffers, **near)


@pytest.mark.parametrize("initialisation", ["default", "normal", "uniform", "xavier", "he", "zeros"])
@pytest.mark.parametrize("scale", [1.0, 0.5])
def test_first_weights_of_its_own_are_spread_as_here(initialisation, scale, tmp_path):
    table = {"layers": [200, 200], "initialisation": initialisation, "scale": scale}
    problem = {"dataset": "spiral", "data": {"count": 20}, "network": table}
    scenario = scenario_of(problem, 1, {"optimizer": "sgd", "learning_rate": 0.0})
    executed(export_pytorch(scenario, exact=False), tmp_path)
    found, _ = load_tensors(tmp_path / "script.trained.safetensors")
    network = scenario.problem.shape
    wanted = network.views(draw(network, 0))
    for name in wanted:
        theirs, ours = found[f"layers.{name}"], wanted[name]
        assert theirs.std() == pytest.approx(ours.std(), rel=0.25 if ours.size < 1000 else 0.05)
        assert np.abs(theirs).max() <= 1.6 * np.abs(ours).max()


def test_dropout_is_pytorchs_own(tmp_path):
    problem = {"dataset": "spiral", "data": {"count": 60}, "network": {"layers": [8], "dropout": 0.2, "precision": "float32"}}
    scenario = scenario_of(problem, 1, {"optimizer": "adam", "learning_rate": 0.01, "batch_size": 8, "epochs": 30})
    script = export_pytorch(scenario)
    assert "nn.Dropout(0.2)" in script.text
    assert "manual_seed(SEED)" in script.text
    assert "float64" not in script.text
    steps, _, _ = losses_of_steps(script, tmp_path)
    assert np.mean(steps[-20:]) < np.mean(steps[:20])
