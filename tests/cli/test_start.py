"""Starting up: quick, and with a window only where there can be one."""

import os
import signal
import socket
import subprocess
import sys

import pytest

from gdsim.cli import display
from gdsim.cli.endings import held
from gdsim.version import __version__


def test_version(gdsim):
    result = gdsim("--version")
    assert (result.exit_code, result.stdout) == (0, f"gdsim {__version__}\n")


@pytest.mark.parametrize("option", ["--version", "--help"])
def test_a_quick_answer_loads_nothing_heavy(option):
    code = f"""
import sys
sys.argv = ["gdsim", {option!r}]
from gdsim.cli import main
try:
    main()
except SystemExit as end:
    assert not end.code
sys.exit(sorted({{"numba", "numpy", "PySide6", "pydantic", "pyarrow"}} & set(sys.modules)) or 0)
"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr


def test_help_names_every_command(gdsim):
    for word in ("run", "render", "list", "show", "schema", "export", "doctor", "open"):
        assert word in gdsim("--help").stdout
        assert gdsim(word, "--help").exit_code == 0


@pytest.fixture
def no_display(monkeypatch):
    monkeypatch.setattr(sys, "platform", "linux")
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def windows(monkeypatch):
    """Stands in for the window: notes what it was asked to open."""
    opened = []

    def main(source):
        opened.append(source)
        return 0

    monkeypatch.setattr("gdsim.gui.main.main", main)
    return opened


@pytest.mark.parametrize("arguments", [[], ["open"], ["open", "stable"]])
def test_without_a_display(arguments, gdsim, no_display, windows):
    result = gdsim(*arguments)
    assert (result.exit_code, result.stdout) == (2, "")
    assert "no display" in result.stderr
    assert "gdsim render" in result.stderr
    assert windows == []


@pytest.mark.parametrize("name", [":4077", "localhost:4077.0", "unix:4077"])
def test_a_display_that_does_not_answer(name, gdsim, no_display, windows, monkeypatch):
    monkeypatch.setenv("DISPLAY", name)
    result = gdsim()
    assert result.exit_code == 2
    assert f"nothing answers at the display '{name}'" in result.stderr
    assert windows == []


def test_a_display_that_answers(no_display, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port >= 6000
        monkeypatch.setenv("DISPLAY", f"127.0.0.1:{port - 6000}.0")
        assert display.display_problem() is None


@pytest.mark.parametrize(
    ("variable", "value"), [("QT_QPA_PLATFORM", "offscreen"), ("WAYLAND_DISPLAY", "wayland-0"), ("DISPLAY", "odd:form:0")]
)
def test_other_ways_to_a_window_are_believed(variable, value, no_display, monkeypatch):
    monkeypatch.setenv(variable, value)
    assert display.display_problem() is None


@pytest.mark.parametrize(("arguments", "source"), [([], None), (["open"], None), (["open", "stable"], "stable")])
def test_the_window_is_opened(arguments, source, gdsim, windows, monkeypatch):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert gdsim(*arguments).exit_code == 0
    assert windows == [source]


def test_data_are_opened_as_they_are(gdsim, windows, monkeypatch, tmp_path):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "points.csv").write_text("x,y\n1,2\n3,4\n")
    assert gdsim("open", tmp_path / "points.csv").exit_code == 0
    assert windows == [str(tmp_path / "points.csv")]


def test_a_bad_file_opens_no_window(gdsim, windows, monkeypatch, tmp_path):
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    (tmp_path / "bad.toml").write_text("steps = 0")
    result = gdsim("open", tmp_path / "bad.toml")
    assert result.exit_code == 2
    for words in ("steps: found 0", "problem: this key is missing", "runs: this key is missing"):
        assert words in result.stderr
    assert windows == []


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="a disk that is full")
@pytest.mark.parametrize("words", [["--help"], ["list", "noises"], ["schema"], ["map", "learning-rate-ruler", "--to", "map.png"]])
def test_output_that_cannot_be_written_is_told(words, tmp_path):
    command = [sys.executable, "-m", "gdsim", *words]
    with open("/dev/full", "w") as full:
        result = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    assert result.returncode == 1
    assert result.stderr == "gdsim: the output cannot be written: No space left on device\n"


@pytest.mark.parametrize(("words", "code"), [(["list", "noises"], 0), (["list", "nothing"], 2)])
def test_whoever_closes_the_output_is_told_nothing(words, code):
    command = f"exec {sys.executable} -m gdsim {' '.join(words)} >&- 2>&-"
    assert subprocess.run(["sh", "-c", command], check=False).returncode == code


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--help"], 0),
        (["show", "rosenbrock"], 0),
        (["schema"], 0),
        (["run", "stable", "--out", "out", "--format", "csv"], 0),
        (["check", "sign_sgd", "--trials", "truth", "--json", "report.json"], 0),
        (["list", "nothing"], 2),
    ],
)
def test_whoever_stops_reading_stops_no_work(words, code, tmp_path):
    read, write = os.pipe()
    os.close(read)
    command = [sys.executable, "-m", "gdsim", *words]
    result = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, text=True, cwd=tmp_path, check=False)
    os.close(write)
    assert result.returncode == code
    assert bool(result.stderr) == bool(code)
    asked = {word for word in words if word in ("out", "report.json")}
    assert set(os.listdir(tmp_path)) == asked
    assert not asked & {"out"} or {"summary.json", "trajectories.csv"} < set(os.listdir(tmp_path / "out"))


def test_errors_that_nobody_reads_have_their_exit_code(tmp_path):
    read, write = os.pipe()
    os.close(read)
    assert subprocess.run([sys.executable, "-m", "gdsim", "run", "nothing"], stderr=write, cwd=tmp_path, check=False).returncode == 2
    os.close(write)


@pytest.mark.parametrize(
    ("number", "code", "said"), [(signal.SIGINT, 130, "Interrupted; nothing is left half written"), (signal.SIGTERM, 143, "")]
)
def test_what_ends_it_leaves_nothing_behind(number, code, said, tmp_path):
    """In the middle of writing: the painter stands still until the signal comes."""
    os.mkfifo(tmp_path / "started")
    program = f"""
