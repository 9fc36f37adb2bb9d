"""Small pictures of landscapes, painted a few milliseconds at a time while the window lives on.

The leaves run as the plain Python that they are: nothing has to be compiled for a picture of so few points.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QImage

from gdsim.gui.palette import Theme, ground
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.landscape import Landscape

WIDTH, HEIGHT = 32, 22
CURVE = 96, 68
SLICE = 0.006
"""Seconds of painting between two looks at what else there is to do."""


def losses_of(landscape: Landscape) -> Iterator[NDArray[np.float64]]:
    """The loss over the domain, row by row from the south; of a curve one row. Infinities and NaN are left as they come."""
    x = np.linspace(*landscape.domain[0], WIDTH if landscape.dim == 2 else CURVE[0])
    for y in np.linspace(*landscape.domain[1], HEIGHT) if landscape.dim == 2 else (0.0,):
        row = np.empty(len(x))
        for i, at in enumerate(x):
            try:
                row[i] = landscape.value_and_gradient(float(at), float(y), landscape.given)[0]
            except (OverflowError, ZeroDivisionError, ValueError):  # where compiled code has infinities and NaN, Python complains
                row[i] = np.nan
        yield row


def shades_of(landscape: Landscape, losses: NDArray[np.float64]) -> NDArray[np.float64]:
    """Losses to [0, 1]: by rank and height in equal parts, so that valleys and walls both show."""
    finite = losses[np.isfinite(losses)]
    if not finite.size or finite.max() == finite.min():
        return np.full(losses.shape, 0.5)
    filled = np.where(np.isfinite(losses), losses, finite.max())
    height = np.clip((filled - filled.min()) / (np.percentile(finite, 99.0) - finite.min() or 1.0), 0.0, 1.0)
    rank = np.searchsorted(np.sort(filled.ravel()), filled) / filled.size
    return np.asarray(rank if landscape.log_levels else 0.5 * (rank + height))


def painted(landscape: Landscape, losses: NDArray[np.float64], theme: Theme) -> QImage:
    """The ground from above, north up; a curve as the ground below it."""
    if landscape.dim == 2:
        pixels = ground(shades_of(landscape, losses)[::-1], theme)
    else:
        height = shades_of(landscape, losses)[0] if not np.ptp(losses[np.isfinite(losses)]) else _heights(losses[0])
        rows = np.linspace(1.08, -0.12, CURVE[1])[:, np.newaxis]
        pixels = ground(np.where(rows <= height, 0.1, 0.8), theme)
    pixels = np.ascontiguousarray(pixels)
    high, wide = pixels.shape[:2]
    return QImage(pixels.data, wide, high, 4 * wide, QImage.Format.Format_RGBA8888).copy()


def _heights(losses: NDArray[np.float64]) -> NDArray[np.float64]:
    finite = losses[np.isfinite(losses)]
    return np.asarray((np.where(np.isfinite(losses), losses, finite.max()) - finite.min()) / np.ptp(finite))


@cache
def _known() -> dict[str, NDArray[np.float64]]:
    """Losses by landscape, for as long as the program runs: they never change."""
    return {}


class Thumbnails(QObject):
    """Paints what is asked for, in the order asked, and calls ``changed`` when one is done."""

    def __init__(self, theme: Theme, changed: Callable[[], None], parent: QObject | None = None):
        super().__init__(parent)
        self._theme = theme
        self._changed = changed
        self._images: dict[str, QImage] = {}
        self._wanted: list[str] = []
        self._work: tuple[str, Iterator[NDArray[np.float64]], list[NDArray[np.float64]]] | None = None
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._go_on)

    def apply_theme(self, theme: Theme) -> None:
        self._theme = theme
        self._images.clear()

    def image(self, name: str) -> QImage | None:
        """The picture of landscape ``name``, or None where there is no such landscape."""
        if name not in self._images and name in _known():
            self._images[name] = painted(LANDSCAPES[name], _known()[name], self._theme)
        return self._images.get(name)

    def want(self, names: Iterable[str]) -> None:
        """These in this order, in place of what was wanted before."""
        self._wanted = [name for name in names if name in LANDSCAPES and name not in _known()]
        if self._wanted:
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _go_on(self) -> None:
        end = time.perf_counter() + SLICE
        while time.perf_counter() < end:
            if self._work is None:
                if not self._wanted:
                    self._timer.stop()
                    return
                name = self._wanted.pop(0)
                self._work = name, losses_of(LANDSCAPES[name]), []
            name, rows, done = self._work
            row = next(rows, None)
            if row is not None:
                done.append(row)
                continue
            _known()[name] = np.array(done)
            self._work = None
            self._changed()
