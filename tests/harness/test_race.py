"""The race: fair by construction, the same from its seed, measured by the definitions, told whole or not at all."""

import itertools
import json
import math
from itertools import pairwise

import numpy as np
import pytest
from typer.testing import CliRunner

from gdsim import shipped
from gdsim.cli.commands import app
from gdsim.harness.race_file import RaceTable, load, race_of
from gdsim.harness.race_picture import painted
from gdsim.harness.race_run import Cancelled, race, run_race, tuned
from gdsim.harness.race_runs import Curve, Seen, Stretch, worth
from gdsim.harness.race_score import profile, ratios, score, score_intervals
from gdsim.harness.race_store import summary, write_race
from gdsim.harness.race_tuning import drawn, grid, tpe
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.run import run
from gdsim.simulation.scenario import validated
from tests.draws import fresh

SMALL = {"steps": 200, "trials": 6, "seeds": 3}


def same(one, other):
    assert one.settings == other.settings
    assert one.trials == other.trials
    assert np.array_equal(one.all_times, other.all_times)
    assert np.array_equal(one.losses, other.losses, equal_nan=True)


@pytest.fixture(scope="module")
def small():
    return race(["booth", "rosenbrock"], ["sgd", "adam"], title="Small", **SMALL)


# Measures against their definitions


def random_times(rng, entries=5, problems=7):
    times = np.floor(10.0 ** rng.uniform(0.0, 3.0, (entries, problems)))
    times[rng.random((entries, problems)) < 0.3] = np.inf
    return times


def test_the_score_is_the_integral_of_the_profile():
    for _ in range(20):
        times = random_times(fresh())
        taus = np.linspace(1.0, 4.0, 30_001)
        heights = profile(times, 0.5 * (taus[1:] + taus[:-1]))
        assert np.allclose(score(times), np.mean(heights, axis=1), atol=2e-4)


def test_profiles_rise_to_the_share_that_is_solved():
    for _ in range(20):
        times = random_times(fresh())
        heights = profile(times, np.geomspace(1.0, 1e6, 50))
        assert np.all(np.diff(heights, axis=1) >= 0.0)
        assert np.array_equal(heights[:, -1], np.mean(np.isfinite(times), axis=1))
        solvable = np.any(np.isfinite(times), axis=0)
        assert np.all(np.min(ratios(times)[:, solvable], axis=0) == 1.0)
        assert np.all(np.isinf(ratios(times)[:, ~solvable]))


def test_a_profile_by_hand():
    times = np.array([[10.0, 20.0, np.inf], [20.0, 10.0, np.inf], [100.0, 100.0, np.inf]])
    assert profile(times, np.array([1.0, 2.0, 10.0])).tolist() == pytest.approx(np.array([[1, 2, 2], [1, 2, 2], [0, 0, 2]]) / 3)
    assert score(times).tolist() == pytest.approx([(3 + 2) / 9, (3 + 2) / 9, 0.0])


def test_the_worth_of_a_setting_puts_arrivals_before_misses_and_lower_losses_first():
    runs = [
        [Seen(5.0, 1.0, 1.0)] * 3,
        [Seen(50.0, 0.0, 0.0)] * 3,
        *([Seen(math.inf, loss, loss)] * 3 for loss in (-1e200, -3.0, -1e-9, 0.0, 1e-9, 2.0, 2.1, 1e200)),
        [Seen(math.inf, math.nan, 1.0)] * 3,
    ]
    found = [worth(one, 100) for one in runs]
    assert all(a < b for a, b in pairwise(found))


# Tuning


@pytest.mark.parametrize("trials", [1, 2, 5, 9, 15, 16])
def test_a_grid_keeps_to_its_budget_and_its_intervals(trials):
    for intervals in ({"learning_rate": (1e-4, 1.0)}, {"learning_rate": (1e-4, 1.0), "momentum": (0.5, 0.99)}, {}):
        settings = grid(intervals, trials)
        assert 1 <= len(settings) <= trials
        assert len({tuple(one.items()) for one in settings}) == len(settings)
        assert all(low <= one[name] <= high for one in settings for name, (low, high) in intervals.items())
    rates = [one["learning_rate"] for one in grid({"learning_rate": (1e-4, 1.0)}, 9)]
    assert rates == pytest.approx(np.geomspace(1e-4, 1.0, 9).tolist())
    assert len(grid({"a": (1.0, 2.0), "b": (0.0, 1.0)}, 16)) == 16


def test_drawn_settings_are_the_seeds():
    intervals = {"learning_rate": (1e-4, 1.0), "momentum": (0.5, 0.99)}
    one, other, third = (drawn(intervals, 50, seed, 1) for seed in (3, 3, 4))
    assert one == other != third
    assert all(low <= setting[name] <= high for setting in one for name, (low, high) in intervals.items())
    assert len(one) == 50


