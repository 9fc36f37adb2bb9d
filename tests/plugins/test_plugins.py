"""One's own landscapes and optimizers: the documented example, what is refused and why, installed packages, broken ones."""

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import gdsim
from gdsim import plugins, registry
from gdsim.optimizers import OPTIMIZERS, Optimizer
from gdsim.registry import Registry
from tests.draws import fresh

DOCUMENTATION = Path(__file__).resolve().parents[2] / "docs" / "your-own.md"


@pytest.fixture
def example(tmp_path):
    """The file of the documentation."""
    file = tmp_path / "wavy.py"
    file.write_text(re.search(r"```python\n(.*?)```", DOCUMENTATION.read_text(), re.DOTALL)[1])
    return file


@pytest.fixture(autouse=True)
def forget():
    """What a test registers is gone after it."""
    before = [(known, dict(known._records)) for known in (gdsim.LANDSCAPES, gdsim.OPTIMIZERS)]
    yield
    for known, records in before:
        known._records.clear()
        known._records.update(records)


def test_the_documented_example(example):
    plugins.load_file(example)
    bowl = gdsim.LANDSCAPES["wavy_bowl"]
    x, y = fresh().uniform(-3, 3, (2, 20))
    assert np.allclose(bowl.loss(x, y), x**2 + y**2 + np.sin(3 * x), rtol=1e-14)
    assert np.allclose(bowl.gradient(x, y), np.stack((2 * x + 3 * np.cos(3 * x), 2 * y), -1), rtol=1e-13)
    assert np.allclose(bowl.hessian(x, y)[:, 0, 0], 2 - 9 * np.sin(3 * x), rtol=1e-6, atol=1e-6)
    run = gdsim.minimise("wavy_bowl", "my_momentum", learning_rate=0.02, momentum=0.5, steps=300)
    same = gdsim.minimise("wavy_bowl", "sgd", learning_rate=0.02, momentum=0.5, steps=300)
    assert np.allclose(run.positions, same.positions, rtol=0, atol=1e-12)
    assert run.verdict.outcome in ("converged", "converged, oscillating")


def test_on_the_command_line(example, tmp_path):
    scenario = tmp_path / "mine.toml"
    scenario.write_text('[problem]\nlandscape = "wavy_bowl"\n[[runs]]\noptimizer = "my_momentum"\nlearning_rate = 0.02\n')
    command = [sys.executable, "-m", "gdsim", "run", str(scenario)]
    without = subprocess.run(command, capture_output=True, text=True, check=False)
    assert without.returncode == 2
    assert "wavy_bowl" in without.stderr
    withit = subprocess.run([*command, "--plugin", str(example)], capture_output=True, text=True, check=False)
    assert withit.returncode == 0, withit.stderr
    assert "my_momentum" in withit.stdout


def bowl(x, y, params):
    return x * x + y * y, 2.0 * x, 2.0 * y


def wrong(x, y, params):
    return x * x + y * y, 2.0 * x, y


def two_numbers(x, y, params):
    return x * x + y * y, 2.0 * x


def breaks(x, y, params):
    return 1.0 / (x - x), 0.0, 0.0


def curve(x, y, params):
    return x**4 - x * x, 4.0 * x**3 - 2.0 * x, 0.0


DOMAIN = [(-2.0, 2.0), (-2.0, 2.0)]


@pytest.mark.parametrize(
    ("function", "said"),
    [
        (wrong, r"wrong: the gradient does not fit the loss: at \(.*\) its part 2 is .*, but differences of the loss give"),
        (two_numbers, "needed: three finite numbers"),
        (breaks, "ZeroDivisionError"),
        (np.sin, "not a plain Python function"),
    ],
)
def test_landscapes_that_are_refused(function, said):
    before = set(gdsim.LANDSCAPES)
    with pytest.raises(gdsim.PluginError, match=said):
        gdsim.landscape(domain=DOMAIN, start=(1.0, 1.0), name="refused" if function is np.sin else None)(function)
    assert set(gdsim.LANDSCAPES) == before


