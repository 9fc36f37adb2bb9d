"""The data, and what the runs have learnt from them at the playhead."""

import math
from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout

from gdsim.app.changes import AddPoint, MovePoint, RemovePoint
from gdsim.app.messages import Message
from gdsim.app.predicting import MOST_ASKED, answers_now
from gdsim.app.state import AppState
from gdsim.gui.canvas import Canvas, Floats
from gdsim.gui.confusion import ConfusionLayer, confusion
from gdsim.gui.data_bar import DataBar
from gdsim.gui.data_curves import Learnt, LearntLayer
from gdsim.gui.data_field import FieldLayer
from gdsim.gui.data_points import PARTS, Cloud, PointsLayer
from gdsim.gui.data_scene import Scene, scene_of
from gdsim.gui.data_words import answer_told, point_told, summary_of
from gdsim.gui.palette import LIGHT, Theme, run_style
from gdsim.gui.view import View
from gdsim.simulation.answers import Answers
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.run_batches import batches_of
from gdsim.simulation.scenario import Scenario

REACH = 9.0
TICK = -4
NOBODY = np.empty(0, dtype=np.int64)
MOST_LIT = 50_000
"""Training points up to which the batch of a step is looked up: it takes a moment to put an epoch in its order."""
STREAM = 0
"""Runs of a scenario see the same batches."""