def test_the_tuner_that_learns_finds_a_minimum():
    pytest.importorskip("optuna")
    asking = tpe({"learning_rate": (1e-6, 10.0)}, 30, 1)
    setting, seen = next(asking), []
    while True:
        seen.append(setting["learning_rate"])
        try:
            setting = asking.send(abs(math.log10(setting["learning_rate"]) + 2.0))
        except StopIteration:
            break
    assert len(seen) == 30
    assert 1e-3 < seen[int(np.argmin(np.abs(np.log10(seen) + 2.0)))] < 1e-1


@pytest.mark.parametrize("tuner", ["random", "tpe"])
def test_every_tuner_has_the_same_budget(tuner):
    if tuner == "tpe":
        pytest.importorskip("optuna")
    one, other = (race(["booth"], ["sgd", "adam"], tuner=tuner, seed=4, **SMALL) for _ in range(2))
    assert {len(tried) for row in one.trials for tried in row} == {6}
    same(one, other)


def test_without_optuna_tpe_is_refused_in_words(monkeypatch):
    import importlib.util

    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ScenarioError, match=r'tuner: found "tpe", which needs optuna: pip install "gdsim\[race\]"'):
        race(["booth"], ["sgd"], tuner="tpe", **SMALL)


# The race itself


def test_the_best_setting_is_the_one_with_the_least_time(small):
    for row, chosen in zip(small.trials, small.settings, strict=True):
        for tried, setting in zip(row, chosen, strict=True):
            times = [one.time for one in tried]
            if math.isfinite(min(times)):
                assert setting == tried[int(np.argmin(times))].setting


def test_times_are_those_of_recorded_runs(small):
    from gdsim.harness.landscape_goals import starts_on
    from gdsim.harness.race_runs import COUNTING
    from gdsim.landscapes import LANDSCAPES

    for e, name in enumerate(small.entries):
        for p, place in enumerate(small.problems):
            for k, start in enumerate(starts_on(LANDSCAPES[place], 3, 0, COUNTING)):
                table = {"optimizer": name, **small.settings[e][p]}
                scenario = {"problem": {"landscape": place}, "steps": 200, "start": start.tolist(), "runs": [table]}
                (recorded,) = run(validated(scenario)).runs
                hits = np.flatnonzero(recorded.losses <= small.goals[p])
                assert small.all_times[e, p, k] == (hits[0] if len(hits) else math.inf)


def test_a_race_is_the_same_from_its_seed_on_any_number_of_threads(small):
    same(small, race(["booth", "rosenbrock"], ["sgd", "adam"], workers=1, **SMALL))
    other = race(["booth", "rosenbrock"], ["sgd", "adam"], seed=1, **SMALL)
    assert not np.array_equal(small.losses, other.losses, equal_nan=True)


def test_the_order_of_entries_changes_nothing(small):
    turned = race(["rosenbrock", "booth"], ["adam", "sgd"], **SMALL)
    assert np.array_equal(turned.times[::-1, ::-1], small.times)


def test_methods_noise_networks_and_a_users_own_code():
    def mine(weights, gradient, state, learning_rate=0.01):
        return weights - learning_rate * gradient, state

    found = race(["booth"], ["sgd", "newton", target(mine, name="mine")], **SMALL)
    assert np.array_equal(found.all_times[0], found.all_times[2])  # plain descent, in either language
    assert found.times[1, 0] < found.times[0, 0]
    tables = [
        {"name": "noisy", "landscape": "booth", "noise": [{"kind": "gaussian", "scale": 0.01}]},
        {"name": "net", "dataset": "xor", "data": {"count": 20}, "network": {"layers": [3]}, "steps": 20},
    ]
    other = race(tables, ["sgd", "adam"], **{**SMALL, "trials": 3, "seeds": 2})
    assert np.all(np.isfinite(other.goals))
    assert np.any(np.isfinite(other.times[:, 1]))
    with pytest.raises(ScenarioError, match="mine can only run on landscapes"):
        race(tables, ["sgd", target(mine, name="mine")], **SMALL)


def test_a_users_error_ends_the_race():
    def late(weights, gradient, state, learning_rate=0.01):
        if state == 5:
            raise ValueError("late")
        return weights, (state or 0) + 1

    with pytest.raises(TargetError, match="late"):
        race(["booth"], ["sgd", target(late)], **SMALL)


def test_a_race_can_be_ended():
    told = []

    def progress(done, total):
        told.append((done, total))
        return done < 1

    with pytest.raises(Cancelled):
        race(["booth", "sphere"], ["sgd", "adam"], progress=progress, workers=1, **SMALL)
    assert told == [(0, 4), (1, 4)]