def test_a_closure_is_refused():
    size = 3.0

    def closed(x, y, params):
        return size * x * x, 2.0 * size * x, 0.0

    with pytest.raises(gdsim.PluginError, match="uses size of the function around it"):
        gdsim.landscape(domain=DOMAIN, start=(1.0, 1.0))(closed)


def test_a_curve_of_ones_own():
    gdsim.landscape(domain=[(-2, 2)], start=(1.5,), minima=[((0.5**0.5,), -0.25), ((-(0.5**0.5),), -0.25)])(curve)
    run = gdsim.minimise("curve", "sgd", learning_rate=0.05, steps=200)
    assert run.positions.shape == (201, 1)
    assert run.positions[-1, 0] == pytest.approx(0.5**0.5)
    assert run.verdict.outcome == "converged"


def forgets_slots(weight, gradient, slots, shared, hyper, on, step):
    return weight - hyper[0] * gradient, ()


def test_optimizers_that_are_refused():
    with pytest.raises(gdsim.PluginError, match="returned 0 slots, declared are 1"):
        gdsim.optimizer(slots=["velocity"])(forgets_slots)
    with pytest.raises(gdsim.PluginError, match="one step of it gave"):
        gdsim.optimizer()(bowl)


def test_registering_again_replaces():
    for _ in range(2):
        gdsim.landscape(domain=DOMAIN, start=(1.0, 1.0))(bowl)
    assert list(gdsim.LANDSCAPES).count("bowl") == 1


def test_the_mappings_are_read_only():
    for known in (gdsim.LANDSCAPES, gdsim.OPTIMIZERS):
        with pytest.raises(TypeError):
            known["mine"] = None
        with pytest.raises(TypeError):
            del known["sgd"]


class Point:
    def __init__(self, name, load):
        self.name, self.load = name, load


def test_packages_offer_records_and_broken_ones_stop_nothing(monkeypatch):
    from dataclasses import replace

    def missing():
        raise ImportError("no module named nothing")

    offered = [
        Point("good", lambda: replace(OPTIMIZERS["sgd"], name="theirs")),
        Point("made", lambda: lambda: replace(OPTIMIZERS["sgd"], name="made")),
        Point("missing", missing),
        Point("nonsense", lambda: lambda: 42),
        Point("taken", lambda: OPTIMIZERS["sgd"]),
    ]
    monkeypatch.setattr(importlib.metadata, "entry_points", lambda group: offered)
    monkeypatch.setattr(registry, "BROKEN", {})
    monkeypatch.setattr(registry, "LOADED", {})
    known = Registry(Optimizer, "gdsim.optimizers", [OPTIMIZERS["sgd"]])
    assert list(known) == ["sgd", "theirs", "made"]
    assert set(registry.BROKEN) == {"gdsim.optimizers: missing", "gdsim.optimizers: nonsense", "gdsim.optimizers: taken"}
    assert "no module named nothing" in registry.BROKEN["gdsim.optimizers: missing"]
    assert registry.LOADED == {"gdsim.optimizers: good": "theirs", "gdsim.optimizers: made": "made"}


@pytest.mark.parametrize(
    ("text", "said"),
    [("1/0", "line 1: ZeroDivisionError"), ("x = (", "SyntaxError"), ("import nothing_of_that_name", "ModuleNotFoundError")],
)
def test_files_that_do_not_run(tmp_path, text, said):
    file = tmp_path / "broken.py"
    file.write_text(text)
    answer = subprocess.run(
        [sys.executable, "-m", "gdsim", "run", "stable", "--plugin", str(file)], capture_output=True, text=True, check=False
    )
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr
    assert not answer.stdout


@pytest.mark.parametrize(("name", "reason"), [("absent.py", "there is no such file"), ("", "found a folder; allowed: a Python file")])
def test_a_file_that_cannot_be_read_is_told(tmp_path, name, reason):
    with pytest.raises(gdsim.PluginError) as caught:
        plugins.load_file(tmp_path / name)
    assert str(caught.value) == f"{tmp_path / name}: {reason}"
