"""Scripts of closed-form losses do under PyTorch what gdsim does."""

import inspect

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula.record import landscape
from gdsim.simulation.pytorch.exportable import OPTIMIZERS, SCHEDULERS
from gdsim.simulation.pytorch.own_optimizer import RULES
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.run import run
from tests.golden import record_schedules, settings
from tests.simulation.pytorch.running import assert_the_same, executed, losses_of, scenario_of

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.torch

FORMULAS = {
    "x^2 + min(x, y, 3)^2 + max(x, -y)": {},
    "relu(x - 1)^2 + |y|^1.5 + abs(sin(2))*x^2": {},
    "sigmoid(x)*tanh(y) + e^(x/3) + 2^y + x^2": {},
    "log(1 + x^2) + log2(3 + y^2) + log10(2 + x^2) + asin(x/9) + acos(y/9) + atan(x*y)": {},
    "sinh(x/4)^2 + cosh(y/4) + tan(x/9)^2 + sqrt(4 + x^2) + x²": {},
    "(x - lambda)^2 + W*(y - torch)^2 + math": {"lambda": 1.5, "W": 2.0, "torch": -1.0, "math": 0.1},
    "10^20*(1 - x)^2*10^-20 + 2^60*y^2/2^61": {},
    "(x - 1)^2 + exp(-1/0) + y^2/(3 - sigmoid(0))^2^0.5": {},
    "x - (y - (x - 2)^2) + (x/(2/3))^2*y^2 - -x^2 + (-y)^2": {},
}


def assert_the_loss_is(landscape, problem, tmp_path):
    """The script's ``loss_function`` and its gradient, at random points, are the landscape's."""
    _, names = executed(export_pytorch(scenario_of(problem, "sgd", steps=1, learning_rate=0.0)), tmp_path)
    rng = np.random.default_rng(0)
    for share in rng.uniform(size=(20, landscape.dim)):
        point = [low + each * (high - low) for each, (low, high) in zip(share, landscape.domain, strict=True)]
        W = torch.tensor(point, dtype=torch.float64, requires_grad=True)
        loss = names["loss_function"](W)
        loss.backward()
        wanted, *slopes = landscape.value_and_gradient(*(*point, 0.0)[:2], landscape.values)
        assert loss.item() == pytest.approx(wanted, rel=1e-12, abs=1e-12)
        steepest = max(map(abs, slopes))
        assert W.grad.tolist() == pytest.approx(slopes[: landscape.dim], rel=1e-9, abs=1e-12 * (1.0 + steepest))


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape(name, tmp_path):
    assert_the_loss_is(LANDSCAPES[name], {"landscape": name}, tmp_path)


@pytest.mark.parametrize("formula", FORMULAS)
def test_typed_formulas(formula, tmp_path):
    values = FORMULAS[formula]
    assert_the_loss_is(landscape(formula, None, tuple(sorted(values.items()))), {"formula": formula, "parameters": values}, tmp_path)


@pytest.mark.parametrize(("name", "start", "steps"), [("double_well", [1.7], 40), ("himmelblau", [0.5, -0.5], 60)])
def test_whole_runs(name, start, steps, tmp_path):
    assert_the_same(scenario_of(name, "adam", steps=steps, start=start, clip_value=2.0, clip_norm=1.5), tmp_path)


@pytest.mark.parametrize(("name", "start", "history"), [("rosenbrock", [-1.2, 1.0], 5), ("himmelblau", [0.5, -0.5], 2)])
def test_lbfgs(name, start, history, tmp_path):
    assert_the_same(scenario_of(name, "lbfgs", steps=9, start=start, learning_rate=1.0, history=history), tmp_path)


def test_a_tolerance_ends_the_loop(tmp_path):
    scenario = scenario_of("sphere", "sgd", steps=500, learning_rate=0.3, tolerance=1e-6)
    text, _ = executed(export_pytorch(scenario), tmp_path)
    assert len(losses_of(text)) == len(run(scenario).runs[0].losses) - 1


@pytest.mark.parametrize("name", [*OPTIMIZERS, *RULES])
def test_every_optimizer(name, tmp_path):
    for optimizer, values, surface in settings.cases(
        [name], features=name in settings.FEATURES, draws=1 if name in settings.FEATURES else 3
    ):
        if surface == "rosenbrock" and not (name == "rprop" and values.get("weight_decay")):
            assert_the_same(scenario_of(surface, optimizer, **values), tmp_path)


@pytest.mark.parametrize("name", SCHEDULERS)
def test_every_schedule(name, tmp_path):
    for rate, table, _ in record_schedules.cases(1, [name]):
        assert_the_same(scenario_of("quadratic", "sgd", learning_rate=0.02 * rate, schedule=table, momentum=0.3), tmp_path)


def test_defaults_that_are_left_out_are_torchs():
    for name, defaults in OPTIMIZERS.values():
        signature = inspect.signature(getattr(torch.optim, name)).parameters
        assert {argument: signature[argument].default for argument in defaults} == defaults
