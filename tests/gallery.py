"""Paints every landscape, with the paths of five optimizers on it, onto one sheet a theme: ``make gallery``.

A rate for each optimizer is found by trying many: of those that keep the run in the picture, the one with the least losses, on the way and
at the end.
"""

import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
from PIL import Image
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gdsim.app.state import AppState, Track
from gdsim.engine import descend
from gdsim.gui.application import application
from gdsim.gui.canvas import font, pen
from gdsim.gui.markers import draw_marker, draw_start, draw_stationary
from gdsim.gui.palette import DARK, LIGHT, run_style
from gdsim.gui.stage import Stage
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.run import rule_of, run
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import survey

LECTURE = ("sgd", "adagrad", "rmsprop", "adadelta", "adam")
STEPS = 300
RATES = np.geomspace(1e-6, 1e4, 121)
COLUMNS = 8
TILE, TITLE, GAP, MARGIN, HEADER = QSize(270, 232), 24, 8, 24, 66
FOLDER = Path("assets/screenshots")


def losses_of(landscape, optimizer, rate):
    """The losses of a run from the landscape's start, or None if it leaves the domain."""
    hyper, on = optimizer.pack({"learning_rate": rate})
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = landscape.start
    state = descend.State.start(weights, optimizer.initial_slots(hyper), optimizer.initial_shared)
    rule = rule_of(landscape, optimizer, hyper, on)
    taken = descend.record(rule, state, np.array(landscape.values), np.array(hyper), STEPS, closing=True, tolerance=None)
    low, high = np.array(landscape.domain).T
    inside = (taken.positions[:, : landscape.dim] >= low) & (taken.positions[:, : landscape.dim] <= high)
    return taken.losses if inside.all() and len(taken.losses) == STEPS + 1 else None


def good_rate(landscape, optimizer):
    tried = {float(rate): losses_of(landscape, optimizer, float(rate)) for rate in RATES}
    return min((rate for rate in tried if tried[rate] is not None), key=lambda rate: tried[rate].mean() + tried[rate][STEPS // 2 :].max())


def state_of(landscape):
    runs = [{"optimizer": name, "learning_rate": good_rate(landscape, OPTIMIZERS[name])} for name in LECTURE]
    scenario = Scenario.model_validate({"steps": STEPS, "problem": {"landscape": landscape.name}, "runs": runs})
    tracks = tuple(Track(0, whole, whole.verdict, whole.converged_at, whole.diverged_at) for whole in run(scenario).runs)
    return AppState(scenario, scenario, surface=survey(landscape), tracks=tracks, playhead=float(STEPS))


def paint_tile(painter, place, state, theme):
    stage = Stage(lambda _message: None)
    stage.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    stage.resize(TILE)
    stage.show()
    stage.apply_theme(replace(theme, panel=theme.window))
    for axis in (0, 1):
        for view in (stage.map, stage.curve):
            view.canvas.label(axis, "")
    stage.render(state)
    canvas = stage.current.canvas
    painter.save()
    canvas.render(painter, place, canvas.viewport().rect())
    painter.restore()
    stage.close()
    stage.deleteLater()


def paint_legend(painter, right, middle, theme):
    """Runs and marks, from the right."""
    painter.setFont(font(13))
    entries = [(OPTIMIZERS[name].title, run_style(k)) for k, name in enumerate(LECTURE)]
    entries += [("start", None), *((kind, kind) for kind in ("global minimum", "local minimum", "saddle", "maximum"))]
    for text, what in reversed(entries):
        right -= painter.fontMetrics().horizontalAdvance(text)
        painter.setPen(QColor(theme.text))
        painter.drawText(QPointF(right, middle + 5), text)
        at = QPointF(right - 14, middle)
        if what is None:
            draw_start(painter, at, theme)
        elif isinstance(what, str):
            draw_stationary(painter, at, what, theme, 6.0)
        else:
            painter.setPen(pen(what.colour, 2.0))
            painter.drawLine(at - QPointF(9, 0), at + QPointF(9, 0))
            draw_marker(painter, at, what, theme, 4.5)
        right -= 44


def paint(states, theme):
    rows = -(-len(states) // COLUMNS)
    width = 2 * MARGIN + COLUMNS * TILE.width() + (COLUMNS - 1) * GAP
    height = HEADER + rows * (TITLE + TILE.height() + GAP) + MARGIN - GAP
    image = QImage(QSize(width, height), QImage.Format.Format_RGB32)
    image.fill(QColor(theme.window))
    painter = QPainter(image)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.TextAntialiasing)
    painter.setPen(QColor(theme.text))
    painter.setFont(font(24, bold=True))
    painter.drawText(QPointF(MARGIN, 44), f"{len(states)} landscapes, {STEPS} steps")
    paint_legend(painter, width - MARGIN, 38, theme)
    for index, state in enumerate(states):
        row, column = divmod(index, COLUMNS)
        left, top = MARGIN + column * (TILE.width() + GAP), HEADER + row * (TITLE + TILE.height() + GAP)
        painter.setPen(QColor(theme.text))
        painter.setFont(font(13, bold=True))
        title = painter.fontMetrics().elidedText(state.scenario.landscape.title, Qt.TextElideMode.ElideRight, TILE.width())
        painter.drawText(QPointF(left, top + 16), title)
        paint_tile(painter, QRectF(left, top + TITLE, TILE.width(), TILE.height()), state, theme)
    painter.end()
    return image


def save(image, target, theme):
    """In 256 colours, a third of the size. Thin lines are too few pixels to win a place among those: the runs' colours have theirs kept."""
    raw = image.convertToFormat(QImage.Format.Format_RGB888)
    full = Image.frombuffer("RGB", (raw.width(), raw.height()), bytes(raw.constBits()), "raw", "RGB", raw.bytesPerLine(), 1)
    paper = QColor(theme.plot)
    kept = []
    for k in range(len(LECTURE)):
        own = QColor(run_style(k).colour)
        halfway = [(a + b) // 2 for a, b in zip(own.getRgb()[:3], paper.getRgb()[:3], strict=True)]
        kept += [*own.getRgb()[:3], *own.darker(135).getRgb()[:3], *halfway]
    common = full.quantize(256 - len(kept) // 3, dither=Image.Dither.NONE).getpalette()
    palette = Image.new("P", (1, 1))
    palette.putpalette([*kept, *common][: 3 * 256])
    full.quantize(palette=palette, dither=Image.Dither.NONE).save(target, optimize=True)


def main():
    application(headless=True)
    states = [state_of(landscape) for landscape in LANDSCAPES.values()]
    FOLDER.mkdir(parents=True, exist_ok=True)
    for theme in (LIGHT, DARK):
        target = FOLDER / f"gallery-{theme.name}.png"
        save(paint(states, theme), target, theme)
        sys.stdout.write(f"{target}\n")


if __name__ == "__main__":
    main()
