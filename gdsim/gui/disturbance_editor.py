"""What a run meets besides its landscape, as controls: motion of the landscape, and noise on the gradient, several in turn."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from gdsim.app.changes import SetMotion, SetNoise
from gdsim.app.edit_disturbance import another, possible, table_of
from gdsim.app.messages import Message
from gdsim.gui.controls import QuietComboBox, discard, label, named
from gdsim.gui.icons import icon
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.param_row import NumberRow, SwitchRow, param_row
from gdsim.gui.style import CONTROL, SPACE
from gdsim.landscapes.motion import MOTIONS, Motion
from gdsim.landscapes.noise import Noise
from gdsim.simulation.disturbed import MotionTable, NoiseTable
from gdsim.simulation.problem import Problem

CAPTIONS, KINDS = 7 * SPACE, 21 * SPACE
COLUMNS = 2
"""Parameters beside each other; more go to the next line."""
STANDS = "Stands still"


class DisturbanceRow(QWidget):
    """One noise or motion: its kind, its parameters, and (with ``remove``) the way to take it away.

    ``choose(kind)`` and ``change(name, value, live)`` are called with what the user wants; an empty kind is none.
    """

    def __init__(
        self,
        caption: str,
        kinds: list[Noise] | list[Motion],
        none: str,
        choose: Callable[[str], None],
        change: Callable[[str, float | bool, bool], None],
        remove: Callable[..., None] | None,
    ):
        super().__init__()
        self._choose, self._change = choose, change
        self._kind: str | None = None
        self._records: dict[str, Noise | Motion] = {record.name: record for record in kinds}
        self._caption = caption
        self.rows: dict[str, NumberRow | SwitchRow] = {}
        self.box = QuietComboBox()
        self.box.setFixedWidth(KINDS)
        if none:
            self.box.addItem(none, "")
        for record in kinds:
            self.box.addItem(record.title, record.name)
            self.box.setItemData(self.box.count() - 1, explained(record), Qt.ItemDataRole.ToolTipRole)
        self.box.activated.connect(self._chosen)
        title = label(caption, "caption")
        title.setFixedSize(CAPTIONS, CONTROL)  # in line with the box
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(2 * SPACE)
        self._grid.setVerticalSpacing(SPACE // 2)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(SPACE)
        for part in (title, self.box):
            line.addWidget(part, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(self._grid, 1)
        self.remove = QToolButton()
        self.remove.setProperty("role", "small")
        self.remove.setIconSize(QSize(16, 16))
        self.remove.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.remove, f"remove {caption}", f"Take this {caption} away")
        if remove is not None:
            self.remove.clicked.connect(remove)
        else:
            self.remove.setEnabled(False)
            policy = self.remove.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            self.remove.setSizePolicy(policy)
            self.remove.hide()
        line.addWidget(self.remove, 0, Qt.AlignmentFlag.AlignTop)

    def apply_theme(self, theme: Theme) -> None:
        self.remove.setIcon(icon("close", theme, theme.muted))

    def show_table(self, table: NoiseTable | MotionTable | None) -> None:
        kind = table.kind if table is not None else ""
        if kind != self._kind:
            self._kind = kind
            self.box.setCurrentIndex(self.box.findData(kind))
            self._build(self._records.get(kind))
        for name, row in self.rows.items():
            row.show_value(getattr(table, name))

    def _build(self, record: Noise | Motion | None) -> None:
        for row in self.rows.values():
            discard(row)
        tip = explained(record) if record else "Choose what changes from step to step"
        named(self.box, f"{self._caption}: {record.title if record else STANDS}", tip)
        parameters = record.parameters if record else ()
        self.rows = {param.name: param_row(param, self._change) for param in parameters}
        for place, row in enumerate(self.rows.values()):
            self._grid.addWidget(row, *divmod(place, COLUMNS))
        for column in range(COLUMNS):
            self._grid.setColumnStretch(column, 1)

    def _chosen(self, index: int) -> None:
        kind = self.box.itemData(index)
        if kind != self._kind:
            self._choose(kind)


def explained(record: Noise | Motion) -> str:
    return f"{record.title}: {record.doc}" + (f"\n{record.source}" if record.source else "")


class DisturbanceEditor(QWidget):
    """Shows the noise and the motion of a problem."""

    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._theme = LIGHT
        self._problem: Problem | None = None
        self._dim = 0
        self.motion = DisturbanceRow("motion", list(MOTIONS.values()), STANDS, self._choose_motion, self._change_motion, None)
        self.noises: list[DisturbanceRow] = []
        self.add = QPushButton("Add noise")
        self.add.setProperty("role", "plain")
        self.add.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.add.clicked.connect(self._add)
        named(self.add, "add noise", "Add noise to the gradient that optimizers see; what is recorded stays the true one")
        foot = QHBoxLayout()
        foot.addSpacing(CAPTIONS + SPACE)
        foot.addWidget(self.add)
        foot.addStretch(1)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACE - 2)
        self._column.addWidget(self.motion)
        self._column.addLayout(foot)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for row in (self.motion, *self.noises):
            row.apply_theme(theme)

    def show_problem(self, problem: Problem) -> None:
        if problem is self._problem:
            return
        self._problem = problem
        if problem.dim != self._dim:
            self._dim = problem.dim
            self._fit(0)
        self._fit(len(problem.noise))
        self.motion.show_table(problem.motion)
        for row, table in zip(self.noises, problem.noise, strict=True):
            row.show_table(table)
        self.add.setEnabled(another(problem) is not None)

    def _fit(self, count: int) -> None:
        """So many rows of noise."""
        while len(self.noises) > count:
            row = self.noises.pop()
            self._column.removeWidget(row)
            discard(row)
        while len(self.noises) < count:
            assert self._problem is not None
            index = len(self.noises)
            row = DisturbanceRow(
                "noise",
                possible(self._problem),
                "",
                partial(self._choose, index),
                partial(self._change, index),
                partial(self._remove, index),
            )
            row.apply_theme(self._theme)
            self.noises.append(row)
            self._column.insertWidget(self._column.count() - 1, row)

    def _tables(self) -> list[Mapping[str, Any]]:
        assert self._problem is not None
        return [table_of(noise) for noise in self._problem.noise]

    def _set(self, index: int, table: Mapping[str, Any] | None, live: bool = False) -> None:
        tables = self._tables()
        tables[index : index + 1] = [] if table is None else [table]
        self._send(SetNoise(tuple(tables), live))

    def _choose(self, index: int, kind: str) -> None:
        self._set(index, {"kind": kind})

    def _remove(self, index: int, _checked: bool = False) -> None:
        self._set(index, None)

    def _change(self, index: int, name: str, value: float | bool, live: bool) -> None:
        self._set(index, {**self._tables()[index], name: value}, live)

    def _add(self) -> None:
        assert self._problem is not None
        if (table := another(self._problem)) is not None:
            self._send(SetNoise((*self._tables(), table)))

    def _choose_motion(self, kind: str) -> None:
        self._send(SetMotion({"kind": kind} if kind else None))

    def _change_motion(self, name: str, value: float | bool, live: bool) -> None:
        assert self._problem is not None
        assert self._problem.motion is not None
        self._send(SetMotion({**table_of(self._problem.motion), name: value}, live))
