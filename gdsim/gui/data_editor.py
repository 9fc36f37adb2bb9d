"""Data as the problem: parameters of made data, the column that a file is asked for, what learns from them, and how they are split."""

from collections.abc import Callable, Hashable
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QGridLayout, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from gdsim.app.changes import OpenCsv, SetData, SetDataParam, SetModel
from gdsim.app.edit_data import NETWORK, model_of
from gdsim.app.messages import Message
from gdsim.gui.controls import Elided, QuietComboBox, discard, label, named
from gdsim.gui.flow import wanted
from gdsim.gui.icons import icon
from gdsim.gui.network_editor import NetworkEditor, combo
from gdsim.gui.palette import Theme
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.style import SPACE
from gdsim.networks.dataset import Dataset
from gdsim.networks.generators import DATASETS, FEW
from gdsim.networks.two_weights import MODELS, misfit_of_data
from gdsim.parameter import Param
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.network_problem import NetworkProblem

TOLD = 10 * SPACE
"""Pixels, at least, of what is unusual of a network."""
SPLITS = ((1.0, 0.0, 0.0), (0.8, 0.2, 0.0), (0.7, 0.15, 0.15), (0.6, 0.2, 0.2), (0.5, 0.25, 0.25))

STANDARDISE = Param("standardise", False, "inputs are shifted and scaled to mean 0 and deviation 1 on the training part")


def columns_of(dataset: Dataset) -> list[str]:
    """The columns of the file that the data came from: the words of a column are inputs of their own, called column=word."""
    return [*dict.fromkeys(feature.partition("=")[0] for feature in dataset.features), dataset.target]


def offered(param: Param) -> Param:
    """What a slider offers: no more points than are made at once, and of other numbers those that are near the usual one."""
    if param.name == "count":
        return replace(param, high=float(FEW))
    reach = 20.0 * abs(param.default)
    return replace(param, low=max(param.low, -reach), high=min(param.high, reach))


