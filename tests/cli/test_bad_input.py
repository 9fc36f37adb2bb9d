"""Bad input ends with exit code 2 and every reason on standard error: no traceback, nothing written."""

import os

import pytest

from tests.cli.conftest import GOOD


def snapshot(folder):
    return sorted(str(path) for path in folder.rglob("*"))


BAD_FILES = {
    "unknown key": (GOOD.replace("label", "lable"), ["runs.0.lable", "did you mean 'label'"]),
    "misspelt optimizer": (GOOD.replace('"sgd"', '"sdg"'), ["runs.0.optimizer", "'sdg'", "did you mean 'sgd'", "adam"]),
    "misspelt landscape": (GOOD.replace("rosenbrock", "rosenbrok"), ["problem.landscape", "did you mean 'rosenbrock'"]),
    "wrong type": (GOOD.replace("0.001", '"0.001"'), ["runs.0.learning_rate", "found '0.001'", "a number >= 0"]),
    "not a number": (GOOD.replace("0.001", "nan"), ["runs.0.learning_rate", "found nan", "a number >= 0"]),
    "infinity": (GOOD.replace("0.001", "inf"), ["runs.0.learning_rate", "found inf"]),
    "negative rate": (GOOD.replace("0.001", "-0.001"), ["runs.0.learning_rate", "found -0.001", "a number >= 0"]),
    "10^12 steps": (GOOD.replace("20", "1_000_000_000_000"), ["steps", "1,000,000,000,001 points", "GB", "10,000,000"]),
    "start of the wrong dimension": ("start = [1, 2, 3]\n" + GOOD, ["start", "found 3 numbers", "2 numbers"]),
    "no runs": ('problem.landscape = "saddle"', ["runs", "missing"]),
    "empty": ("", ["problem: this key is missing", "runs: this key is missing"]),
    "only a byte order mark": ("\ufeff", ["problem: this key is missing"]),
    "several errors": (
        GOOD.replace("20", "0").replace("rosenbrock", "rosenbrok").replace("0.001", "-1") + "betas = 1\n",
        ["steps: found 0", "problem.landscape", "runs.0.learning_rate: found -1", "runs.0.betas"],
    ),
    "windows lines": (GOOD.replace("0.001", "-1").replace("\n", "\r\n"), ["runs.0.learning_rate", "found -1"]),
    "key twice": (GOOD + "label = 'again'\n", ["not valid TOML", "line"]),
    "huge integer": (GOOD.replace("20", "9" * 5000), ["thousands of digits"]),
    "large integer": (GOOD.replace("20", "9" * 300), ["steps", "an integer of about 300 digits"]),
    "deep nesting": ("a = " + "[" * 100_000, ["nested too deeply"]),
    "deep keys": (".".join("a" * 100_000) + " = 1", ["more than 32 parts"]),
    "binary rubbish": (os.urandom(64).replace(b"\n", b"x") + b"\xff\xfe", ["not UTF-8"]),
    "a zip file": (b"PK\x03\x04\x14\0\0\0\x08\0\xe7", ["not UTF-8"]),
    "prose": ("Dear Sir or Madam,", ["not valid TOML", "line 1"]),
}


@pytest.mark.parametrize("case", BAD_FILES)
def test_bad_files(case, gdsim, tmp_path):
    text, words = BAD_FILES[case]
    file = tmp_path / "bad.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    before = snapshot(tmp_path)
    for arguments in (("run", file, "--out", tmp_path / "out"), ("run", file), ("render", file, "--to", tmp_path / "out" / "p.png")):
        result = gdsim(*arguments)
        assert result.exit_code == 2
        assert result.stdout == ""
        assert all(line.startswith(f"{file}: ") for line in result.stderr.splitlines())
        for word in words:
            assert word in result.stderr
        assert "Traceback" not in result.stderr
        assert len(result.stderr) < 3000
    assert snapshot(tmp_path) == before


def test_a_file_of_100_megabytes(gdsim, tmp_path):
    file = tmp_path / "big.toml"
    with open(file, "wb") as stream:
        stream.truncate(100_000_000)
    result = gdsim("run", file, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "found 100,000,000 bytes; allowed: a scenario file of at most 1,048,576 bytes" in result.stderr
    assert os.listdir(tmp_path) == ["big.toml"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing.toml", ["missing.toml: there is no such file"]),
        ("three-learning-rate", ["did you mean 'three-learning-rates'", "optimizer-race"]),
        (".", ["found a folder"]),
        ("/dev/null", ["not a regular file"]),
        ("a\0b", ["cannot be read"]),
        ("\x1b[31mred", [r"'\x1b[31mred'"]),
    ],
)
def test_files_that_are_none(name, words, gdsim, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = gdsim("run", name, "--out", "out")
    assert result.exit_code == 2
    assert "\x1b" not in result.stderr
    for word in words:
        assert word in result.stderr
    assert os.listdir(tmp_path) == []


def test_all_files_are_checked_before_any_is_run(gdsim, good, tmp_path, painted):
    bad = tmp_path / "bad.toml"
    bad.write_text(GOOD.replace("0.001", "-1"))
    worse = tmp_path / "worse.toml"
    worse.write_text(GOOD.replace("20", "0"))
    result = gdsim("run", good, bad, worse, "missing", "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert result.stdout == ""
    for words in (f"{bad}: runs.0.learning_rate", f"{worse}: steps", "missing: there is no such file"):
        assert words in result.stderr
    assert not (tmp_path / "out").exists()
    assert painted == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("runs.0.learning_rate=-1", ["runs.0.learning_rate", "found -1"]),
        ("runs.0.learning_rat=1", ["runs.0.learning_rat", "did you mean 'learning_rate'"]),
        ("runs.1.learning_rate=1", ["there is no runs.1", "from 0 to 0"]),
        ("runs.x.learning_rate=1", ["there is no runs.x"]),
        ("runs.-1.learning_rate=1", ["there is no runs.-1"]),
        ("runs.99999999999999999999.label=a", ["there is no runs.9999"]),
        ("steps.a=1", ["found 20 at steps"]),
        ("runs.0.optimizer=adamm", ["runs.0.optimizer", "did you mean 'adam'"]),
        ("steps", ["KEY=VALUE", "runs.0.learning_rate=0.01"]),
        ("=1", ["KEY=VALUE"]),
        ("steps=", ["found the value ''"]),
        ("steps=1\nseed=2", ["found the value"]),
        ("title='a", ["found the value"]),
        ("title=" + "[" * 5000, ["found the value"]),
        ("title=" + "x" * 20_000, ["KEY=VALUE"]),
        ("a.b.c.d=1", ["a: there is no such key"]),
        ("steps=nan", ["steps: found nan"]),
    ],
)
def test_changes_that_cannot_be(change, words, gdsim, good, tmp_path):
    before = snapshot(tmp_path)
    result = gdsim("run", good, good, "--set", change, "--set", "seed=-1", "--out", tmp_path / "out")
    assert result.exit_code == 2
    for word in words:
        assert word in result.stderr
        assert len(result.stderr) < 1500
    assert snapshot(tmp_path) == before