def test_a_fixed_rate_is_not_tuned():
    found = race(["booth"], [{"optimizer": "sgd", "learning_rate": 0.05}], **SMALL)
    assert found.settings == (({},),)
    keys = found.race
    _, tried, seen = tuned(keys.keys, Stretch(keys.keys, keys.courses[0], keys.entries[0], 0))
    assert len(tried) == 1
    assert math.isfinite(seen[0].time)


def test_a_curve_knows_when_it_was_where():
    curve = Curve(np.array([0.0, 3.0, 5.0]), np.array([4.0, 2.0, 2.0]))
    assert [curve.time(goal) for goal in (5.0, 2.5, 1.0)] == [0.0, 3.0, math.inf]


# Files


WRONG = {
    "problems.0.landscape": ({"problems": [{"landscape": "boot"}]}, "did you mean"),
    "problems.0.goal": ({"problems": [{"landscape": "booth", "goal": "low"}]}, "allowed: a number, the loss to reach"),
    "optimizers.0.optimizer": ({"optimizers": [{"optimizer": "adm"}]}, "there is no optimizer named 'adm'"),
    "optimizers.0.tune.momentun": ({"optimizers": [{"optimizer": "sgd", "tune": {"momentun": [0.1, 0.9]}}]}, "did you mean 'momentum'"),
    "optimizers.0.tune.momentum": ({"optimizers": [{"optimizer": "sgd", "tune": {"momentum": [0.9, 0.1]}}]}, "low < high"),
    "optimizers.0.rates": ({"optimizers": [{"optimizer": "sgd", "rates": [1.0, 0.1]}]}, "low < high"),
    "optimizers": ({"optimizers": [{"optimizer": "sgd"}, {"optimizer": "sgd"}]}, "found two named sgd"),
    "steps": ({"steps": 0}, "a whole number from 1 to 1,000,000"),
    "tuner": ({"tuner": "bayes"}, "one of grid, random, tpe"),
    "rates": ({"rates": [1.0, 0.1]}, "two positive numbers"),
    "trails": ({"trails": 3}, "did you mean 'trials'"),
    "problems.0.gaol": ({"problems": [{"landscape": "booth", "gaol": 1}]}, "did you mean 'goal'? (allowed: name, goal, steps, landscape, "),
    "optimizers.0.tuen": ({"optimizers": [{"optimizer": "sgd", "tuen": {}}]}, "'tune'? (allowed: name, rates, tune, optimizer, label, "),
    "problems.0.noise.0.sigam": (
        {"problems": [{"landscape": "booth", "noise": [{"name": "gaussian", "sigam": 1}]}]},
        "there is no such key",
    ),
}


@pytest.mark.parametrize("key", WRONG)
def test_what_is_wrong_with_a_race_is_told(key):
    changes, words = WRONG[key]
    tables = {"problems": [{"landscape": "booth"}], "optimizers": [{"optimizer": "sgd"}], **changes}
    with pytest.raises(ScenarioError) as caught:
        race_of(tables, "my.toml")
    assert key in [one.key for one in caught.value.complaints], str(caught.value)
    assert words in str(caught.value)
    assert str(caught.value).startswith("my.toml: ")


def test_everything_that_is_wrong_is_told_at_once():
    with pytest.raises(ScenarioError) as caught:
        race_of({"problems": [{"landscape": "boot"}, {"formula": "x^"}], "optimizers": [{"optimizer": "adm"}]})
    assert len(caught.value.complaints) == 3


INSIDE = {
    "problems": [{"landscape": "boot", "goal": "low"}],
    "optimizers": [{"optimizer": "sgd", "momentum": -1, "tune": {"speed": [1, 2]}}],
}
TOLD_INSIDE = {
    "problems": ["problems.0.goal", "problems.0.landscape"],
    "optimizers": ["optimizers.0.momentum", "optimizers.0.tune.speed"],
}


@pytest.mark.parametrize("top", [{"trails": 3}, {"steps": "many"}, {"rates": [1.0, 0.1]}, {"problems": []}, {"optimizers": []}])
def test_what_is_wrong_inside_is_told_beside_what_is_wrong_above(top):
    with pytest.raises(ScenarioError) as caught:
        race_of({**INSIDE, **top})
    inside = [key for name, keys in TOLD_INSIDE.items() if name not in top for key in keys]
    assert sorted(one.key for one in caught.value.complaints) == sorted([*top, *inside])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("defualt", "defualt: there is no such file; did you mean 'default'? (shipped races: default)"),
        ("three-learning-rates", "three-learning-rates: there is no such file (shipped races: default)"),
        (".", ".: found a folder; allowed: a race file (TOML)"),
    ],
)
def test_races_are_looked_for_among_races(name, words):
    with pytest.raises(ScenarioError) as caught:
        load(name)
    assert str(caught.value) == words


@pytest.mark.parametrize("name", shipped.races())
def test_a_shipped_race_is_valid(name):
    found = load(name)
    assert len(found.entries) > 10
    assert found.keys.title