class DataView(View):
    """Over one input the fitted curve of every run; over two the plane filled by the selected run, boundaries of the others; of more inputs
    the predicted numbers against the true ones, or the confusion matrix. The wheel zooms, a drag pans; where points are edited, only one
    with the right or middle button.
    """

    name = "Data"
    tip = "The points, and what the runs have learnt from them"

    @classmethod
    def fits(cls, scenario: Scenario) -> bool:
        return isinstance(scenario.problem, DataSource)

    def __init__(self, send: Callable[[Message], None]) -> None:
        super().__init__(send)
        self._theme = LIGHT
        self._state: AppState | None = None
        self._scene: Scene | None = None
        self._answers: tuple[Answers | None, ...] = ()
        self._grasped: tuple[float | int | str, ...] | None = None
        self._pointer = QPointF(-1.0, -1.0)
        self.bar = DataBar(send, LIGHT)
        self.canvas = Canvas()
        area = self.canvas.area
        self.field = FieldLayer(area, 0)
        self.learnt = LearntLayer(area, 1)
        self.points = PointsLayer(area, 2)
        self.confusion = ConfusionLayer(area, 3)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.bar)
        column.addWidget(self.canvas, 1)
        self.canvas.setAccessibleName("Data")
        area.setMouseEnabled(True, True)
        area.clicked.connect(self._clicked)
        area.right_clicked.connect(self._right_clicked)
        area.dragged.connect(self._dragged)
        area.sigRangeChangedManually.connect(self._zoomed)
        self.canvas.on_hover(self._hovered)
        self.canvas.installEventFilter(self)
        self.apply_theme(LIGHT)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.canvas.apply_theme(theme)
        self.bar.apply_theme(theme)
        for layer in (self.field, self.learnt, self.points, self.confusion):
            layer.show_theme(theme)

    def render(self, state: AppState) -> None:  # type: ignore[override]
        problem = state.scenario.problem
        assert isinstance(problem, DataSource)
        self._state = state
        scene = scene_of(problem)
        if scene is not self._scene:
            self._show_scene(scene)
        self.bar.show_data(problem, scene)
        self.canvas.area.left_pans = not self.bar.editable
        self._show_answers(state, scene)
        self.points.show_lit(self._lit(state, scene))
        if not state.playing:
            self.canvas.setAccessibleDescription(summary_of(state, scene))
        self.canvas.hover_again()

    def fit(self) -> None:
        """Shows all points."""
        if self._scene is not None and self._scene.kind != "classes":
            (west, east), (south, north) = self._scene.extent
            width, height, area = east - west, north - south, self.canvas.area
            if self._scene.kind == "plane":
                area.setLimits(xMin=west, xMax=east, yMin=south, yMax=north, minXRange=width * 1e-6, minYRange=height * 1e-6)
            else:
                area.setLimits(xMin=west - width, xMax=east + width, yMin=south - 9 * height, yMax=north + 9 * height)
            area.setRange(xRange=(west, east), yRange=(south, north), padding=0, disableAutoRange=True)

    # What is shown

    def _show_scene(self, scene: Scene) -> None:
        same_place = self._scene is not None and self._scene.extent == scene.extent and self._scene.kind == scene.kind
        self._scene = scene
        data, canvas = scene.data, self.canvas
        matrix = scene.kind == "classes"
        for axis in canvas.axes:
            axis.setStyle(showValues=not matrix, tickLength=0 if matrix else TICK)
        canvas.area.setMouseEnabled(not matrix, not matrix)
        labels = {"points": ("predicted", f"true {data.target}"), "classes": ("", "")}.get(scene.kind)
        canvas.label(0, labels[0] if labels else data.features[1] if scene.kind == "plane" else data.target)
        canvas.label(1, labels[1] if labels else data.features[0])
        canvas.plotItem.layout.activate()  # labels take their room now, also on a sheet that is painted at once
        self.points.show_cloud(scene.cloud)
        self.field.show_field(None, scene.where)  # what is there is on another scale
        self.field.show_scale(len(data.classes), scene.middle, scene.span)
        self.confusion.show_counts(None, (), "")
        if not same_place:
            self.fit()

    def _show_answers(self, state: AppState, scene: Scene) -> None:
        runs = range(len(state.scenario.runs))
        chosen = sorted(runs, key=lambda run: run != state.selected)[:MOST_ASKED]
        found: list[Answers | None] = [None] * len(runs)
        for run in chosen:
            whole = run == state.selected or scene.kind != "plane"
            found[run] = answers_now(state, run, scene.where if whole else scene.coarse)
        answers = found[state.selected]
        if scene.kind == "plane":
            self.field.show_field(answers, scene.where)
        if scene.kind in ("plane", "curve"):
            self.learnt.show_learnt(
                [
                    Learnt(self._lines(scene, each), run_style(run), run == state.selected)
                    for run, each in enumerate(found)
                    if each is not None
                ]
            )
        elif tuple(found) != self._answers:
            self._show_points(scene, answers, state.selected)
        self._answers = tuple(found)

    def _lines(self, scene: Scene, answers: Answers) -> tuple[Floats, ...]:
        if scene.kind == "plane":
            return answers.lines
        if len(answers.values) != len(scene.where.x):  # of other data, still there
            return ()
        return (np.column_stack((scene.where.x, answers.values.astype(np.float64))),)

    def _show_points(self, scene: Scene, answers: Answers | None, run: int) -> None:
        """Predicted against true numbers, or true against taken classes."""
        rows = scene.where.rows
        self.learnt.show_learnt([])
        if answers is None or len(answers.values) != len(rows):
            self.points.show_cloud(None)
            self.confusion.show_counts(None, (), "")
            return
        data, parts = scene.data, scene.parts[rows]
        if answers.classes is not None:
            held = parts > 0
            asked = held if held.any() else ~held
            counts = confusion(data.targets[rows][asked].astype(np.int64), answers.classes[asked].astype(np.int64), len(data.classes))
            right = int(np.trace(counts))
            which = "validation and test" if held.any() else "training"
            caption = f"{right:,} of {int(asked.sum()):,} {which} points are told rightly ({right / max(int(asked.sum()), 1):.1%})"
            self.confusion.show_counts(counts, data.classes, caption)
            return
        style = run_style(run)
        positions = np.column_stack((data.targets[rows, 0], answers.values.astype(np.float64)))
        self.points.show_cloud(Cloud(positions, parts, np.zeros(len(rows), dtype=np.int64), ((style.colour, style.marker),)))
        (low, high), _ = scene.extent
        self.learnt.show_diagonal(np.array([[low, low], [high, high]]))

    def _lit(self, state: AppState, scene: Scene) -> np.ndarray:
        """The points of the batch of the step that is taken at the playhead, by the selected run."""
        if scene.kind in ("points", "classes") or scene.trained > MOST_LIT:
            return NOBODY
        batches = batches_of(state.scenario.runs[state.selected], scene.trained)
        track = state.tracks[state.selected] if state.selected < len(state.tracks) else None
        step = min(int(state.playhead), track.last_step if track else 0)
        if batches.at(step + 1).all_at_once:
            return NOBODY
        return np.unique(batches.rows(step + 1, state.scenario.seed, STREAM))

    # What the user does

    def _zoomed(self, *_: object) -> None:
        """Zooming out ends where all is shown."""
        if self._scene is not None:
            (west, east), _ = self.canvas.area.viewRange()
            (left, right), _ = self._scene.extent
            if self._scene.kind == "plane" and east - west >= right - left:
                self.fit()

    def _place(self, point: QPointF) -> tuple[float, ...]:
        """The point as a scenario has it, with as many digits as a pixel can tell."""
        digits = [math.ceil(math.log10(max(pixels, 1e-300))) for pixels in self.canvas.area.pixels_per_unit]
        return round(point.x(), digits[0]) + 0.0, round(point.y(), digits[1]) + 0.0

    def _as_listed(self, number: int) -> tuple[float | int | str, ...]:
        """Point ``number`` as the scenario lists it."""
        from gdsim.app.edit_points import points_of

        assert self._scene is not None
        return points_of(self._scene.data.take([number]))[0]

    def _clicked(self, point: QPointF, _modifiers: Qt.KeyboardModifier) -> None:
        if not self.bar.editable or self._scene is None:
            return
        x, y = self._place(point)
        if self._scene.data.is_classification and self.bar.brush is not None:
            self._send(AddPoint((x, y, self.bar.brush) if self._scene.kind == "plane" else (x, self.bar.brush)))
        elif self._scene.kind == "curve":
            self._send(AddPoint((x, y)))

    def _right_clicked(self, point: QPointF) -> None:
        self._remove(self.canvas.area.mapFromView(point))

    def _remove(self, pixel: QPointF) -> bool:
        """Removes the point there, if there is one."""
        number = self.points.nearest(pixel, REACH) if self.bar.editable else None
        if number is None:
            return False
        self._send(RemovePoint(self._as_listed(number)))
        return True

    def _dragged(self, point: QPointF, _modifiers: Qt.KeyboardModifier, last: bool) -> None:
        if not self.bar.editable or self._scene is None:
            return
        if self._grasped is None:
            number = self.points.nearest(self.canvas.area.mapFromView(self.canvas.area.drag_start), REACH)
            if number is None or last:
                return
            self._grasped = self._as_listed(number)
        x, y = self._place(point)
        if self._scene.kind == "plane":
            to = (x, y, *self._grasped[2:])
        else:
            to = (x, self._grasped[1] if self._scene.data.is_classification else y)
        self._send(MovePoint(self._grasped, to, live=not last))
        self._grasped = None if last else to

    def eventFilter(self, watched: object, event: QEvent) -> bool:
        """Delete removes the point under the pointer; without one it stays the key of the window."""
        wanted = (QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress)
        if event.type() in wanted and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Delete and self.bar.editable:
            pixel = self._pointer
            if self.points.nearest(pixel, REACH) is not None:
                if event.type() == QEvent.Type.KeyPress:
                    self._remove(pixel)
                event.accept()
                return True
        return super().eventFilter(watched, event)  # type: ignore[arg-type]

    # What is under the pointer

    def _hovered(self, scene_point: QPointF) -> None:
        pixel = self._pointer = self.canvas.area.mapFromScene(scene_point)
        scene = self._scene if self._state is not None else None
        self.canvas.tell(pixel, "" if scene is None else self._describe(scene, pixel))

    def _describe(self, scene: Scene, pixel: QPointF) -> str:
        assert self._state is not None
        if scene.kind == "classes":
            cell = self.confusion.cell_at(pixel)
            if cell is None or self.confusion.counts is None:
                return ""
            count, names = int(self.confusion.counts[cell]), scene.data.classes
            return f"{count:,} points of class {names[cell[0]]} are taken for {names[cell[1]]}"
        number = self.points.nearest(pixel, REACH)
        answers = self._answers[self._state.selected] if self._state.selected < len(self._answers) else None
        if number is not None:
            row = int(scene.where.rows[number]) if scene.kind == "points" else number
            return f"{PARTS[int(scene.parts[row])]} point:  {point_told(scene.data, row)}" + answer_told(scene, answers, number)
        if scene.kind == "points":
            return ""
        here = self.canvas.area.mapToView(pixel)
        return answer_told(scene, answers, None, (here.x(), here.y()))
