"""Sweeps where a graphics card is there, fails, or is missing. The card is a stand-in: the processor, until it is to fail."""

import os
import subprocess
import sys
import warnings

import numpy as np
import pytest
from typer.testing import CliRunner

from gdsim.cli.commands import app
from gdsim.engine import device
from gdsim.engine.descend import Block
from gdsim.engine.device import Card, DeviceError
from gdsim.engine.precision import PRECISIONS
from gdsim.simulation import many, sweep_store
from gdsim.simulation.moments import SAMPLES, moments
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.sweep import Progress, Shard, stream, sweep
from gdsim.simulation.sweep_plan import Plan
from tests.draws import fresh
from tests.simulation.killing import contents

LOST = "a launch failed on CUDA: the device is lost"
SCENARIO = validated(
    {
        "steps": 20,
        "problem": {"landscape": "himmelblau"},
        "runs": [{"optimizer": "sgd", "learning_rate": 0.01}],
        "sweep": {"axes": [{"over": f"start.{axis}", "low": -5.0, "high": 5.0, "count": 30} for axis in "xy"]},
    }
)


class Fragile(Block):
    """A card that is lost after ``left`` calls."""

    left = 10**9

    def advance(self, low, high, steps):
        Fragile.left -= 1
        if Fragile.left < 0:
            raise DeviceError(LOST)
        super().advance(low, high, steps)

    def through(self, legs, *, losses):
        """A call a leg, as on a card."""
        passed, seen = [], []
        for steps in legs:
            self.advance(0, len(self.streams), steps)
            self.move_on(steps)
            passed.append(self.weights.copy())
            seen.append(self.summaries.losses.copy())
        return np.array(passed), np.array(seen)


@pytest.fixture
def a_card(monkeypatch):
    """A card that works; the test says how many calls it lasts."""
    monkeypatch.setattr(device, "card", lambda: Card(True, "a card"))
    real = many._block
    used = []

    def on_it(where, *given, **more):
        used.append(where[0])
        return Fragile(*given[:-1], alike=given[-1], precision=where[1], **more) if where[0] == "cuda" else real(where, *given, **more)

    monkeypatch.setattr(many, "_block", on_it)
    monkeypatch.setattr(Fragile, "left", 10**9)
    return used


@pytest.fixture
def no_card(monkeypatch):
    monkeypatch.setattr(device, "card", lambda: Card(False, "not used: there is no driver"))


def columns(plan):
    shards = [told for told in stream(plan, workers=1) if isinstance(told, Shard)]
    return {name: np.concatenate([shard.columns[name] for shard in shards]) for name in shards[0].columns}


def test_a_sweep_takes_the_card_where_there_is_one(a_card):
    columns(Plan(SCENARIO))
    assert set(a_card) == {"cuda"}
    a_card.clear()
    columns(Plan(SCENARIO, "cpu"))
    assert set(a_card) == {"cpu"}


LEGS = len(moments(20, SAMPLES).legs)
"""Calls a shard: runs are looked at so often."""


@pytest.mark.parametrize("calls", [0, 1, 2 * LEGS - 1, 3 * LEGS + 1, 9 * LEGS - 1])
def test_a_card_lost_in_the_middle_costs_its_shard(a_card, monkeypatch, calls):
    reference = columns(Plan(SCENARIO, "cpu", shard=100))
    a_card.clear()
    monkeypatch.setattr(Fragile, "left", calls)
    told = list(stream(Plan(SCENARIO, "cuda", shard=100), workers=1))
    (notice,) = [one.notice for one in told if isinstance(one, Progress) and one.notice]
    whole = calls // LEGS
    assert notice == f"{LOST}; the sweep goes on on the processor, from run {100 * whole}"
    assert a_card == ["cuda"] * (whole + 1) + ["cpu"] * (9 - whole)
    shards = [one for one in told if isinstance(one, Shard)]
    assert [(shard.low, shard.high) for shard in shards] == [(low, low + 100) for low in range(0, 900, 100)]
    for name, values in reference.items():
        assert np.array_equal(np.concatenate([shard.columns[name] for shard in shards]), values, equal_nan=values.dtype.kind == "f"), name