def test_files_hold_what_came_out(small, tmp_path):
    import pyarrow.parquet as parquet

    write_race(small, tmp_path)
    told = json.loads((tmp_path / "summary.json").read_text())
    assert told == json.loads(json.dumps(summary(small)))
    assert [one["name"] for one in told["optimizers"]] == [small.entries[e] for e in small.ranking()]
    rows = parquet.read_table(tmp_path / "runs.parquet").to_pylist()
    assert [row["time"] for row in rows] == small.all_times.ravel().tolist()
    assert len(parquet.read_table(tmp_path / "trials.parquet")) == 2 * 2 * 6
    assert (tmp_path / "picture.png").read_bytes().startswith(b"\x89PNG")
    write_race(small, tmp_path, "csv")
    assert sorted(file.name for file in tmp_path.iterdir()) == ["picture.png", "runs.csv", "summary.json", "trials.csv"]


def test_what_the_files_hold_runs_the_race_again(small):
    told = json.loads(json.dumps(summary(small)))
    keys = {name: told[name] for name in ("steps", "trials", "seeds", "seed", "tuner", "rates", "reach")}
    again = race([one["table"] for one in told["problems"]], [one["table"] for one in told["optimizers"]], **keys)
    assert json.loads(json.dumps(summary(again)))["optimizers"] == told["optimizers"]


def test_nothing_is_written_where_something_cannot_be(small, tmp_path, monkeypatch):
    import gdsim.harness.race_store as store

    def fails(result, dark):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "painted", fails)
    with pytest.raises(OSError, match="No space"):
        write_race(small, tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("dark", [False, True])
def test_the_picture_shows_the_profiles(small, dark):
    from gdsim.harness.race_picture import LINES

    pixels = np.asarray(painted(small, dark=dark).convert("RGB"))
    best = tuple(int(LINES[dark][0][i : i + 2], 16) for i in (1, 3, 5))
    assert np.sum(np.all(pixels == best, axis=2)) > 300


def test_the_command_runs_a_file(tmp_path):
    file = tmp_path / "race.toml"
    file.write_text('steps = 50\ntrials = 3\nseeds = 1\n[[problems]]\nlandscape = "booth"\n[[optimizers]]\noptimizer = "sgd"\n')
    found = CliRunner().invoke(app, ["race", str(file), "--out", str(tmp_path / "out"), "--seed", "3", "--format", "csv"])
    assert found.exit_code == 0, found.output
    assert "booth" in found.output
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["seed"] == 3
    file.write_text('[[problems]]\nlandscape = "boot"\n[[optimizers]]\noptimizer = "sgd"\n')
    found = CliRunner().invoke(app, ["race", str(file)])
    assert found.exit_code == 2
    assert "problems.0.landscape" in found.output
    found = CliRunner().invoke(app, ["race", "nowhere"])
    assert found.exit_code == 2
    assert CliRunner().invoke(app, ["race", str(file), "--target", "nothing.py:x"]).exit_code == 2


def test_the_defaults_are_a_race():
    keys = RaceTable(problems=({"landscape": "booth"},), optimizers=({"optimizer": "sgd"},))
    found = race_of({**keys.model_dump(), "steps": 20, "trials": 2, "seeds": 1})
    assert run_race(found).times.shape == (1, 1)


def test_no_minimum_of_a_shipped_race_lies_at_the_origin():
    """A rule whose steps are shares of the weights, as Adafactor's, lands there by itself."""
    for course in load("default").courses:
        if not course.scenario.is_network:
            assert all(np.max(np.abs(point.position)) > 0.1 for point in course.scenario.landscape.minima), course.name


def test_an_interval_of_the_score_is_what_other_seeds_would_give():
    """Two runs, drawn twice with replacement: four pairs of draws, each with a quarter of the chance, are all there is."""
    times = np.array([[[10.0, 30.0]], [[20.0, 16.0]]])
    pairs = [np.median(times[:, :, list(pair)], axis=2) for pair in itertools.product(range(2), repeat=2)]
    found = np.array([score(pair) for pair in pairs])
    assert score_intervals(times) == pytest.approx(np.stack([found.min(axis=0), found.max(axis=0)], axis=1))


def test_an_interval_is_narrow_where_seeds_agree_and_holds_the_score(rng):
    times = np.exp(rng.normal(size=(5, 4, 1)) + 3.0)
    same = np.repeat(times, 9, axis=2)
    assert score_intervals(same) == pytest.approx(np.repeat(score(times[..., 0])[:, None], 2, axis=1))
    spread = score_intervals(same * np.exp(0.5 * rng.normal(size=same.shape)))
    assert np.all((spread >= 0.0) & (spread <= 1.0) & (spread[:, :1] <= spread[:, 1:]))
    assert np.ptp(spread, axis=1).max() > 0.0
