"""A prototype as controls: the pieces of its curves, the norm that combines two of them, and the scale."""

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from gdsim.app.edit_prototype import Curves, choices, curves_of
from gdsim.app.messages import Message
from gdsim.gui.controls import QuietComboBox, TickBox, discard, label, named
from gdsim.gui.flow import Flow
from gdsim.gui.style import CONTROL, SPACE
from gdsim.landscapes.prototypes.described import DESCRIPTIONS
from gdsim.landscapes.prototypes.record import SCALES
from gdsim.landscapes.prototypes.text import MOST_PIECES
from gdsim.simulation.scenario import Scenario

CAPTIONS = 7 * SPACE
REMOVE = "take away"
ROOM_FOR_FRAME = 5 * SPACE
ADD = "+ piece"
COMBINED = {
    "": ("One weight", "The curve alone, a landscape of one weight"),
    "l1": ("Sum", "Two weights: |F(x)| + |G(y)|"),
    "l2": ("Root of squares", "Two weights: the root of F(x)² + G(y)²"),
    "max": ("Larger", "Two weights: the larger of |F(x)| and |G(y)|"),
}


def shown(piece: str) -> str:
    name, _, way = piece.partition(":")
    return name.replace("_", " ") + (f", {way}" if way else "")


class PieceBox(QuietComboBox):
    """One piece of a curve, or (without one) the way to add another."""

    def __init__(self, piece: str | None, name: str, choose: Callable[[str], None]):
        super().__init__()
        self._choose = choose
        self.setMaxVisibleItems(24)
        if piece is None:
            self.addItem(ADD, "")
        for choice in choices():
            self.addItem(shown(choice), choice)
            self.setItemData(self.count() - 1, DESCRIPTIONS[choice.partition(":")[0]], Qt.ItemDataRole.ToolTipRole)
        if piece is not None:
            self.addItem(REMOVE, REMOVE)
            self.setCurrentIndex(self.findData(piece))
        tip = "Choose one more piece" if piece is None else f"{shown(piece)}: {DESCRIPTIONS[piece.partition(':')[0]]}"
        named(self, name if piece is None else f"{name}: {shown(piece)}", tip)
        self.view().setMinimumWidth(22 * SPACE)
        self.activated.connect(self._picked)
        self._at = self.currentIndex()
        self.setFixedWidth(self.fontMetrics().horizontalAdvance(self.currentText()) + ROOM_FOR_FRAME)

    def _picked(self, index: int) -> None:
        chosen = self.itemData(index)
        self.setCurrentIndex(self._at)  # until the application says that it is so
        if index != self._at and chosen:
            self._choose(chosen)


class PrototypeEditor(QWidget):
    """Shows the prototype of a scenario, and sends the one that the user wants."""

    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._curves: Curves | None = None
        self.pieces: tuple[list[PieceBox], list[PieceBox]] = ([], [])
        self.combine, self.scale = QuietComboBox(), QuietComboBox()
        for name, (text, tip) in COMBINED.items():
            self.combine.addItem(text, name)
            self.combine.setItemData(self.combine.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        for name, scale in SCALES.items():
            self.scale.addItem(name.capitalize(), name)
            tip = f"height {scale.height:g}, slope {scale.slope:g}, {'falling' if scale.sign < 0 else 'rising'}"
            self.scale.setItemData(self.scale.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.combine.activated.connect(self._combine)
        self.scale.activated.connect(self._scale)
        named(self.scale, "scale", "How high and how steep curves begin")
        self.own = TickBox("own curve along w₂")
        named(self.own, "own curve along w2", "A curve of its own along the second weight, or the same along both")
        self.own.toggled.connect(self._own)
        head = QHBoxLayout()
        head.setSpacing(SPACE)
        for text, box in (("weights", self.combine), ("scale", self.scale)):
            title = label(text, "caption")
            if text == "weights":
                title.setFixedWidth(CAPTIONS)
            head.addWidget(title)
            head.addWidget(box)
        head.addWidget(self.own)
        head.addStretch(1)
        self._flows: list[Flow] = []
        self._titles: list[QLabel] = []
        self.rows: list[QWidget] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(SPACE - 2)
        for _ in range(2):
            row = QWidget()
            line = QHBoxLayout(row)
            line.setContentsMargins(0, 0, 0, 0)
            line.setSpacing(SPACE)
            title = label("", "caption")
            title.setFixedSize(CAPTIONS, CONTROL)  # in line with the boxes
            flow = Flow(SPACE // 2)
            line.addWidget(title, 0, Qt.AlignmentFlag.AlignTop)
            line.addWidget(flow, 1)
            self._flows.append(flow)
            self._titles.append(title)
            self.rows.append(row)
            column.addWidget(row)
        column.addLayout(head)

    def show_scenario(self, scenario: Scenario) -> None:
        curves = curves_of(scenario)
        if curves is None or curves == self._curves:
            return
        self._curves = curves
        self.combine.setCurrentIndex(self.combine.findData(curves.combine or ""))
        named(self.combine, "weights", COMBINED[curves.combine or ""][1])
        self.scale.setCurrentIndex(self.scale.findData(curves.scale))
        self.own.setVisible(curves.combine is not None)
        self.own.blockSignals(True)
        self.own.setChecked(curves.second is not None)
        self.own.blockSignals(False)
        self.rows[1].setVisible(curves.second is not None)
        for curve in range(2):
            self._build(curve, curves)

    def _build(self, curve: int, curves: Curves) -> None:
        boxes = self.pieces[curve]
        for box in boxes:
            discard(box)
        boxes.clear()
        pieces = curves.along(curve) if curve == 0 or curves.second is not None else ()
        axis = "" if curves.combine is None else "₁₂"[curve] if curves.second is not None else "₁, w₂"
        self._titles[curve].setText(f"w{axis}")
        for index, piece in enumerate(pieces):
            name = f"piece {index + 1} along w{axis}"
            boxes.append(PieceBox(piece, name, partial(self._choose, curve, index)))
        if pieces and len(pieces) < MOST_PIECES:
            boxes.append(PieceBox(None, f"add a piece along w{axis}", partial(self._choose, curve, len(pieces))))
        self._flows[curve].hold(boxes)

    def _choose(self, curve: int, index: int, chosen: str) -> None:
        assert self._curves is not None
        after = self._curves.without_piece(curve, index) if chosen == REMOVE else self._curves.with_piece(curve, index, chosen)
        self._send(after.message)

    def _combine(self, index: int) -> None:
        assert self._curves is not None
        self._send_changed(combine=self.combine.itemData(index) or None)

    def _scale(self, index: int) -> None:
        self._send_changed(scale=self.scale.itemData(index))

    def _own(self, on: bool) -> None:
        assert self._curves is not None
        self._send(self._curves.with_second(on).message)

    def _send_changed(self, **changes: str | None) -> None:
        assert self._curves is not None
        self._send(replace(self._curves, **changes).message)  # type: ignore[arg-type]
