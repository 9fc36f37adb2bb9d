"""The line over the data: how many points there are, and the way to points of one's own."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QPushButton, QToolButton, QWidget

from gdsim.app.changes import EditPoints
from gdsim.app.edit_points import cannot_be_edited, class_named
from gdsim.app.messages import Message
from gdsim.gui.controls import Elided, discard, named
from gdsim.gui.data_points import PARTS, draw_point
from gdsim.gui.data_scene import Scene
from gdsim.gui.palette import Theme, class_style
from gdsim.gui.style import SPACE
from gdsim.simulation.data_source import DataSource

MOST_BRUSHES = 6
MARKS = ("●", "○", "•")
"""How the points of each part are painted: filled, hollow, small."""


class DataBar(QWidget):
    """``brush`` is the class of points that a click adds."""

    def __init__(self, send: Callable[[Message], None], theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._theme = theme
        self._shown: object = None
        self.brush: int | str | None = None
        self.editable = False
        self.caption = Elided()
        self.edit = QPushButton("Edit points")
        self.edit.setProperty("role", "preset")
        self.edit.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.edit, "edit points", "Make these points your own: then a click adds one, and a right click removes one")
        self.edit.clicked.connect(self._edit)
        self.brushes: dict[QToolButton, int | str] = {}
        self._group = QButtonGroup(self)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(SPACE // 2, 0, SPACE, 0)
        self._row.setSpacing(SPACE // 2)
        self._row.addWidget(self.caption, 1)
        self._row.addWidget(self.edit)
        self._group.buttonClicked.connect(self._choose)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        for number, button in enumerate(self.brushes):
            button.setIcon(self._icon(number))

    def show_data(self, problem: DataSource, scene: Scene) -> None:
        if scene is self._shown:
            return
        self._shown = scene
        data = problem.loaded
        self.editable = problem.points is not None
        reason = cannot_be_edited(data)
        self.edit.setVisible(not self.editable and reason is None)
        counts = [(int((scene.parts == part).sum()), f"{name} {MARKS[part]}") for part, name in enumerate(PARTS)]
        told = ", ".join(f"{count:,} {name}" for count, name in counts if count)
        hint = "   Click to add, drag to move, right click to remove a point." if self.editable else ""
        read = "".join(f" {note.capitalize()}." for note in data.notes)
        self.caption.set_text(f"{data.name}: {told}.{read}{hint}")
        self._show_brushes(data.classes if self.editable else (), [class_named(data, k) for k in range(len(data.classes))])

    def _show_brushes(self, classes: tuple[str, ...], values: list[int | str]) -> None:
        for button in self.brushes:
            self._group.removeButton(button)
            self._row.removeWidget(button)
            discard(button)
        self.brushes = {}
        for number, name in enumerate(classes[:MOST_BRUSHES]):
            button = QToolButton()
            button.setProperty("role", "small")
            button.setCheckable(True)
            button.setIconSize(QSize(16, 16))
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            named(button, f"add points of class {name}", f"A click adds a point of class {name}")
            self._group.addButton(button)
            self._row.addWidget(button)
            self.brushes[button] = values[number]
            button.setIcon(self._icon(number))
        if self.brush not in self.brushes.values():
            self.brush = next(iter(self.brushes.values()), None)
        for button, value in self.brushes.items():
            button.setChecked(value == self.brush)

    def _icon(self, number: int) -> QIcon:
        style = class_style(number)
        picture = QPixmap(32, 32)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.scale(2.6, 2.6)
        painter.translate(6.15, 6.15)
        draw_point(painter, QPointF(0, 0), (style.colour, style.marker), 0, self._theme)
        painter.end()
        return QIcon(picture)

    def _choose(self, button: QToolButton) -> None:
        self.brush = self.brushes[button]

    def _edit(self) -> None:
        self._send(EditPoints())
