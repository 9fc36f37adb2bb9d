"""``gdsim check``, ``gdsim open --trial`` and ``gdsim check-gradient``."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from gdsim.harness.report_json import read_json
from gdsim.harness.trial import Family, Verdict
from tests.harness.conftest import registries  # noqa: F401 (used by every test)

WRONG = Path(__file__).parent.parent / "harness" / "wrong"
OWN = """\
def step(weights, gradient, state, learning_rate=0.01, sign=1.0):
    return weights - sign * learning_rate * gradient, state

def breaks(weights, gradient, state):
    if state == 3:
        raise RuntimeError("no more")
    return weights - 0.01 * gradient, (state or 0) + 1

def function(w):
    return (w**2).sum(), 2.0 * w

def wrong(w):
    return (w**2).sum(), 3.0 * w
"""


@pytest.fixture
def own(tmp_path):
    (tmp_path / "own.py").write_text(OWN)
    return f"{tmp_path}/own.py"


def test_right_ones_leave_0(gdsim):
    result = gdsim("check", "adam", "--trials", "truth,robust", "--quick")
    assert (result.exit_code, result.stderr) == (0, "")
    assert re.search(r"^adam \(learning_rate 0.001, beta1 0.9", result.stdout)
    assert re.search(r"robust +\d+", result.stdout)
    assert re.search(r"none of \d+ trials failed, in [\d.]+ s", result.stdout)


def test_wrong_ones_leave_1_and_say_how_to_see_it(gdsim):
    result = gdsim("check", f"{WRONG}/adam.py", "--claims", "adam", "--learning-rate", "0.002", "--trials", "truth,robust")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "the bias correction multiplies where it should divide" in result.stdout
    assert re.search(r"\d+ of \d+ trials failed", result.stdout)
    lines = [line.strip() for line in result.stdout.splitlines() if line.strip().startswith("gdsim open")]
    assert 1 <= len(lines) <= 5
    words = shlex.split(lines[0])
    assert words[4:] == ["--target", f"{WRONG}/adam.py:wrong_adam", "--learning-rate", "0.002", "--claims", "adam"]
    again = gdsim(*words[1:], "--table")
    assert again.exit_code == 0
    assert "failed: " in again.stdout


def test_all_families_by_default_and_one_report_in_three_forms(gdsim, tmp_path):
    files = [tmp_path / name for name in ("report.json", "report.xml", "report.html")]
    result = gdsim("check", "sgd", "--learning-rate", "0.1", "--quick", "--json", files[0], "--junit", files[1])
    report = read_json(files[0])
    assert result.exit_code == (1 if report.failures else 0)
    assert {one.trial.family for one in report.outcomes} == set(Family)
    assert (report.target, report.given, report.claims) == ("sgd", {"learning_rate": 0.1}, "sgd")
    assert json.loads(files[0].read_text())["target"] == "sgd"
    assert int(ET.parse(files[1]).getroot().get("failures")) == len(report.failures)
    assert gdsim("check", "sgd", "--trials", "robust", "--quick", "--html", files[2]).exit_code == 0
    assert "<!doctype html>" in files[2].read_text()[:100].lower()
    for family in Family:
        row = next(line for line in result.stdout.splitlines() if line.split()[:1] == [str(family)])
        assert [int(word) for word in row.split()[1:]] == list(report.counts(family).values())


def test_beside_another_one(gdsim, own, tmp_path):
    same = gdsim("check", f"{own}:step", "--against", "sgd", "--learning-rate", "0.25")
    assert (same.exit_code, same.stderr) == (0, "")
    assert "own.py:step and sgd took the same 200 steps" in same.stdout
    assert "trials" not in same.stdout
    other = gdsim("check", "adam", "--against", "nadam", "--json", tmp_path / "report.json")
    assert other.exit_code == 1
    assert "adam and nadam part at step 1" in other.stdout
    assert re.search(r"mean square +\S+, \S+, \S+, \S+ +\S+", other.stdout)
    (only,) = read_json(tmp_path / "report.json").outcomes
    assert (only.trial.id, only.verdict) == ("truth/against/nadam", Verdict.FAILED)
    both = gdsim("check", "adam", "--against", "nadam", "--trials", "robust", "--quick")
    assert both.exit_code == 1
    assert re.search(r"1 of \d+ trials failed", both.stdout)
    assert "gdsim check adam --against nadam" in both.stdout


def test_an_error_in_ones_own_code_fails_trials(gdsim, own):
    result = gdsim("check", f"{own}:breaks", "--trials", "robust", "--quick")
    assert (result.exit_code, result.stderr) == (1, "")
    assert "own.py, line 6: RuntimeError: no more" in result.stdout
    assert "Traceback" not in result.stdout
    beside = gdsim("check", f"{own}:breaks", "--against", "sgd")
    assert beside.exit_code == 1


SLOW = """\
import pathlib, time
calls = 0
def step(weights, gradient, state, learning_rate=0.01):
    global calls
    calls += 1
    time.sleep(0.02)
    if calls == 40:
        pathlib.Path(__file__).with_name("under_way").touch()
    return weights - learning_rate * gradient, state
