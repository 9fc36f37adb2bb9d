"""The landscape picker: all landscapes with their formulas and small pictures, and the way to a formula of one's own."""

from collections.abc import Callable, Hashable, Iterator

from PySide6.QtGui import QImage
from PySide6.QtWidgets import QWidget

from gdsim.app.changes import SetDataset, SetLandscape, SetPrototype
from gdsim.app.edit_prototype import FIRST
from gdsim.app.messages import Message
from gdsim.app.state import AppState
from gdsim.gui.catalogue_picker import CataloguePicker
from gdsim.gui.catalogue_popup import NAME, Entry
from gdsim.gui.controls import named
from gdsim.gui.data_thumbnails import data_thumbnail
from gdsim.gui.icons import icon
from gdsim.gui.palette import Theme
from gdsim.gui.style import SPACE
from gdsim.gui.thumbnails import Thumbnails
from gdsim.gui.typeset import typeset
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula.record import NAME as FORMULA
from gdsim.networks.generators import DATASETS
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import Problem

PROTOTYPE = "prototype"
FILE = "file"
DATA = "data "
"""Begins the names of data sets, so that none is that of a landscape."""


def landscape_entries() -> Iterator[Entry]:
    example = typeset("(1 - x)^2 + 100*(y - x^2)^2")
    tip = "Type a formula of x and y, or of x alone; it begins as that of the landscape that is shown"
    yield Entry(FORMULA, "Your own formula …", "", f"Type J(x, y), such as {example}", tip)
    pieces = "Join slopes, bends, cliffs and bowls to a curve, or two of them to a landscape"
    yield Entry(PROTOTYPE, "Prototypes, joined …", "", pieces, pieces)
    yield Entry(
        FILE,
        "Data from a file …",
        "",
        "Learn from the columns of a CSV file",
        "Open a CSV file; its last column is predicted from the others",
    )
    for made in DATASETS.values():
        yield Entry(DATA + made.name, made.title, "data", f"{made.kind}: {made.doc}", f"{made.title}\n{made.doc}\n{made.source}")
    for record in LANDSCAPES.values():
        formula = typeset(record.formula)
        tip = f"{record.title}\nJ = {formula}" + (f"\n{record.source}" if record.source else "")
        yield Entry(record.name, record.title, record.family, formula, tip)


class LandscapePicker(CataloguePicker):
    """Shows the landscape's name; opens the list. ``type_formula`` is called where the user wants to type one, ``open_file`` for a file."""

    def __init__(
        self,
        send: Callable[[Message], None],
        type_formula: Callable[[], None],
        open_file: Callable[[], None],
        theme: Theme,
        parent: QWidget | None = None,
    ):
        self.thumbnails = Thumbnails(theme, self._filled_in)
        super().__init__("landscapes", landscape_entries, self._picked, theme, self._thumbnail, parent)
        self.thumbnails.setParent(self)
        self._send = send
        self._type = type_formula
        self._open_file = open_file
        self._shown: Hashable = ""
        self.setMinimumWidth(29 * SPACE)
        self.setMaximumWidth(36 * SPACE)
        self.apply_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        ground = state.scenario.problem.ground
        if ground != self._shown:
            self._shown = ground
            problem = state.scenario.problem
            self.current = listed_name(problem)
            self.setText(problem.title)
            formula = typeset(problem.formula_shown)
            named(self, f"landscape: {problem.title}", f"{problem.title}: J = {formula}\nClick to choose another landscape, or data  (L)")

    def apply_theme(self, theme: Theme) -> None:
        super().apply_theme(theme)
        signs = {FORMULA: "function-variant", PROTOTYPE: "chart-line-variant", FILE: "file-table-outline"}
        self._signs = {name: icon(sign, theme, theme.accent).pixmap(48, 48).toImage() for name, sign in signs.items()}
        self.setIcon(icon("image-filter-hdr", theme, theme.accent))
        self.thumbnails.apply_theme(theme)

    def open(self) -> None:
        """The list opens at once; pictures that are not there yet come in, those in sight first."""
        fresh = "popup" not in vars(self)
        super().open()
        self._ask_for_pictures()
        if fresh:
            self.popup.list.verticalScrollBar().valueChanged.connect(self._ask_for_pictures)

    def _ask_for_pictures(self) -> None:
        """From the first in sight on."""
        listed = self.popup.list
        model = self.popup.model
        names = [model.index(row, 0).data(NAME) for row in range(model.rowCount())]
        first = max(listed.indexAt(listed.viewport().rect().topLeft()).row(), 0)
        self.thumbnails.want(name for name in (*names[first:], *names[:first]) if name)

    def _thumbnail(self, name: str) -> QImage | None:
        if name in self._signs:
            return self._signs[name]
        return data_thumbnail(name.removeprefix(DATA), self._theme) if name.startswith(DATA) else self.thumbnails.image(name)

    def _filled_in(self) -> None:
        if self.popup.isVisible():
            self.popup.list.viewport().update()
        else:
            self.thumbnails.stop()

    def _picked(self, name: str) -> None:
        if name == FORMULA:
            self._type()
        elif name == PROTOTYPE:
            if self.current != PROTOTYPE:
                self._send(SetPrototype(FIRST))
        elif name == FILE:
            self._open_file()
        elif name.startswith(DATA):
            self._send(SetDataset(name.removeprefix(DATA)))
        elif name != self._shown:
            self._send(SetLandscape(name))


def listed_name(problem: Problem) -> str:
    """The name of the entry that ``problem`` was chosen by."""
    if isinstance(problem, DataSource):
        return DATA + problem.dataset if problem.dataset is not None else FILE
    return problem.at_rest.name
