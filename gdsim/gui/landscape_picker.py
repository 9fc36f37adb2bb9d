"""The landscape picker: a button that opens a searchable list of all landscapes, grouped by family, each with its formula."""

from collections.abc import Callable, Hashable

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QCursor, QFont, QKeyEvent, QPainter, QPaintEvent, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gdsim.app.messages import Message, SetLandscape
from gdsim.app.state import AppState
from gdsim.gui.controls import draw_chevron, named
from gdsim.gui.icons import icon
from gdsim.gui.palette import Theme
from gdsim.gui.style import BODY, CAPTION, SPACE, blend
from gdsim.gui.typeset import typeset
from gdsim.landscapes import LANDSCAPES

NAME = Qt.ItemDataRole.UserRole
FORMULA = Qt.ItemDataRole.UserRole + 1
SOUGHT = Qt.ItemDataRole.UserRole + 2
"""What the search looks at; empty for a family's heading."""
ROW, HEAD = 44, 30


def landscape_items() -> QStandardItemModel:
    """Every landscape under its family's heading. A heading cannot be chosen."""
    model = QStandardItemModel()
    family = None
    for record in LANDSCAPES.values():
        if record.family != family:
            family = record.family
            heading = QStandardItem(family.capitalize())
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setData(" ".join(r.title + r.name for r in LANDSCAPES.values() if r.family == family) + family, SOUGHT)
            model.appendRow(heading)
        item = QStandardItem(record.title)
        item.setData(record.name, NAME)
        item.setData(typeset(record.formula), FORMULA)
        item.setData(f"{record.title} {record.name} {record.family}", SOUGHT)
        item.setToolTip(f"{record.title}\nJ = {typeset(record.formula)}" + (f"\n{record.source}" if record.source else ""))
        model.appendRow(item)
    return model


class TwoLines(QStyledItemDelegate):
    """Paints a title with its formula below, and headings as small muted text."""

    def __init__(self, theme: Theme, parent: QObject | None = None):
        super().__init__(parent)
        self.theme = theme

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW if index.data(NAME) else HEAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        painter.save()
        area: QRect = option.rect
        inside = area.adjusted(12, 0, -12, 0)
        font = QFont(option.font)
        if index.data(NAME):
            if option.state & QStyle.StateFlag.State_Selected:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing)
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(blend(self.theme.accent, self.theme.raised, 0.16)))
                painter.drawRoundedRect(area.adjusted(4, 1, -4, -1), 6, 6)
            font.setPixelSize(BODY)
            self._line(painter, font, self.theme.text, inside.adjusted(0, 5, 0, -21), str(index.data()))
            font.setPixelSize(CAPTION - 1)
            self._line(painter, font, self.theme.muted, inside.adjusted(0, 22, 0, -4), str(index.data(FORMULA)))
        else:
            font.setPixelSize(CAPTION)
            font.setWeight(QFont.Weight.DemiBold)
            self._line(painter, font, self.theme.accent, inside.adjusted(0, 8, 0, 0), str(index.data()))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, font: QFont, colour: str, area: QRect, text: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class LandscapePopup(QFrame):
    """A search field over the list. Arrow keys move in the list while typing goes on; Enter picks; Escape closes."""

    def __init__(self, pick: Callable[[str], None], theme: Theme, parent: QWidget):
        super().__init__(parent, Qt.WindowType.Popup)
        self._pick = pick
        self._mouse = QCursor.pos()
        self.setObjectName("popup")
        self.search = QLineEdit()
        self.search.setPlaceholderText("Search landscapes")
        self.search.setClearButtonEnabled(True)
        named(self.search, "search landscapes", "Type a part of a landscape's name or family")
        self.search.installEventFilter(self)
        self.model = QSortFilterProxyModel(self)
        self.model.setSourceModel(landscape_items())
        self.model.setFilterRole(SOUGHT)
        self.model.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self.model)
        self.delegate = TwoLines(theme, self)
        self.list.setItemDelegate(self.delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self._point)
        self.list.clicked.connect(self._choose)
        named(self.list, "landscapes")
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._choose_current)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.search)
        column.addWidget(self.list)

    def open_below(self, button: QWidget, current: str) -> None:
        self._mouse = QCursor.pos()
        self.search.clear()
        self._select(current)
        available = button.screen().availableGeometry()
        corner = button.mapToGlobal(QPoint(0, button.height() + 4))
        self.setGeometry(corner.x(), corner.y(), 400, min(520, max(200, available.bottom() - corner.y() - SPACE)))
        self.show()
        self.search.setFocus()

    def _select(self, name: str) -> None:
        for row in range(self.model.rowCount()):
            index = self.model.index(row, 0)
            if index.data(NAME) == name:
                self.list.setCurrentIndex(index)
                self.list.scrollTo(index, QListView.ScrollHint.PositionAtCenter)
                return

    def _filter(self, text: str) -> None:
        self.model.setFilterFixedString(text.strip())
        if not self.list.currentIndex().data(NAME):
            self._move(1, from_row=-1)

    def _move(self, by: int, from_row: int | None = None) -> None:
        row = self.list.currentIndex().row() if from_row is None else from_row
        while 0 <= (row := row + by) < self.model.rowCount():
            index = self.model.index(row, 0)
            if index.data(NAME):
                self.list.setCurrentIndex(index)
                return

    def _point(self, index: QModelIndex) -> None:
        """The row under the mouse is the current one, once the mouse has moved: it may just lie where the list opened."""
        if index.data(NAME) and QCursor.pos() != self._mouse:
            self.list.setCurrentIndex(index)

    def _choose(self, index: QModelIndex) -> None:
        name = index.data(NAME)
        if name:
            self.hide()
            self._pick(name)

    def _choose_current(self) -> None:
        self._choose(self.list.currentIndex())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()))
            if step:
                self._move(step)
                return True
        return super().eventFilter(watched, event)


class LandscapePicker(QToolButton):
    """Shows the landscape's name; opens the list."""

    def __init__(self, send: Callable[[Message], None], theme: Theme, parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._shown: Hashable = ""
        self.setProperty("role", "field")
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setFixedWidth(29 * SPACE)
        self.popup = LandscapePopup(self._picked, theme, self)
        self.clicked.connect(self.open)
        self.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        ground = state.scenario.problem.ground
        if ground != self._shown:
            self._shown = ground
            record = state.scenario.landscape
            self.setText(record.title)
            named(
                self, f"landscape: {record.title}", f"{record.title}: J = {typeset(record.formula)}\nClick to choose another landscape  (L)"
            )

    def paintEvent(self, event: QPaintEvent) -> None:
        super().paintEvent(event)
        draw_chevron(self)

    def apply_theme(self, theme: Theme) -> None:
        self.setIcon(icon("image-filter-hdr", theme, theme.accent))
        self.popup.delegate.theme = theme

    def open(self) -> None:
        self.popup.open_below(self, self._shown if isinstance(self._shown, str) else "")

    def _picked(self, name: str) -> None:
        if name != self._shown:
            self._send(SetLandscape(name))
