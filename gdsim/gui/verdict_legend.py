"""How many trials ended how, beside the sign that their cells have; a click goes to the next of them."""

from collections import Counter
from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QPushButton

from gdsim.gui.controls import named
from gdsim.gui.flow import Flow
from gdsim.gui.mosaic_cells import stamp
from gdsim.harness.report import Report
from gdsim.harness.trial import Verdict
from gdsim.harness.verdict_look import LOOKS

SIGN = 14


class VerdictLegend(Flow):
    """``chosen(verdict)`` is called with the one that is clicked. Verdicts that no trial has are not shown."""

    def __init__(self, chosen: Callable[[Verdict], None]) -> None:
        super().__init__(0)
        self._chosen = chosen
        self.counts = {verdict: self._count(verdict) for verdict in Verdict}

    def show_report(self, report: Report | None) -> None:
        found = Counter(outcome.verdict for outcome in report.outcomes) if report is not None else Counter[Verdict]()
        for verdict, button in self.counts.items():
            button.setText(f"{found[verdict]:,} {verdict}")
            named(button, button.text(), f"{verdict}: {LOOKS[verdict].meaning}\nClick to go to the next one")
            button.setVisible(found[verdict] > 0)
        self.hold([button for verdict, button in self.counts.items() if found[verdict]])

    def _count(self, verdict: Verdict) -> QPushButton:
        button = QPushButton(self)
        button.setProperty("role", "preset")
        button.setIcon(QIcon(stamp(verdict, SIGN, self.devicePixelRatioF())))
        button.setIconSize(QSize(SIGN, SIGN))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self._chosen(verdict))
        button.hide()
        return button
