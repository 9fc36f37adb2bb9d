"""Sweeps over networks where a graphics card is there, fails, or is not for them. The card is a stand-in: the processor, until it fails."""

import os
import subprocess
import sys

import numpy as np
import pytest
from typer.testing import CliRunner

from gdsim.cli.commands import app
from gdsim.engine import device
from gdsim.engine.device import Card, DeviceError
from gdsim.engine.lane_learning import Lanes
from gdsim.networks.many import ManyLearners
from gdsim.simulation import sweep_store
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.sweep import Progress, Shard, stream, sweep
from gdsim.simulation.sweep_block import Computer
from gdsim.simulation.sweep_estimate import estimate
from gdsim.simulation.sweep_networks import CARD_LEAST, MOST_CARD_BYTES, card_piece_of
from gdsim.simulation.sweep_plan import Plan
from tests.simulation.killing import contents
from tests.simulation.test_sweep_networks import RATES, SINE, TOGETHER, scenario

LOST = "a launch failed on CUDA: the device is lost"
WHOLE = TOGETHER["rate, scale and layer"]


class Fragile(Lanes):
    """A card that is lost after ``left`` calls."""

    left = 10**9

    def train(self, *given):
        Fragile.left -= 1
        if Fragile.left < 0:
            raise DeviceError(LOST)
        return super().train(*given)


@pytest.fixture
def a_card(monkeypatch):
    """A card that works; the test says how many calls it lasts."""
    monkeypatch.setattr(device, "card", lambda: Card(True, "a card"))
    used = []

    def kind(self):
        used.append(self.device)
        return Fragile if self.device == "cuda" else Lanes

    monkeypatch.setattr(ManyLearners, "_kind", kind)
    monkeypatch.setattr(Fragile, "left", 10**9)
    return used


def columns(told):
    shards = [one for one in told if isinstance(one, Shard)]
    return {name: np.concatenate([shard.columns[name] for shard in shards]) for name in shards[0].columns}


@pytest.mark.parametrize("wanted", ["auto", "cuda", "cpu"])
def test_trainings_take_the_card_where_there_is_one(a_card, wanted):
    found = columns(stream(Plan(WHOLE, wanted), workers=1))
    assert set(a_card) == {"cpu" if wanted == "cpu" else "cuda"}
    for name, values in columns(stream(Plan(WHOLE, "cpu"))).items():
        assert np.array_equal(found[name], values, equal_nan=True), name


@pytest.mark.parametrize("calls", [0, 1, 3])
def test_a_card_lost_in_the_middle_costs_its_shard(a_card, monkeypatch, tmp_path, calls):
    for _ in sweep_store.write(Plan(WHOLE, "cpu", shard=5), tmp_path / "cpu", workers=1):
        pass
    monkeypatch.setattr(Fragile, "left", calls)
    a_card.clear()
    told = list(sweep_store.write(Plan(WHOLE, "auto", shard=5), tmp_path / "lost", workers=1))
    (notice,) = [one.notice for one in told if isinstance(one, Progress) and one.notice]
    assert notice == f"{LOST}; the sweep goes on on the processor, from run {5 * calls}"
    assert a_card == ["cuda", "cpu"]
    assert contents(tmp_path / "lost") == contents(tmp_path / "cpu")


def axes_of(*over):
    return [RATES | {"count": 2}, *over]


SPLIT = {
    "batches": scenario(axes_of({"over": "batch_size", "values": [20, 5]})),
    "dropout": scenario(axes_of({"over": "problem.network.dropout", "values": [0.0, 0.0, 0.1]})),
    "a method": scenario(axes_of(), run={"optimizer": "lbfgs", "batch_size": "full"}),
    "a run of two": scenario(axes_of()).changed(
        runs=(scenario(axes_of()).runs[0], scenario(axes_of(), run={"optimizer": "sgd", "batch_size": 5}).runs[0])
    ),
}


@pytest.mark.parametrize("name", SPLIT)
def test_what_goes_one_by_one_is_the_processors(a_card, name):
    assert Computer(Plan(SPLIT[name], "auto")).device == "cpu"
    if name == "batches":  # the others would compile
        assert estimate(Plan(SPLIT[name], "auto")).device == "cpu"
    with pytest.raises(DeviceError, match=r"some go one by one, which is for the processor .*; allowed: auto or cpu"):
        sweep(SPLIT[name], device="cuda")


def test_the_command_line_says_so(a_card, tmp_path):
    file = tmp_path / "scenario.toml"
    file.write_text(to_toml(SPLIT["batches"]))
    done = CliRunner().invoke(app, ["sweep", str(file), "--out", str(tmp_path / "out"), "--device", "cuda"])
    assert done.exit_code == 2
    assert "--device: CUDA is not used: of these trainings some go one by one" in done.output
    assert not (tmp_path / "out").exists()


def test_batches_of_all_points_and_other_tables_go_on_the_card(a_card):
    whole = scenario(axes_of({"over": "batch_size", "values": [20]}, {"over": "problem.network.l2", "values": [0.0, 0.1, 0.2]}))
    assert Computer(Plan(whole, "auto")).device == "cuda"
    assert estimate(Plan(WHOLE, "auto")).device == "cuda"


def test_a_card_takes_as_many_at_once_as_keep_it_busy_and_fit():
    def piece(units, steps, count=20):
        problem = SINE | {"data": {"count": count}, "network": {"layers": [units]}}
        return card_piece_of(Plan(scenario([RATES], problem, steps=steps)))

    assert CARD_LEAST <= piece(6, 60) <= 1 << 20
    assert piece(6, 10_000) == CARD_LEAST
    assert piece(16, 500) > CARD_LEAST
    assert 1 <= piece(2000, 500) * 8 * 4 * 6001 <= MOST_CARD_BYTES


SIMULATED = """
import warnings
import numpy as np
from gdsim.simulation.sweep import sweep
from tests.simulation.test_sweep_networks import SGD, SINE, scenario
warnings.simplefilter("ignore", RuntimeWarning)
rates = {"over": "learning_rate", "low": 1e-2, "high": 100.0, "count": 3, "scale": "log"}
small = SINE | {"data": {"count": 5}, "network": {"layers": [3]}}
whole = scenario([rates, {"over": "layer_rates.1", "values": [0.3, 1.0]}], small, SGD, steps=4)
one, other = (sweep(whole, device=device) for device in ("cpu", "cuda"))
for name, values in one.columns.items():
    assert np.array_equal(values, other.columns[name], equal_nan=values.dtype.kind == "f"), name
print(one.size)
"""


def test_a_sweep_in_the_simulator_has_the_bits_of_the_processor():
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    done = subprocess.run([sys.executable, "-c", SIMULATED], env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "6\n"), done.stderr