class DataEditor(QWidget):
    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._shown: Hashable = ""
        self._problem: DataSource | None = None
        self.rows: dict[str, NumberRow | SwitchRow] = {}
        self.target = combo("target", "The column of the file that is predicted from the others", self._choose_target)
        self._target_row = _row(label("predict", "caption"), self.target)
        self.model = combo("model", "What learns from the data: two weights, drawn on their loss surface, or a network", self._choose_model)
        self.model.setMaximumWidth(14 * SPACE)
        self.split = combo("split", "Shares of the points for training, validation and test", self._choose_split)
        self.standardise = SwitchRow(STANDARDISE, self._set_standardise)
        self.complaint = label("", "error")
        self.complaint.hide()
        self.network = NetworkEditor(send, self._complain)
        self.network.hide()
        self.more = QToolButton()
        self.more.setProperty("role", "small")
        self.more.setIconSize(QSize(16, 16))
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.toggled.connect(self._unfold)
        self.told = Elided()
        self._parameters = QGridLayout()
        self._parameters.setHorizontalSpacing(3 * SPACE)
        self._parameters.setVerticalSpacing(SPACE // 2)
        self._learner = _row(self._target_row, self.model, self.network.first, self.more, self.told, last=1)
        self._parts = _row(label("split", "caption"), self.split, self.standardise)
        self._second = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._second.addWidget(self._learner, 1)
        self._second.addWidget(self._parts, 0, Qt.AlignmentFlag.AlignRight)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)  # the bar decides, and then what stands beside what
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE // 2)
        column.addLayout(self._parameters)
        column.addLayout(self._second)
        column.addWidget(self.complaint)
        column.addWidget(self.network)

    def apply_theme(self, theme: Theme) -> None:
        self.more.setIcon(icon("tune-variant", theme, theme.muted))

    def show_problem(self, problem: DataSource) -> None:
        self._problem = problem
        data = problem.loaded
        source = problem.dataset, problem.csv, data.target, data.features, data.classes
        if source != self._shown:
            self._shown = source
            self._build(problem, data)
        values = problem.data.model_dump() if problem.data is not None else {}
        for name, row in self.rows.items():
            row.show_value(values[name])
        _fill(self.model, [(name.capitalize() if name == NETWORK else MODELS[name].title, name) for name in self._models(data)])
        self.model.setCurrentIndex(self.model.findData(model_of(problem)))
        is_network = isinstance(problem, NetworkProblem)
        self.network.first.setVisible(is_network)
        self.more.setVisible(is_network)
        self.network.setVisible(is_network and self.more.isChecked())
        told = ""
        if isinstance(problem, NetworkProblem):
            self.network.show_problem(problem)
            told = self.network.told(problem)
        self.told.set_text(told)
        self.told.setMinimumWidth(TOLD if told else 0)
        named(self.more, f"more of the network: {told or 'as usual'}", "Loss, regularisation and initialisation of the network")
        shares = tuple(problem.shares)
        _fill(self.split, [(_percent(split), split) for split in dict.fromkeys((*SPLITS, shares))])
        self.split.setCurrentIndex(next(k for k in range(self.split.count()) if tuple(self.split.itemData(k)) == shares))
        self.standardise.show_value(problem.standardise)
        self._make_room()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._make_room()

    def _make_room(self) -> None:
        """How the points are split stands below what learns from them where there is no room beside it."""
        learner = (self._target_row, self.model, self.network.first, self.more)
        taken = sum(wanted(part).width() + SPACE for part in learner if not part.isHidden())
        beside = taken + self.told.minimumWidth() + SPACE + self._parts.sizeHint().width() <= self.width()
        self._second.setDirection(QBoxLayout.Direction.LeftToRight if beside else QBoxLayout.Direction.TopToBottom)
        self._second.setSpacing(SPACE if beside else SPACE // 2)

    def _models(self, data: Dataset) -> list[str]:
        return [NETWORK, *(name for name, model in MODELS.items() if misfit_of_data(model, data) is None)]

    def _build(self, problem: DataSource, data: Dataset) -> None:
        for row in self.rows.values():
            self._parameters.removeWidget(row)
            discard(row)
        record = DATASETS.get(str(problem.dataset))
        self.rows = {param.name: param_row(offered(param), self._change) for param in record.parameters} if record else {}
        beside = len(self.rows) if len(self.rows) < 4 else 2
        for place, row in enumerate(self.rows.values()):
            self._parameters.addWidget(row, *divmod(place, beside))
        self._target_row.setVisible(problem.csv is not None)
        columns = columns_of(data)
        _fill(self.target, [(name, name) for name in sorted(columns)])
        self.target.setCurrentIndex(self.target.findData(data.target))

    def _complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))

    # What the user does

    def _unfold(self, on: bool) -> None:
        self.network.setVisible(on)

    def _change(self, name: str, value: float | bool, live: bool) -> None:
        self._send(SetDataParam(name, float(value), live))

    def _choose_target(self, which: int) -> None:
        if self._problem is not None and self._problem.csv is not None:
            self._send(OpenCsv(self._problem.file, self.target.itemData(which)))

    def _choose_model(self, which: int) -> None:
        self._send(SetModel(self.model.itemData(which)))

    def _choose_split(self, which: int) -> None:
        self._send(SetData("split", tuple(self.split.itemData(which))))

    def _set_standardise(self, name: str, on: float | bool, live: bool) -> None:
        self._send(SetData(name, bool(on), live))


def _percent(shares: tuple[float, ...]) -> str:
    return "/".join(f"{100 * share:.3g}" for share in shares) + " %"


def _fill(box: QuietComboBox, items: list[tuple[str, object]]) -> None:
    with QSignalBlocker(box):
        if [box.itemText(k) for k in range(box.count())] != [text for text, _ in items]:
            box.clear()
            for text, value in items:
                box.addItem(text, value)


def _row(*parts: QWidget, last: int = 0) -> QWidget:
    """``last`` is the share that the last of them takes of what is left."""
    held = QWidget()
    line = QHBoxLayout(held)
    line.setContentsMargins(0, 0, 0, 0)
    line.setSpacing(SPACE)
    for part in parts:
        line.addWidget(part)
    line.setStretch(len(parts) - 1, last)
    return held