def test_python_is_warned(a_card, monkeypatch):
    monkeypatch.setattr(Fragile, "left", 2)
    with pytest.warns(RuntimeWarning, match="the device is lost; the sweep goes on on the processor, from run 0"):
        sweep(SCENARIO, workers=1)


@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_folder_is_the_same_whatever_computed_it(a_card, monkeypatch, tmp_path, precision):
    scenario = SCENARIO.changed(sweep={"axes": SCENARIO.sweep.axes, "precision": precision})
    for name, given, calls in (("cpu", "cpu", 0), ("card", "cuda", 10**9), ("lost", "auto", 5)):
        monkeypatch.setattr(Fragile, "left", calls)
        for _ in sweep_store.write(Plan(scenario, given, shard=300), tmp_path / name, workers=1):
            pass
    files = {file.relative_to(tmp_path / "cpu"): file.read_bytes() for file in (tmp_path / "cpu").rglob("*") if file.is_file()}
    assert files
    for name in ("card", "lost"):
        assert {f.relative_to(tmp_path / name): f.read_bytes() for f in (tmp_path / name).rglob("*") if f.is_file()} == files


def test_the_simulator_writes_the_bytes_of_the_processor(tmp_path):
    """The whole way, of runs whose landscape moves and whose gradient is noisy, in a precision that is drawn."""
    trouble = {"noise": {"kind": "cauchy"}, "motion": {"kind": "jump", "period": 5.0}}
    axes = [{"over": "start.x", "low": -5.0, "high": 5.0, "count": 5}, {"over": "learning_rate", "values": [0.01, 0.1]}]
    scenario = validated(
        {
            "steps": 12,
            "problem": {"landscape": "himmelblau", **trouble},
            "runs": [{"optimizer": "adam", "learning_rate": 0.1}],
            "sweep": {"axes": axes, "precision": str(fresh().choice(list(PRECISIONS)))},
        }
    )
    file = tmp_path / "scenario.toml"
    file.write_text(to_toml(scenario))
    command = [sys.executable, "-W", "ignore", "-m", "gdsim", "sweep", str(file), "--device", "cuda", "--out", str(tmp_path / "card")]
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "numba's simulator" in done.stdout
    for _ in sweep_store.write(Plan(scenario, "cpu"), tmp_path / "cpu"):
        pass
    assert contents(tmp_path / "card") == contents(tmp_path / "cpu")


def test_asking_for_a_card_that_is_not_there(no_card):
    with pytest.raises(DeviceError, match="CUDA is not used: there is no driver; allowed: auto or cpu"):
        sweep(SCENARIO, device="cuda")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert sweep(SCENARIO, workers=1).size == 900


def test_the_command_line_says_so(no_card, tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(to_toml(SCENARIO))
    done = CliRunner().invoke(app, ["sweep", str(file), "--out", str(tmp_path / "out"), "--device", "cuda"])
    assert done.exit_code == 2
    assert "--device: CUDA is not used: there is no driver; allowed: auto or cpu" in done.output
    assert not (tmp_path / "out").exists()


def test_the_command_line_goes_on_without_a_lost_card(a_card, monkeypatch, tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(to_toml(SCENARIO))
    monkeypatch.setattr(Fragile, "left", 2 * LEGS + 1)  # the estimate takes two pieces
    done = CliRunner().invoke(app, ["sweep", str(file), "--out", str(tmp_path / "out"), "--device", "cuda"])
    assert done.exit_code == 0, done.output
    assert f"{LOST}; the sweep goes on on the processor, from run 0" in done.output
    monkeypatch.setattr(Fragile, "left", 0)
    done = CliRunner().invoke(app, ["sweep", str(file), "--out", str(tmp_path / "other"), "--device", "cuda"])
    assert done.exit_code == 0, done.output
    assert f"{LOST}; the sweep runs on the processor" in done.output
