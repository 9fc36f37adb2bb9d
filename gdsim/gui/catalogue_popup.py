"""A searchable list of a catalogue's entries, grouped by family, each with its formula and perhaps a small picture."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, QSortFilterProxyModel, Qt
from PySide6.QtGui import QColor, QCursor, QFont, QImage, QKeyEvent, QPainter, QPainterPath, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from gdsim.gui.controls import named
from gdsim.gui.palette import Theme
from gdsim.gui.style import BODY, CAPTION, SPACE, blend

NAME = Qt.ItemDataRole.UserRole
FORMULA = Qt.ItemDataRole.UserRole + 1
SOUGHT = Qt.ItemDataRole.UserRole + 2
"""What the search looks at; a heading's is that of all its entries."""
ROW, HEAD = 44, 30
THUMBNAIL = QSize(48, 34)

Thumbnail = Callable[[str], QImage | None]
"""The picture of the entry of this name, None if it has none or none yet."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the list. An entry without a family stands by itself."""

    name: str
    title: str
    family: str
    formula: str
    tip: str

    @property
    def sought(self) -> str:
        return f"{self.title} {self.name} {self.family}"


def entry_items(entries: Iterable[Entry]) -> QStandardItemModel:
    """Every entry under its family's heading, families in the order of their first entries. A heading cannot be chosen."""
    model = QStandardItemModel()
    families: dict[str, list[Entry]] = {}
    for entry in entries:
        families.setdefault(entry.family, []).append(entry)
    for family, members in families.items():
        if family:
            heading = QStandardItem(family[:1].upper() + family[1:])
            heading.setFlags(Qt.ItemFlag.NoItemFlags)
            heading.setData(" ".join(entry.sought for entry in members), SOUGHT)
            model.appendRow(heading)
        for entry in members:
            item = QStandardItem(entry.title)
            item.setData(entry.name, NAME)
            item.setData(entry.formula, FORMULA)
            item.setData(entry.sought, SOUGHT)
            item.setToolTip(entry.tip)
            item.setAccessibleText(entry.title)
            model.appendRow(item)
    return model


class TwoLines(QStyledItemDelegate):
    """Paints a title with its formula below, the picture beside them, and headings as small coloured text."""

    def __init__(self, theme: Theme, thumbnail: Thumbnail | None, parent: QObject | None = None):
        super().__init__(parent)
        self.theme = theme
        self._thumbnail = thumbnail

    def sizeHint(self, _option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(200, ROW if index.data(NAME) else HEAD)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area: QRect = option.rect
        inside = area.adjusted(12, 0, -12, 0)
        font = QFont(option.font)
        name = index.data(NAME)
        if name:
            if option.state & QStyle.StateFlag.State_Selected:
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(QColor(blend(self.theme.accent, self.theme.raised, 0.16)))
                painter.drawRoundedRect(area.adjusted(4, 1, -4, -1), 6, 6)
            if self._thumbnail is not None:
                self._picture(painter, QRect(inside.left(), inside.center().y() - THUMBNAIL.height() // 2, *THUMBNAIL.toTuple()), name)
                inside.adjust(THUMBNAIL.width() + 10, 0, 0, 0)
            font.setPixelSize(BODY)
            self._line(painter, font, self.theme.text, inside.adjusted(0, 5, 0, -21), str(index.data()))
            font.setPixelSize(CAPTION - 1)
            self._line(painter, font, self.theme.muted, inside.adjusted(0, 22, 0, -4), str(index.data(FORMULA)))
        else:
            font.setPixelSize(CAPTION)
            font.setWeight(QFont.Weight.DemiBold)
            self._line(painter, font, self.theme.accent, inside.adjusted(0, 8, 0, 0), str(index.data()))
        painter.restore()

    def _picture(self, painter: QPainter, area: QRect, name: str) -> None:
        assert self._thumbnail is not None
        shape = QPainterPath()
        shape.addRoundedRect(area, 4, 4)
        picture = self._thumbnail(name)
        painter.save()
        painter.setClipPath(shape)
        if picture is not None:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            shown = QRect(QPoint(0, 0), picture.size().scaled(area.size(), Qt.AspectRatioMode.KeepAspectRatioByExpanding))
            shown.moveCenter(area.center())
            painter.drawImage(shown, picture)
        else:
            painter.fillRect(area, QColor(blend(self.theme.muted, self.theme.raised, 0.12)))
        painter.restore()

    @staticmethod
    def _line(painter: QPainter, font: QFont, colour: str, area: QRect, text: str) -> None:
        painter.setFont(font)
        painter.setPen(QColor(colour))
        shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


class CataloguePopup(QFrame):
    """A search field over the list. Arrow keys move in the list while typing goes on; Enter picks; Escape closes.

    ``kind`` says what is listed, in the plural; ``pick(name)`` is called with what the user chose.
    """

    def __init__(
        self,
        kind: str,
        entries: Iterable[Entry],
        pick: Callable[[str], None],
        theme: Theme,
        parent: QWidget,
        thumbnail: Thumbnail | None = None,
    ):
        super().__init__(parent, Qt.WindowType.Popup)
        self._pick = pick
        self._mouse = QCursor.pos()
        self.setObjectName("popup")
        self.search = QLineEdit()
        self.search.setPlaceholderText(f"Search {kind}")
        self.search.setClearButtonEnabled(True)
        named(self.search, f"search {kind}", "Type a part of a name or a family")
        self.search.installEventFilter(self)
        self.model = QSortFilterProxyModel(self)
        items = entry_items(entries)
        items.setParent(self)
        self.model.setSourceModel(items)
        self.model.setFilterRole(SOUGHT)
        self.model.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.list = QListView()
        self.list.setModel(self.model)
        self.delegate = TwoLines(theme, thumbnail, self)
        self.list.setItemDelegate(self.delegate)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.entered.connect(self._point)
        self.list.clicked.connect(self._choose)
        named(self.list, kind)
        self.search.textChanged.connect(self._filter)
        self.search.returnPressed.connect(self._choose_current)
        column = QVBoxLayout(self)
        column.setContentsMargins(SPACE, SPACE, SPACE, SPACE)
        column.setSpacing(SPACE)
        column.addWidget(self.search)
        column.addWidget(self.list)

    def open_below(self, button: QWidget, current: str, width: int = 400) -> None:
        """Opens under ``button``, or above it where there is more room, inside the screen and not beyond the window's right edge."""
        self._mouse = QCursor.pos()
        self.search.clear()
        self._select(current)
        screen = button.screen().availableGeometry()
        corner = button.mapToGlobal(QPoint(0, 0))
        below, above = screen.bottom() - corner.y() - button.height() - 4 - SPACE, corner.y() - screen.top() - 4 - SPACE
        height = max(200, min(520, max(below, above)))
        top = corner.y() + button.height() + 4 if below >= min(height, above) else corner.y() - 4 - height
        edge = min(screen.right(), button.window().geometry().right() - SPACE)
        self.setGeometry(max(screen.left(), min(corner.x(), edge - width)), top, width, height)
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
