"""Ensembles: every member is the run of its seed, to the bit; quantiles and shares are those of the members."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

import gdsim
from gdsim.cli.commands import app
from gdsim.simulation import ensemble as module
from gdsim.simulation.ensemble import ensemble
from gdsim.simulation.scenario import validated
from tests.draws import SEED

LINE = {"dataset": "line", "data": {"count": 40}, "model": "line"}


def scenario(problem, *runs, **others):
    given = [{"optimizer": "sgd", "learning_rate": 0.05, **run} for run in runs]
    return validated({"steps": 60, "seed": SEED, "problem": problem, "runs": given} | others)


CASES = {
    "batches": scenario(LINE, {"batch_size": 4}),
    "a tolerance": scenario(LINE, {"batch_size": 4}, tolerance=0.3),
    "noise": scenario({"landscape": "sphere", "noise": {"kind": "gaussian"}}, {}),
    "random starts": scenario({"landscape": "rosenbrock"}, {"learning_rate": 1e-4, "start": {"normal": 0.5}}),
}


@pytest.mark.parametrize("case", CASES)
def test_a_member_is_the_run_of_its_seed(case):
    given = CASES[case]
    found = ensemble(given, 70).runs[0]
    for member in (0, 1, 69):
        alone = gdsim.run(given.changed(seed=SEED + member)).runs[0]
        assert np.array_equal(found.positions[member], alone.positions[-1]), SEED
        assert found.losses[member] == alone.losses[-1]
    if given.tolerance is not None:
        assert found.converged[0] >= (gdsim.run(given).runs[0].converged_at is not None)


def test_the_band_is_that_of_the_losses_on_the_way():
    given = scenario(LINE, {"batch_size": 4})
    found = ensemble(given, 40).runs[0]
    paths = [gdsim.run(given.changed(seed=SEED + member)).runs[0].losses for member in range(40)]
    assert found.looks.tolist() == list(range(61))
    assert np.array_equal(found.band, np.quantile(np.array(paths), (0.1, 0.5, 0.9), axis=0, method="inverted_cdf"))
    assert found.mean == pytest.approx(found.positions.mean(axis=0))
    assert found.covariance == pytest.approx(np.cov(found.positions.T))


def test_threads_and_pieces_change_nothing(monkeypatch):
    given = scenario(LINE, {"batch_size": 4})
    one = ensemble(given, 300, threads=1).runs[0]
    monkeypatch.setattr(module, "LEAST_PIECE", 77)
    monkeypatch.setattr(module, "MOST_PIECE", 77)
    shares = []
    two = ensemble(given, 300, threads=2, progress=shares.append).runs[0]
    assert np.array_equal(one.positions, two.positions)
    assert np.array_equal(one.band, two.band)
    assert shares[-1] == 1.0
    assert shares == sorted(shares)


def test_what_diverged_counts_as_infinite():
    given = scenario(LINE, {"learning_rate": 5.0, "batch_size": 4}, steps=300)
    found = ensemble(given, 20).runs[0]
    assert found.diverged.all()
    assert not found.converged.any()
    assert np.all(found.band[:, -1] == np.inf)
    assert found.summary()["loss"] == {"10%": None, "50%": None, "90%": None}
    assert np.isnan(found.mean).all()


@pytest.mark.parametrize(
    ("rate", "steps", "hovers"),
    [
        (0.3, 200, True),  # mixes in a few steps
        (0.02, 800, True),
        (1e-4, 200, False),  # is still on its way
        (1e-9, 200, False),  # stands still
        (2.3, 200, False),  # flies off
    ],
)
def test_what_noise_holds_in_a_valley_hovers(rate, steps, hovers):
    """On a bowl, where the loss of SGD with noise has a known floor."""
    given = scenario({"landscape": "sphere", "noise": {"kind": "gaussian", "scale": 0.5}}, {"learning_rate": rate}, steps=steps)
    found = ensemble(given, 400).runs[0]
    assert found.hovering.tolist() == [hovers] * 400, SEED
    assert sum(found.shares.values()) == pytest.approx(1.0)
    assert found.shares["hovering"] == hovers
    if hovers:  # x <- (1 - 2 rate) x - rate sigma n: the variance that stays the same
        expected = (0.5 * rate) ** 2 / (1.0 - (1.0 - 2.0 * rate) ** 2)
        assert np.trace(found.covariance) / 2.0 == pytest.approx(expected, rel=0.3), SEED


def test_a_free_walk_does_not_hover_and_nothing_does_without_noise():
    """From the bottom of a bowl by steps so small that it does not hold the runs yet; and where they come to rest."""
    noisy = {"landscape": "sphere", "noise": {"kind": "gaussian", "scale": 0.5}}
    assert not ensemble(scenario(noisy, {"learning_rate": 1e-5}, start=[0.0, 0.0], steps=300), 400).runs[0].hovering.any(), SEED
    quiet = scenario({"landscape": "sphere"}, {"learning_rate": 0.3}, start={"normal": 1.0})
    assert ensemble(quiet, 40).runs[0].shares == {"converged": 1.0, "hovering": 0.0, "diverged": 0.0, "under way": 0.0}


@pytest.mark.parametrize(("steps", "converged"), [(110, 0.0), (120, 1.0)])
def test_a_hundredth_of_the_first_loss_is_close(steps, converged):
    """Every step leaves 0.98^2 of the loss: 0.012 of it after 110 steps, and 0.0078 after 120."""
    found = ensemble(scenario({"landscape": "sphere"}, {"learning_rate": 0.01}, start={"normal": 1.0}, steps=steps), 20).runs[0]
    assert found.shares["converged"] == converged


@pytest.mark.parametrize("seeds", [1, 100_001])
def test_numbers_of_seeds_out_of_bounds_are_refused(seeds):
    with pytest.raises(ValueError, match="allowed: 2 to 100,000"):
        ensemble(scenario(LINE, {}), seeds)


def test_the_command_prints_and_writes(tmp_path):
    file = tmp_path / "scenario.toml"
    given = scenario(LINE, {"label": "small", "batch_size": 4}, {"label": "all"})
    gdsim.save(given, file)
    done = CliRunner().invoke(app, ["ensemble", str(file), "--seeds", "25", "--out", str(tmp_path / "out")])
    assert done.exit_code == 0, done.output
    assert "25 seeds" in done.output
    summary = json.loads((tmp_path / "out" / "summary.json").read_text())
    assert [run["label"] for run in summary["runs"]] == ["small", "all"]
    members = pyarrow.parquet.read_table(tmp_path / "out" / "members.parquet").to_pydict()
    assert members["seed"] == [SEED + member for member in range(25)] * 2
    assert members["x"][3] == gdsim.run(given.changed(seed=SEED + 3)).runs[0].positions[-1, 0]
    assert members["hovering"] == [*ensemble(given, 25).runs[0].hovering.tolist(), *[False] * 25]
    assert (tmp_path / "out" / "picture.png").read_bytes().startswith(b"\x89PNG")
    bands = pyarrow.parquet.read_table(tmp_path / "out" / "bands.parquet")
    assert bands.num_rows == 2 * 61
    refused = CliRunner().invoke(app, ["ensemble", str(file), "--seeds", "1"])
    assert refused.exit_code == 2
    assert "--seeds" in refused.output
    assert "allowed: 2 to 100,000" in refused.output


class Comeback:
    """Stands in for many runs: in the third leg the first of them has no finite loss, and in every other leg it has one again."""

    def __init__(self):
        self.legs = 0

    def walk(self, steps):
        self.legs += 1

    def summary(self):
        gone = np.array([self.legs == 3, False])
        losses = np.where(gone, np.inf, 10.0 - self.legs)
        return SimpleNamespace(diverged=gone, converged=~gone, losses=losses, positions=np.full((2, 2), float(self.legs)))


def test_it_is_given_up_between_two_legs(monkeypatch):
    begun = []

    def many(*given):
        begun.append(Comeback())
        return begun[-1]

    monkeypatch.setattr(module, "_many", many)
    monkeypatch.setattr(module, "LEAST_PIECE", 2)
    monkeypatch.setattr(module, "MOST_PIECE", 2)
    growing = module.growing_ensemble(scenario(LINE, {"batch_size": 4}), 20, threads=1)
    for _ in range(3):
        next(growing)
    growing.close()
    assert [one.legs for one in begun] == [3]


def test_what_left_the_finite_numbers_does_not_come_back(monkeypatch):
    monkeypatch.setattr(module, "_many", lambda *given: Comeback())
    monkeypatch.setattr(module, "LEAST_PIECE", 2)
    found = ensemble(scenario(LINE, {"batch_size": 4}), 2).runs[0]
    assert found.diverged.tolist() == [True, False]
    assert found.converged.tolist() == [False, True]
    assert found.positions[:, 0].tolist() == [3.0, len(found.looks)]
    assert found.losses.tolist() == [np.inf, 10.0 - len(found.looks)]
    assert np.all(np.isinf(found.band[2, 2:]))
    assert np.all(np.isfinite(found.band[:, :2]))
