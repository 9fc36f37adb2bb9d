"""The line over a landscape: whether its basins are shown, and over a loss made of data the gradients of single points."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QHBoxLayout, QWidget

from gdsim.app.mapping import ShowBasins
from gdsim.app.messages import Message, ShowCloud
from gdsim.gui.controls import Elided, TickBox, named
from gdsim.gui.style import SPACE

TIP = (
    "Draw where the gradient of every single point pulls the selected run at the playhead, where the batch of this step does, and where "
    "all points together do; the ellipse is one standard deviation of such batches  (G)"
)


BASINS = (
    "Colour the ground by what becomes of the selected run from every start: which minimum it reaches, darker where it takes longer  (B)"
)


class CloudBar(QWidget):
    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self.box = TickBox("Gradient cloud")
        named(self.box, "gradient cloud", TIP)
        self.box.clicked.connect(self._clicked)
        self.basins = TickBox("Basins")
        named(self.basins, "basins", BASINS)
        self.basins.clicked.connect(self._clicked_basins)
        self.caption = Elided()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE, SPACE // 2, SPACE, 0)
        row.setSpacing(2 * SPACE)
        row.addWidget(self.basins)
        row.addWidget(self.box)
        row.addWidget(self.caption, 1)

    def show_basins(self, shown: bool) -> None:
        if shown != self.basins.isChecked():
            with QSignalBlocker(self.basins):
                self.basins.setChecked(shown)

    def show_cloud(self, *, possible: bool, shown: bool, text: str) -> None:
        self.box.setVisible(possible)
        if shown != self.box.isChecked():
            with QSignalBlocker(self.box):
                self.box.setChecked(shown)
        self.caption.set_text(text)

    def _clicked_basins(self) -> None:
        self._send(ShowBasins(self.basins.isChecked()))

    def _clicked(self) -> None:
        self._send(ShowCloud(self.box.isChecked()))
