"""The line over a loss that is made of data: whether the gradients of single points are drawn, and what they tell."""

from collections.abc import Callable

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QCheckBox, QHBoxLayout, QWidget

from gdsim.app.messages import Message, ShowCloud
from gdsim.gui.controls import Elided, named
from gdsim.gui.style import SPACE

TIP = (
    "Draw where the gradient of every single point pulls the selected run at the playhead, where the batch of this step does, and where "
    "all points together do; the ellipse is one standard deviation of such batches  (G)"
)


class CloudBar(QWidget):
    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self.box = QCheckBox("Gradient cloud")
        self.box.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.box, "gradient cloud", TIP)
        self.box.clicked.connect(self._clicked)
        self.caption = Elided()
        row = QHBoxLayout(self)
        row.setContentsMargins(SPACE // 2, 0, SPACE, 0)
        row.addWidget(self.box)
        row.addWidget(self.caption, 1)
        self.hide()

    def show_cloud(self, *, shown: bool, text: str) -> None:
        if shown != self.box.isChecked():
            with QSignalBlocker(self.box):
                self.box.setChecked(shown)
        self.caption.set_text(text)

    def _clicked(self) -> None:
        self._send(ShowCloud(self.box.isChecked()))