def test_every_wrong_change_is_named_once(gdsim, good):
    result = gdsim("run", good, "stable", "--set", "a", "--set", "runs.7.label=b")
    assert len(result.stderr.splitlines()) == 2


@pytest.mark.parametrize("out", ["good.toml", "good.toml/sub", "/proc/version/x", "x" * 5000])
def test_folders_that_cannot_be(out, gdsim, good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = gdsim("run", good, "--out", out)
    assert result.exit_code == 2
    assert result.stderr.startswith("--out: found ")
    assert "allowed: a folder" in result.stderr
    assert result.stdout == ""
    assert os.listdir(tmp_path) == ["good.toml"]


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="nothing is forbidden to root")
def test_folders_without_permission(gdsim, good, tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o500)
    result = gdsim("run", good, "--out", closed / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "where you may not write" in result.stderr


def test_folders_without_permission_are_seen_whoever_asks(gdsim, good, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    result = gdsim("run", good, "--out", tmp_path / "out")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "where you may not write" in result.stderr


@pytest.mark.parametrize(
    "arguments", [["render", "stable", "--to", "a.png"], ["show", "sphere", "--to", "a.png"], ["run", "stable", "--out", "out"]]
)
def test_a_folder_that_is_gone(arguments, gdsim, tmp_path, monkeypatch):
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    result = gdsim(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "allowed: a f" in result.stderr
    assert "No such file or directory" in result.stderr


def test_a_disk_that_fills_up(gdsim, good, tmp_path, monkeypatch):
    def full(*_arguments, **_options):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("gdsim.cli.running.paint", full)
    result = gdsim("run", good, "--out", tmp_path / "out")
    assert result.exit_code == 2
    assert "nothing was written" in result.stderr
    assert "No space left" in result.stderr
    assert snapshot(tmp_path) == [str(good)]


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--to", "picture.bmp"], ["--to", "'picture.bmp'", ".png, .svg, .pdf, .gif"]),
        (["--to", "picture"], ["--to", "allowed"]),
        (["--to", "good.toml/picture.png"], ["--to", "not a folder"]),
        (["--to", "a.png", "--size", "big"], ["--size", "'big'", "300 to 4096"]),
        (["--to", "a.png", "--size", "10x10"], ["--size", "'10x10'"]),
        (["--to", "a.png", "--size", "99999x800"], ["--size"]),
        (["--to", "a.bmp", "--size", "1x1", "--set", "steps=0"], ["--to", "--size", "steps: found 0"]),
    ],
)
def test_pictures_that_cannot_be(options, words, gdsim, good, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    result = gdsim("render", good, *options)
    assert (result.exit_code, result.stdout) == (2, "")
    for word in words:
        assert word in result.stderr
    assert os.listdir(tmp_path) == ["good.toml"]


NO_COMMANDS = [
    *(["runn"], ["run"], ["run", "--nonsense"], ["run", "stable", "--format", "xml"], ["run", "stable", "--out", "a\0b"]),
    *(["render", "stable"], ["list", "colours"], ["show"]),
]


@pytest.mark.parametrize("arguments", NO_COMMANDS)
def test_usage(arguments, gdsim):
    result = gdsim(*arguments)
    assert result.exit_code == 2
    assert "Traceback" not in result.output
    assert "Usage" in result.output


def test_a_plugin_that_ends_the_program(gdsim, tmp_path):
    file = tmp_path / "ends.py"
    file.write_text("raise SystemExit(3)\n")
    result = gdsim("list", "noises", "--plugin", file)
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr.startswith(f"--plugin: {file}: it ends the program when it is run")


def test_a_real_process_says_the_same(process, tmp_path):
    (tmp_path / "bad.toml").write_text(GOOD.replace("0.001", "-1").replace("20", "many"))
    result = process("run", "bad.toml", "--out", "out")
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.splitlines() == ["bad.toml: this is not valid TOML: Invalid value (at line 2, column 9)"]
    assert os.listdir(tmp_path) == ["bad.toml"]
