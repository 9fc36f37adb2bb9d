"""Small pictures of data sets: a hundred points or so, in the colours that they have in the plot."""

from functools import lru_cache

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gdsim.gui.data_scene import NEUTRAL, SHADES, shades
from gdsim.gui.palette import Theme, class_style
from gdsim.networks.generators import DATASETS

WIDTH, HEIGHT = 96, 68
POINTS = 140


@lru_cache(maxsize=64)
def data_thumbnail(name: str, theme: Theme) -> QImage | None:
    """None where there is no such data set, or none that can be drawn."""
    record = DATASETS.get(name)
    if record is None:
        return None
    data = record.make(count=POINTS)
    if data.inputs.shape[1] == 1:
        places, colours = np.column_stack((data.inputs[:, 0], data.targets.reshape(len(data)))), [NEUTRAL] * len(data)
    else:
        places = data.inputs[:, :2]
        if data.is_classification:
            colours = [class_style(int(number)).colour for number in data.targets]
        else:
            values = data.targets[:, 0]
            span = float(np.abs(values).max()) or 1.0
            colours = [shades()[round((float(value) / span + 1.0) / 2.0 * (SHADES - 1))][0] for value in values]
    low, high = places.min(axis=0), places.max(axis=0)
    shares = (places - low) / np.where(high > low, high - low, 1.0)
    image = QImage(WIDTH, HEIGHT, QImage.Format.Format_RGB32)
    image.fill(QColor(theme.plot))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for (x, y), colour in zip(shares.tolist(), colours, strict=True):
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(6 + x * (WIDTH - 12), HEIGHT - 6 - y * (HEIGHT - 12)), 2.6, 2.6)
    painter.end()
    return image
