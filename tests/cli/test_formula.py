"""``gdsim run --formula``."""

import json

import pytest


def test_a_formula_alone_runs_at_a_stable_rate(gdsim, painted, tmp_path):
    result = gdsim("run", "--formula", "sin(3*x) + y^2", "--out", tmp_path / "out", "--set", "steps=100")
    assert result.exit_code == 0
    assert "sin(3*x) + y^2" in result.stdout
    (run,) = json.loads((tmp_path / "out" / "summary.json").read_text())["runs"]
    assert (run["optimizer"], run["verdict"], run["rate"]) == ("sgd", "converged", "stable")
    assert run["final_loss"] == pytest.approx(-1.0)
    assert [name for _, name, _ in painted] == ["picture.png"]


def test_optimizers_and_their_rates(gdsim, tmp_path):
    arguments = ["--optimizer", "adam", "--optimizer", "sgd", "--set", "runs.1.learning_rate=0.25", "--set", "problem.parameters.a=2"]
    result = gdsim("run", "--formula", "-x + a x^2", *arguments)
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.stdout.splitlines() if "converged" in line or "too slow" in line][:2] == ["adam", "sgd"]
    assert " 0.25 " in result.stdout


def test_a_formula_takes_the_place_of_a_files_landscape(gdsim, good):
    result = gdsim("run", good, "--formula", "x^2 + 4y^2")
    assert result.exit_code == 0
    assert "plain" in result.stdout
    assert "0.001" in result.stdout


WRONG = {
    "broken": (["--formula", "sin(3*x"], "--formula: problem.formula: this is opened and never closed\n    sin(3*x\n       ^\n"),
    "no value": (["--formula", "a*x"], "--formula: problem.formula: there is no value for 'a'"),
    "with a file": (["stable", "--formula", "x +"], "stable: problem.formula: the formula ends here"),
    "no such optimizer": (["--formula", "x^2", "--optimizer", "sgdd"], "--formula: runs.0.optimizer: there is no optimizer named 'sgdd'"),
    "an optimizer with a file": (["stable", "--optimizer", "sgd"], "--optimizer: a FILE has its own optimizers"),
    "escape": (["--formula", "__import__('os').system('id')"], "--formula: problem.formula: found '_'"),
}


@pytest.mark.parametrize(("arguments", "words"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_said_with_exit_code_2(gdsim, arguments, words):
    result = gdsim("run", *arguments)
    assert result.exit_code == 2
    assert words in result.stderr
    assert not result.stdout
