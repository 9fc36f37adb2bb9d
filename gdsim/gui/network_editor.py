"""A network's table as controls: the sizes of its layers and their activation at once, the rest in a section that opens."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtGui import QFocusEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QWidget

from gdsim.app.changes import SetNetwork
from gdsim.app.messages import Message
from gdsim.gui.controls import QuietComboBox, label, named
from gdsim.gui.flow import Flow
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.style import SPACE
from gdsim.networks.network import ACTIVATIONS, INITIALISATIONS, MOST_LAYERS, PRECISIONS
from gdsim.parameter import Param
from gdsim.simulation.network_problem import WIDEST, NetworkProblem, NetworkTable, losses_for

ROW = 34 * SPACE


def _doc(name: str) -> str:
    return str(NetworkTable.model_fields[name].description)


NUMBERS = (
    Param("dropout", 0.0, _doc("dropout"), low=0.0, high=1.0, high_open=True),
    Param("l1", 0.0, _doc("l1"), low=0.0, high=1.0),
    Param("l2", 0.0, _doc("l2"), low=0.0, high=1.0),
    Param("scale", 1.0, _doc("scale"), low=0.0, high=10.0),
    Param("batch_norm", False, _doc("batch_norm")),
)
CHOICES = {"loss": (), "initialisation": INITIALISATIONS, "output": ACTIVATIONS, "precision": PRECISIONS}
"""Words that are chosen from a list; which losses there are depends on the data."""


def parse_layers(text: str) -> tuple[int, ...]:
    """Sizes of hidden layers such as ``16 16``; none for an empty text. Raises ValueError, in words for the user."""
    words = text.replace(",", " ").split()
    if len(words) > MOST_LAYERS - 2:
        raise ValueError(f"at most {MOST_LAYERS - 2} layers")
    for word in words:
        if not word.isdecimal() or not 1 <= int(word) <= WIDEST:
            raise ValueError(f"{word!r} is no size of a layer; type whole numbers from 1 to {WIDEST:,}, such as 16 16")
    return tuple(map(int, words))


class LayersEdit(QLineEdit):
    """``commit(layers)`` is called with sizes that can be, ``complain(text)`` with what is wrong, or with an empty text."""

    def __init__(self, commit: Callable[[tuple[int, ...]], None], complain: Callable[[str], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._commit = commit
        self._complain = complain
        self._shown: tuple[int, ...] | None = None
        self.setFixedWidth(10 * SPACE)
        self.setPlaceholderText("none: linear")
        self.setMaxLength(200)
        named(self, "hidden layers", "Sizes of the hidden layers from the input on, such as 16 16; empty for a linear model")
        self.returnPressed.connect(self._read)

    def show_layers(self, layers: tuple[int, ...]) -> None:
        if layers != self._shown:
            self._shown = layers
            self.setText(" ".join(map(str, layers)))
            self.setCursorPosition(0)
            self._accept("")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._read()

    def _read(self) -> None:
        try:
            layers = parse_layers(self.text())
        except ValueError as error:
            self._accept(str(error))
            return
        self._accept("")
        if layers != self._shown:
            self._commit(layers)

    def _accept(self, fault: str) -> None:
        self.setProperty("refused", bool(fault))
        self.style().unpolish(self)
        self.style().polish(self)
        self._complain(fault)


def combo(name: str, tip: str, choose: Callable[[int], None]) -> QuietComboBox:
    made = QuietComboBox()
    made.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToContents)
    named(made, name, tip)
    made.activated.connect(choose)
    return made


class NetworkEditor(QWidget):
    """``first`` stands beside the choice of the model; the editor itself holds the rest and stands in a section."""

    def __init__(self, send: Callable[[Message], None], complain: Callable[[str], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self.layers = LayersEdit(lambda layers: self._send(SetNetwork("layers", layers)), complain)
        self.activation = combo("activation", _doc("activation"), self._choose_activation)
        self.activation.addItems(list(ACTIVATIONS))
        self.activation.setMinimumWidth(10 * SPACE)
        self.first = QWidget()
        beside = QHBoxLayout(self.first)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(SPACE)
        for part in (label("layers", "caption"), self.layers, self.activation):
            beside.addWidget(part)
        self.combos: dict[str, QuietComboBox] = {}
        held: list[QWidget] = []
        for name, words in CHOICES.items():
            box = self.combos[name] = combo(name, _doc(name), self._choose)
            box.addItems(list(words))
            held.append(_captioned(name, box))
        self.rows: dict[str, NumberRow | SwitchRow] = {param.name: param_row(param, self._change, 7 * SPACE) for param in NUMBERS}
        for row in self.rows.values():
            row.setFixedWidth(ROW if isinstance(row, NumberRow) else row.sizeHint().width())
        self._flow = Flow(SPACE)
        self._flow.hold([*held, *self.rows.values()])
        column = QHBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._flow)

    def show_problem(self, problem: NetworkProblem) -> None:
        table = problem.network
        self.layers.show_layers(table.layers)
        _select(self.activation, table.activation)
        losses = losses_for(problem.loaded)
        box = self.combos["loss"]
        if [box.itemText(k) for k in range(box.count())] != list(losses):
            with QSignalBlocker(box):
                box.clear()
                box.addItems(list(losses))
        _select(box, problem.shape.loss)
        for name in ("initialisation", "output", "precision"):
            _select(self.combos[name], getattr(table, name))
        self.combos["output"].setEnabled(problem.shape.loss in ("mse", "huber"))
        for name, row in self.rows.items():
            row.show_value(getattr(table, name))

    def told(self, problem: NetworkProblem) -> str:
        """What is not as usual, in a few words."""
        usual = NetworkTable(layers=())
        names = [*CHOICES, *(param.name for param in NUMBERS)]
        words = [f"{name.replace('_', ' ')} {_spelled(getattr(problem.network, name))}" for name in names if _differs(problem, usual, name)]
        return ", ".join(words)

    def _choose_activation(self, _which: int) -> None:
        self._send(SetNetwork("activation", self.activation.currentText()))

    def _choose(self, _which: int) -> None:
        name = next(name for name, box in self.combos.items() if box is self.sender())
        self._send(SetNetwork(name, self.combos[name].currentText()))

    def _change(self, name: str, value: float | bool, live: bool) -> None:
        self._send(SetNetwork(name, value, live))


def _differs(problem: NetworkProblem, usual: NetworkTable, name: str) -> bool:
    return bool(getattr(problem.network, name) != getattr(usual, name))


def _spelled(value: Any) -> str:
    return "on" if value is True else f"{value:g}" if isinstance(value, float) else str(value)


def _select(box: QuietComboBox, text: str) -> None:
    if box.currentText() != text:
        with QSignalBlocker(box):
            box.setCurrentIndex(box.findText(text))


def _captioned(name: str, box: QWidget) -> QWidget:
    held = QWidget()
    row = QHBoxLayout(held)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(SPACE)
    row.addWidget(label(name, "caption"))
    row.addWidget(box)
    row.setAlignment(Qt.AlignmentFlag.AlignLeft)
    return held
