"""The PyTorch tab: the script that the command line would write, in colours, copied and saved."""

import ast
from pathlib import Path

import pytest
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from gdsim.app.changes import SetOptimizer
from gdsim.app.messages import Message, ShowView, Told
from gdsim.app.scripting import MOST_NUMBERS, TOO_MANY, SaveScript, SetExactScript, WriteScript, script_shown
from gdsim.app.update import update
from gdsim.app.work import Work
from gdsim.gui.highlighter import Highlighter, spans
from gdsim.gui.palette import DARK, LIGHT
from gdsim.gui.pytorch_view import PytorchView
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.pytorch.script import export_pytorch
from gdsim.simulation.scenario import validated
from tests.gui.states import state as closed_form
from tests.gui.trainings import trained

pytestmark = pytest.mark.qt_log_ignore("propagateSizeHints")


@pytest.fixture
def view(qtbot: QtBot) -> PytorchView:
    sent: list[Message] = []
    made = PytorchView(sent.append)
    made.sent = sent
    qtbot.addWidget(made)
    made.resize(560, 480)
    made.show()
    return made


@pytest.mark.parametrize("state", [trained, lambda: closed_form("himmelblau")], ids=["network", "closed form"])
def test_it_shows_the_script_of_the_selected_run(view: PytorchView, state) -> None:
    shown = state()
    view.render(shown)
    text = export_pytorch(shown.scenario, shown.selected).text
    assert view.text.toPlainText() == text
    assert view.text.isReadOnly()
    assert view.exact.isVisible() is shown.scenario.is_network
    view.copy.click()
    assert QGuiApplication.clipboard().text() == text


def test_with_pytorch_s_own_numbers(view: PytorchView) -> None:
    shown = trained()
    view.render(shown)
    view.exact.click()
    assert view.sent == [SetExactScript(False)]
    changed, _ = update(shown, SetExactScript(False))
    view.render(changed)
    assert view.text.toPlainText() == export_pytorch(shown.scenario, exact=False).text
    assert "1 file" in view.caption.toolTip()


def test_what_pytorch_lacks_is_said(view: PytorchView) -> None:
    runs = [{"optimizer": "sgd", "learning_rate": 0.01, "lookahead": {}}]
    scenario = validated({"problem": {"landscape": "himmelblau"}, "runs": runs})
    with pytest.raises(ExportError) as refused:
        export_pytorch(scenario)
    shown, _ = update(closed_form("himmelblau"), ShowView("PyTorch"))
    view.render(type(shown)(scenario, scenario))
    assert str(refused.value) in view.text.toPlainText()
    assert all(line.startswith("# ") for line in view.text.toPlainText().split("\n"))
    assert not view.copy.isEnabled()


def test_points_too_many_to_be_written_as_one_looks() -> None:
    def of(count):
        return validated(
            {"problem": {"dataset": "moons", "data": {"count": count}, "network": {"layers": [2]}}, "runs": [{"optimizer": "sgd"}]}
        )

    assert script_shown(of(MOST_NUMBERS // 2 + 1), 0, exact=True) == TOO_MANY
    assert not isinstance(script_shown(of(100), 0, exact=True), str)


def test_it_is_saved_with_what_it_reads(tmp_path: Path) -> None:
    shown = trained()
    file = tmp_path / "moons.py"
    _, effects = update(shown, SaveScript(file))
    assert effects == (WriteScript(shown.scenario, 0, True, file),)
    (answer,) = Work().begin(effects[0])
    assert isinstance(answer, Told)
    script = export_pytorch(shown.scenario)
    assert file.read_text(encoding="utf-8") == script.text
    for suffix, content in script.files.items():
        assert file.with_suffix(suffix).read_bytes() == content
        assert file.with_suffix(suffix).name in answer.text


def test_the_window_asks_where(open_window, tmp_path: Path) -> None:
    bench = open_window()
    bench.session.send(ShowView("PyTorch"), SetOptimizer(0, "adam"))
    bench.session.work()
    bench.dialogs.path = tmp_path / "three.py"
    bench.window.stage.current.save.click()
    bench.session.work()
    assert bench.dialogs.suggested.name == "three.py"
    assert "Adam" in (tmp_path / "three.py").read_text()
    assert "Script written to" in bench.state.notice.text


def kinds(line: str, **inside: bool) -> list[tuple[str, str]]:
    found, _ = spans(line, **inside)
    return [(line[start:end], kind) for start, end, kind in found]


def test_code_is_told_apart() -> None:
    assert kinds('x = "a # b"  # c "d"') == [('"a # b"', "string"), ('# c "d"', "comment")]
    assert kinds("for w1 in range(0x1F, 1e-3, 2.5):") == [
        ("for", "keyword"), ("in", "keyword"), ("0x1F", "number"), ("1e-3", "number"), ("2.5", "number"),
    ]  # fmt: skip
    assert kinds('"""one line""" + f"{x}"') == [('"""one line"""', "string"), ('f"{x}"', "string")]
    assert spans('    """begins') == ([(4, 13, "string")], True)
    assert spans("in between 1", inside=True) == ([(0, 12, "string")], True)
    assert spans('ends""" if 2', inside=True) == ([(0, 7, "string"), (8, 10, "keyword"), (11, 12, "number")], False)


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=lambda theme: theme.name)
def test_every_string_of_a_script_is_coloured_as_one(view: PytorchView, theme) -> None:
    """Against Python's own parser."""
    shown = trained()
    view.apply_theme(theme)
    view.render(shown)
    highlighter: Highlighter = view.highlighter
    document = view.text.document()
    colour = highlighter._formats["string"].foreground().color()
    text = view.text.toPlainText()
    strings = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Constant) and isinstance(node.value, str)]
    assert len(strings) > 10
    for node in strings:
        block = document.findBlockByNumber(node.lineno - 1)
        at = len(text.split("\n")[node.lineno - 1].encode()[: node.col_offset].decode())
        assert any(
            span.start <= at < span.start + span.length and span.format.foreground().color() == colour for span in block.layout().formats()
        )