"""


def test_ctrl_c_tells_what_is_known(tmp_path):
    (tmp_path / "slow.py").write_text(SLOW)
    words = [sys.executable, "-m", "gdsim", "check", f"{tmp_path}/slow.py:step", "--trials", "robust", "--json", tmp_path / "report.json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        deadline = time.monotonic() + 100.0
        while not (tmp_path / "under_way").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60.0)
    assert (process.returncode, error) == (130, "Interrupted: not all trials were put, and nothing was written\n")
    assert re.search(r"none of \d+ trials failed", out)
    assert not (tmp_path / "report.json").exists()


BAD = [
    (["adm"], "adm: there is no optimizer of that name (did you mean 'adam'?)"),
    (["OWN:absent"], "there is no 'absent' in it; allowed: step, breaks"),
    (
        ["adam", "--json", "a.txt", "--html", "b.txt", "--junit", "a.txt"],
        "--junit: found a.txt for --json and --junit; allowed: a file for each",
    ),
    (["adam", "--trials", "truth,unti"], "--trials: found 'unti'; allowed: some of truth,robust,unit,landscapes"),
    (["adam", "--param", "beta1"], "--param: found 'beta1'; allowed: NAME=VALUE"),
    (["adam", "--param", "beta1=fast"], "--param: found 'beta1=fast'"),
    (["adam", "--param", "beta1=2"], "beta1: found 2.0; allowed: a number >= 0 and < 1"),
    (["adam", "--param", "speed=2"], "there is no hyper-parameter 'speed'"),
    (["adam", "--claims", "adm"], "claims to be 'adm'"),
    (["adam", "--against", "absent"], "absent: there is no optimizer of that name"),
    (["adam", "--json", "/dev/null/report.json"], "--json: found /dev/null"),
]


@pytest.mark.parametrize("option", ["--json", "--junit", "--html"])
def test_where_a_report_cannot_be_written_is_told_before_the_trials(gdsim, tmp_path, option):
    os.mkfifo(tmp_path / "pipe")
    for name, words in (("", "is a folder"), ("pipe", "is not a regular file")):
        result = gdsim("check", "adam", option, tmp_path / name)
        assert (result.exit_code, result.stdout) == (2, "")
        assert result.stderr == f"{option}: found {tmp_path / name}, which {words}; allowed: a file name\n"
    assert (tmp_path / "pipe").is_fifo()


@pytest.mark.parametrize(("words", "told"), BAD)
def test_bad_use_leaves_2(gdsim, own, words, told):
    result = gdsim("check", *(word.replace("OWN", own) for word in words))
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr
    assert "Traceback" not in result.stderr


def test_a_run_is_shown_as_a_table(gdsim):
    result = gdsim("open", "--trial", "robust/nan", "--target", "adam")
    assert result.exit_code == 0
    assert "passed: the weight became NaN, and stayed so" in result.stdout
    assert len(re.findall(r"^ +\d+ +1 +", result.stdout, re.MULTILINE)) == 20
    assert "mean square" in result.stdout


def test_a_scenario_is_run_where_there_is_no_window(gdsim):
    result = gdsim("open", "--trial", "unit/quad_bowl/normal/noiseless", "--target", "sgd", "--learning-rate", "0.1", "--table")
    assert result.exit_code == 0
    assert re.search(r"sgd +0\.1", result.stdout)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--trial", "robust/nan"], "--trial: allowed: with --target TARGET and without FILE"),
        (["stable", "--trial", "robust/nan", "--target", "adam"], "without FILE"),
        (["--trial", "robust/absent", "--target", "adam"], "--trial: found 'robust/absent'; allowed: the id of a trial"),
        (["--trial", "robust/nan", "--target", "adm"], "did you mean 'adam'?"),
    ],
)
def test_bad_trials_leave_2(gdsim, words, told):
    result = gdsim("open", *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in result.stderr


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (["rosenbrock"], 0, "rosenbrock: 82 derivatives at 41 points, by complex step\nthe gradient is that of the loss"),
        (["x^2 sin(y)"], 0, "the gradient is that of the loss; worst along w"),
        (["log(x) y"], 0, "of them could not be measured"),
        (["OWN:function", "--at", "1,2,-3"], 0, "the gradient is that of the loss"),
        (["OWN:wrong", "--at", "1,2"], 1, "the gradient is not that of the loss: along weight "),
        (["OWN:function"], 2, "where to look is not said"),
        (["OWN:function", "--at", "1,b"], 2, "--at: found '1,b'; allowed: numbers with commas"),
        (["absent"], 2, "this is no landscape and no scenario"),
    ],
)
def test_gradients(gdsim, own, words, code, told):
    result = gdsim("check-gradient", *(word.replace("OWN", own) for word in words))
    assert result.exit_code == code
    assert told in (result.stderr if code == 2 else result.stdout)
    assert (result.stdout if code == 2 else result.stderr) == ""
