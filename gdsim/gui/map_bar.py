"""The lines over a map: which two numbers it is over, between which values, and what its colours tell."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from gdsim.app.map_choices import Preset, Side, numbers_of, presets, side_of, spoken
from gdsim.app.mapping import ChooseSides, ColourMap, SharpenFurther
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.controls import QuietComboBox, TickBox, label, named
from gdsim.gui.number_edit import NumberEdit
from gdsim.gui.style import SPACE
from gdsim.parameter import Param
from gdsim.simulation.map_plane import Way
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.ruler import Ruler
from gdsim.simulation.sweep_estimate import duration
from gdsim.simulation.sweep_map import colour_problem
from gdsim.simulation.sweep_targets import Target

SAVE = "save_map"
OWN = "Choose a map…"
COLOURS = (
    ("auto", "auto colours", "Minima where both axes are starts, trainability of networks, else verdicts"),
    ("verdict", "verdict", "What became of each run"),
    ("minimum", "minimum", "Which minimum each run ended in"),
    ("loss", "loss", "The loss with which each run ended"),
    ("steps", "steps", "How many steps each run took"),
    ("trainability", "trainability", "Whether each network was trained, and how fast that was clear"),
)
DIGITS = 4


class SideRow:
    """The controls of one axis: the number, its first and its last value, and whether the axis is in decades.

    ``suggest(name)`` is the range to begin with for a number.
    """

    def __init__(self, letter: str, change: Callable[[Side], None], complain: Callable[[str], None], suggest: Callable[[str], Side]):
        self._letter = letter
        self._suggest = suggest
        self._change = change
        self._complain = complain
        self._side: Side | None = None
        self._shown: tuple[float, float] = (0.0, 1.0)
        self._numbers: Mapping[str, Target] = {}
        self._names: list[str] = []
        self.title = label(letter, "caption")
        self.axis = QuietComboBox()
        self.axis.setMinimumContentsLength(8)
        self.axis.setSizeAdjustPolicy(QuietComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        named(self.axis, f"{letter} axis", f"Which number of the run varies along the {letter} axis")
        self.axis.activated.connect(self._choose)
        self.log = TickBox("log")
        named(self.log, f"logarithmic {letter} axis", f"Decades along the {letter} axis: neighbours have the same ratio")
        self.log.clicked.connect(self._scale)
        self.ends = tuple(self._edit(end) for end in (0, 1))

    def _edit(self, end: int) -> NumberEdit:
        edit = NumberEdit(Param("end", 0.0, "an end of the axis"), lambda value: self._commit(end, value), self._complain)
        edit.setFixedWidth(10 * SPACE)
        named(
            edit, f"{'first' if end == 0 else 'last'} value of {self._letter}", f"Where the {self._letter} axis {('begins', 'ends')[end]}"
        )
        return edit

    def show(self, side: Side, shown: tuple[float, float], numbers: Mapping[str, str], targets: Mapping[str, Target]) -> None:
        """``numbers`` are what there is to choose from, with what to call it; ``shown`` the values at the ends of what is in view."""
        self._side, self._shown, self._numbers = side, shown, targets
        names = list(numbers)
        with QSignalBlocker(self.axis), QSignalBlocker(self.log):
            if names != self._names or self.axis.count() != len(names):
                self._names = names
                self.axis.clear()
                self.axis.addItems(list(numbers.values()))
            self.axis.setCurrentIndex(names.index(side.over))
            self.log.setChecked(side.log)
        self.log.setEnabled(side.log or shown[1] > 0.0)
        for edit, value in zip(self.ends, shown, strict=True):
            edit.show_value(float(f"{value:.{DIGITS}g}"))

    def _choose(self, place: int) -> None:
        self._change(self._suggest(self._names[place]))

    def _scale(self) -> None:
        if self._side is None:
            return
        low, high = self._shown
        log = self.log.isChecked()
        self._change(replace(self._side, low=low if low > 0.0 or not log else high * 1e-3, high=high, log=log))

    def _commit(self, end: int, value: float) -> None:
        if self._side is None:
            return
        low, high = (value, self._shown[1]) if end == 0 else (self._shown[0], value)
        param = self._numbers[self._side.over].param
        if not param.low <= value <= param.high:
            self._complain(f"{value:g} is not allowed; type {param.allowed}")
        elif self._side.log and value <= 0.0:
            self._complain(f"{value:g} has no logarithm; type a number > 0")
        elif not low < high or not math.isfinite(high - low):
            self._complain("the first value has to be smaller than the last")
        else:
            self._complain("")
            self._change(replace(self._side, low=low, high=high))
            return
        self.ends[end].show_value(math.nan)
        self.ends[end].show_value(float(f"{self._shown[end]:.{DIGITS}g}"))


class MapBar(QWidget):
    def __init__(self, send: Callable[[Message], None], parent: QWidget | None = None):
        super().__init__(parent)
        self._send = send
        self._sides: tuple[Side, Side] | None = None
        self._presets: list[Preset] = []
        self._key: tuple[object, ...] = ()
        self._state: AppState | None = None
        self._words: dict[str, str] = {}
        self._known: Mapping[str, Target] = {}
        self.preset = QuietComboBox()
        named(self.preset, "maps", "Maps that are worth a look")
        self.preset.activated.connect(self._choose)
        self.colour = QuietComboBox()
        for place, (_, text, tip) in enumerate(COLOURS):
            self.colour.addItem(text)
            self.colour.setItemData(place, tip, Qt.ItemDataRole.ToolTipRole)
        named(self.colour, "colours", "What the colours of the map tell")
        self.colour.activated.connect(lambda place: send(ColourMap(COLOURS[place][0])))
        self.save = QPushButton("Save…")
        self.save.setProperty("role", "preset")
        self.save.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        named(self.save, "save the map", "Save what is in view: as a picture (PNG, SVG, PDF), or every run as a table (Parquet, CSV)")
        self.save.clicked.connect(self._save)
        self.finer = QPushButton()
        self.finer.setProperty("role", "preset")
        self.finer.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.finer.hide()
        self.finer.clicked.connect(lambda: send(SharpenFurther()))
        self.complaint = QLabel()
        self.complaint.setProperty("role", "error")
        self.complaint.setWordWrap(True)
        self.complaint.hide()
        self.across = SideRow("x", lambda side: self._change(x=side), self._complain, self._suggested)
        self.up = SideRow("y", lambda side: self._change(y=side), self._complain, self._suggested)
        first = QHBoxLayout()
        first.setSpacing(SPACE)
        first.addWidget(self.preset, 1)
        first.addWidget(self.colour)
        first.addWidget(self.finer)
        first.addWidget(self.save)
        grid = QGridLayout()
        grid.setHorizontalSpacing(SPACE)
        grid.setVerticalSpacing(SPACE // 2)
        for line, row in enumerate((self.across, self.up)):
            for column, widget in enumerate((row.title, row.axis, row.ends[0], label("to", "caption"), row.ends[1], row.log)):
                grid.addWidget(widget, line, column)
        grid.setColumnStretch(1, 1)
        rows = QVBoxLayout(self)
        rows.setContentsMargins(SPACE // 2, SPACE // 2, SPACE, SPACE // 2)
        rows.setSpacing(SPACE // 2)
        rows.addLayout(first)
        rows.addLayout(grid)
        rows.addWidget(self.complaint)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        chart, self._state = state.map, state
        self.save.setEnabled(chart.picture is not None)
        self._offer(state)
        self.colour.setCurrentIndex([name for name, _, _ in COLOURS].index(state.looked.colour))
        if chart.sides is None or chart.window is None:
            return
        if (key := _kind(state)) != self._key:
            self._key = key
            self._read(state)
        self._sides = chart.sides
        self._show_preset(chart.sides)
        for row, side, (low, high) in zip((self.across, self.up), chart.sides, chart.window, strict=True):
            way = Way(side.over, side.log)
            row.show(side, (way.value(low), way.value(high)), self._words, self._known)

    def _read(self, state: AppState) -> None:
        """What there is to choose from in this scenario."""
        self._known = numbers_of(state.scenario, state.selected)
        self._words = {name: spoken(name, state.scenario) for name in self._known}
        self._presets = self._offered()
        model = self.colour.model()
        for place, (name, _, _) in enumerate(COLOURS):
            model.item(place).setEnabled(colour_problem(state.scenario, name) is None)  # type: ignore[attr-defined]

    def _offer(self, state: AppState) -> None:
        """What takes long is computed when it is asked for."""
        seconds = state.map.withheld
        self.finer.setVisible(seconds is not None)
        if seconds is not None:
            begun = state.map.picture is not None
            self.finer.setText(f"{'Finer' if begun else 'Compute'}: {duration(seconds)}")
            what = "a finer map" if begun else "a first, coarse map"
            named(self.finer, "finer map", f"Compute {what}, which takes about {duration(seconds)} more")

    def _offered(self) -> list[Preset]:
        """The presets as they are now: their ranges follow the scenario."""
        assert self._state is not None
        return presets(self._state.scenario, self._state.selected, _ruler(self._state))

    def _suggested(self, name: str) -> Side:
        assert self._state is not None
        return side_of(self._state.scenario, self._state.selected, name, self._known[name], _ruler(self._state))

    def _show_preset(self, sides: tuple[Side, Side]) -> None:
        names = [preset.name for preset in self._presets]
        axes = [(side.over, side.log) for side in sides]
        at = next((k for k, p in enumerate(self._presets) if [(s.over, s.log) for s in (p.x, p.y)] == axes), -1)
        with QSignalBlocker(self.preset):
            if [self.preset.itemText(k) for k in range(1, self.preset.count())] != names:
                self.preset.clear()
                self.preset.addItems([OWN, *names])
                for place, one in enumerate(self._presets, start=1):
                    self.preset.setItemData(place, one.tip, Qt.ItemDataRole.ToolTipRole)
            self.preset.setCurrentIndex(at + 1)

    def _choose(self, place: int) -> None:
        if place > 0:
            self._complain("")
            name = self.preset.itemText(place)
            chosen = next(one for one in self._offered() if one.name == name)
            self._send(ChooseSides(chosen.x, chosen.y))

    def _change(self, x: Side | None = None, y: Side | None = None) -> None:
        """Another axis on one side; the same number on both changes them about."""
        if self._sides is None:
            return
        before = self._sides
        chosen = (x or before[0], y or before[1])
        if chosen[0].over == chosen[1].over:
            chosen = (before[1], before[0])
        self._complain("")
        self._send(ChooseSides(*chosen))

    def _complain(self, text: str) -> None:
        self.complaint.setText(text)
        self.complaint.setVisible(bool(text))

    def _save(self) -> None:
        command = next((action for action in self.window().actions() if action.objectName() == SAVE), None)
        if command is not None:
            command.trigger()


def _kind(state: AppState) -> tuple[object, ...]:
    """What decides which numbers there are, whatever they are."""
    scenario, run = state.scenario, state.scenario.runs[state.selected]
    tables = tuple(type(table) for table in (run.lookahead, run.schedule, run.batch_schedule, run.start, scenario.start))
    if isinstance(scenario.problem, Learning):
        return scenario.problem.shape.layers, run.optimizer, tables, scenario.sweep
    troubles = tuple(noise.kind for noise in scenario.problem.noise), getattr(scenario.problem.motion, "kind", None)
    return scenario.landscape.name, run.optimizer, tables, troubles, scenario.sweep, [param.name for param in scenario.landscape.parameters]


def _ruler(state: AppState) -> Ruler | None:
    return state.rulers[state.selected] if state.selected < len(state.rulers) else None