import sys, time
from gdsim.cli import main, running

def paint(subject, path):
    path.write_bytes(b"half")
    open({str(tmp_path / "started")!r}, "w").close()
    time.sleep(60)

running.paint = paint
sys.argv = ["gdsim", "run", "stable", "--out", "out"]
main()
"""
    words = [sys.executable, "-c", program]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=tmp_path) as process:
        (tmp_path / "started").read_text()
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error.strip()) == (code, said)
    assert os.listdir(tmp_path) == ["started"]


def test_ctrl_c_waits_for_what_cannot_be_broken_off():
    done = []

    def interrupted_work():
        with held():
            signal.raise_signal(signal.SIGINT)
            done.append("all")

    with pytest.raises(KeyboardInterrupt):
        interrupted_work()
    assert done == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_is_answered_in_a_sentence(tmp_path):
    os.mkfifo(tmp_path / "started")
    (tmp_path / "plugin.py").write_text(f"open({str(tmp_path / 'started')!r}, 'w').close()\nimport time\ntime.sleep(60)\n")
    words = [sys.executable, "-m", "gdsim", "run", "stable", "--plugin", tmp_path / "plugin.py", "--out", tmp_path / "out"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        (tmp_path / "started").read_text()
        process.send_signal(signal.SIGINT)
        out, error = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert error.strip() == "Interrupted; nothing is left half written"
    assert not (tmp_path / "out").exists()


def test_a_file_that_is_missing_is_told_before_a_display_is(gdsim, no_display, windows):
    result = gdsim("open", "nothing.toml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == "nothing.toml: there is no such file\n"
