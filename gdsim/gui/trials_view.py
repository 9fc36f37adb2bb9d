"""Trials in the window: an optimizer is chosen and put to them, the mosaic shows what came of it, a click opens a run."""

from collections.abc import Callable, Iterator

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from gdsim.app.messages import Cancel, Message
from gdsim.app.state import AppState
from gdsim.app.trials import TRIALS_VIEW, BeginTrials, ChooseExtent, ChooseSubject, OpenTrial, in_words, subject
from gdsim.gui.catalogue_picker import CataloguePicker
from gdsim.gui.catalogue_popup import Entry
from gdsim.gui.controls import QuietComboBox, TextLines, named
from gdsim.gui.mosaic_cells import MosaicCells
from gdsim.gui.numbers import label_of, number
from gdsim.gui.optimizer_picker import optimizer_entries
from gdsim.gui.palette import LIGHT, Theme
from gdsim.gui.style import SPACE
from gdsim.gui.typeset import typeset
from gdsim.gui.verdict_legend import VerdictLegend
from gdsim.gui.view import View
from gdsim.harness.report import Report
from gdsim.harness.trial import Outcome, Verdict
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import Scenario

RUN = "run "
"""What the name of a run's entry in the list begins with; no optimizer's name has a blank."""
EXTENTS = (
    (True, "some trials", "A cross-section of all trials, in seconds"),
    (False, "all trials", "Every trial, up to a minute"),
)
INVITATION = "Choose an optimizer and begin: every cell will be a trial, and a click on it opens its run."
POINT = "Point at a trial to read what came of it."
OPENS = "A click opens the run."


class TrialsView(View):
    name = TRIALS_VIEW
    tip = "An optimizer put to trials: where it works, where it breaks, and the run in which it broke"

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._state: AppState | None = None
        self._entries: list[Entry] = []
        self.picker = CataloguePicker("optimizers", lambda: self._entries, self._pick, LIGHT)
        self.picker.setProperty("role", "choice")
        self.picker.setFixedWidth(24 * SPACE)
        self.extent: QComboBox = QuietComboBox()
        for place, (_, text, tip) in enumerate(EXTENTS):
            self.extent.addItem(text)
            self.extent.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        self.extent.activated.connect(self._choose_extent)
        self.button = QPushButton()
        self.button.setProperty("role", "plain")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self._begin)
        self.legend = VerdictLegend(self._go_to)
        self.cells = MosaicCells(self._open, INVITATION)
        self.cells.pointed.connect(self._point)
        self.sheet = QScrollArea()
        self.sheet.setWidgetResizable(True)
        self.sheet.setFrameShape(QFrame.Shape.NoFrame)
        self.sheet.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.sheet.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.sheet.setWidget(self.cells)
        self.words = TextLines(3)
        controls = QWidget()
        row = QHBoxLayout(controls)
        row.setContentsMargins(SPACE // 2, 0, 0, 0)
        row.setSpacing(SPACE // 2)
        for widget in (self.picker, self.extent, self.button):
            row.addWidget(widget)
        row.addStretch(1)
        self._stack((controls,), stacked(self.sheet, self.legend, self.words), gap=SPACE // 2)
        self.apply_theme(LIGHT)

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return True

    def apply_theme(self, theme: Theme) -> None:
        self.picker.apply_theme(theme)
        self.cells.apply_theme(theme)
        self.words.apply_theme(theme)
        self.sheet.setStyleSheet(f"QScrollArea, QScrollArea > QWidget > QWidget {{ background: {theme.plot}; }}")

    def render(self, state: AppState) -> None:  # type: ignore[override]
        before, self._state = self._state, state
        if before is None or (before.scenario, before.selected, before.trying.subject) != (
            state.scenario,
            state.selected,
            state.trying.subject,
        ):
            self._show_subject(state)
        trying = state.trying
        self.extent.setCurrentIndex([quick for quick, _, _ in EXTENTS].index(trying.quick))
        named(self.extent, "which trials", EXTENTS[self.extent.currentIndex()][2])
        running = trying.share is not None
        if self.button.text() != (text := "Cancel" if running else "Begin"):
            self.button.setText(text)
            named(self.button, f"{text.lower()} the trials", "Give the trials up" if running else "Put the optimizer to the trials")
        if before is None or before.trying.report is not trying.report or before.trying.share != trying.share:
            self.cells.show_report(trying.report)
            self.legend.show_report(trying.report)
            self._point(None)

    def _show_subject(self, state: AppState) -> None:
        name, values = subject(state)
        title = OPTIMIZERS[name].title
        told = ", ".join(
            f"{key.replace('_', ' ')} {number(value) if not isinstance(value, bool) else 'on' if value else 'off'}"
            for key, value in values.items()
        )
        self.picker.setText(self.picker.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, self.picker.width() - 34))
        chosen = state.trying.subject
        self.picker.current = chosen if isinstance(chosen, str) else f"{RUN}{state.selected if chosen is None else chosen}"
        named(self.picker, f"optimizer to be tried: {title}", f"{title}: {told}\nClick to choose another")
        entries = list(subject_entries(state))
        if entries != self._entries:
            self._entries = entries
            if "popup" in vars(self.picker):  # it was made of the entries that there were
                vars(self.picker).pop("popup").deleteLater()

    def _pick(self, name: str) -> None:
        self._send(ChooseSubject(int(name.removeprefix(RUN)) if name.startswith(RUN) else name))

    def _choose_extent(self, place: int) -> None:
        self._send(ChooseExtent(EXTENTS[place][0]))

    def _begin(self) -> None:
        running = self._state is not None and self._state.trying.share is not None
        self._send(Cancel() if running else BeginTrials())

    def _open(self, outcome: Outcome) -> None:
        self._send(OpenTrial(outcome.trial.id))

    def _point(self, outcome: Outcome | None) -> None:
        if outcome is not None:
            self.words.set_text(f"{in_words(outcome)}{opens(outcome)}")
        elif self._state is not None:
            self.words.set_text(summary(self._state.trying.report, self._state.trying.share))

    def _go_to(self, verdict: Verdict) -> None:
        place = self.cells.go_to(verdict)
        self.sheet.ensureVisible(place.x(), place.y(), 0, 6 * SPACE)


def stacked(first: QWidget, *below: QWidget) -> QWidget:
    held = QWidget()
    column = QVBoxLayout(held)
    column.setContentsMargins(SPACE // 2, 0, SPACE // 2, 0)
    column.setSpacing(SPACE // 2)
    column.addWidget(first, 1)
    for widget in below:
        column.addWidget(widget)
    return held


def opens(outcome: Outcome) -> str:
    return f" {OPENS}" if outcome.scenario is not None else ""


def subject_entries(state: AppState) -> Iterator[Entry]:
    """The runs of the scenario, then the catalogue with its defaults."""
    for index, run in enumerate(state.scenario.runs):
        formula = typeset(run.rule.formula)
        yield Entry(
            f"{RUN}{index}", label_of(state, index), "this scenario's runs", formula, f"{run.rule.title} with the values of this run"
        )
    yield from optimizer_entries()


def summary(report: Report | None, share: float | None) -> str:
    """The report in a line, and what to do with it."""
    if report is None:
        return "Trials are under way." if share is not None else ""
    failed, count = len(report.failures), len(report.outcomes)
    told = f"{OPTIMIZERS[report.target].title}: {f'{failed:,}' if failed else 'none'} of {count:,} trials failed"
    return f"{told} so far." if share is not None else f"{told}. {POINT} {OPENS}"
