"""Data as a picture, before anything is painted: where the points lie, what they look like, and which lie under the model's eyes."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from gdsim.gui.canvas import Floats
from gdsim.gui.data_points import Cloud
from gdsim.gui.numbers import number
from gdsim.gui.palette import CLASS_COLOURS, Marker, class_style
from gdsim.networks.dataset import Dataset
from gdsim.simulation.answers import MARGIN, Places, lay_out, middle, places_for
from gdsim.simulation.data_source import DataSource

NEUTRAL = "#78828c"
SHADES = 9
"""Colours of points whose target is a number in the plane: from purple over grey to amber."""
COARSE = 24
"""Places along an axis of a plane where only a line is wanted."""


@dataclass(frozen=True, eq=False)
class Scene:
    """``data`` and ``parts`` as they are laid out; ``where`` models are asked, ``coarse`` where only lines are wanted. Predicted numbers
    are coloured by how far they are from ``middle``, ``span`` at most.
    """

    data: Dataset
    parts: NDArray[np.int64]
    where: Places
    coarse: Places
    cloud: Cloud | None
    middle: float
    span: float

    @property
    def kind(self) -> str:
        """Curve, plane, points (predicted against true numbers) or classes (which are taken for which)."""
        return "classes" if self.where.kind == "points" and self.data.is_classification else self.where.kind

    @property
    def trained(self) -> int:
        """Training points: they come first, in the order in which batches number them."""
        return int(np.count_nonzero(self.parts == 0))

    @property
    def extent(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """What is shown of the plot's two coordinates."""
        if self.kind in ("points", "classes"):
            targets = self.data.targets
            low, high = float(targets.min()), float(targets.max())
            margin = MARGIN * (high - low) or 1.0
            return ((low - margin, high + margin),) * 2
        (left, right), targets = (float(self.where.x[0]), float(self.where.x[-1])), self.data.targets
        if self.kind == "plane":
            return (left, right), (float(self.where.y[0]), float(self.where.y[-1]))
        low, high = float(targets.min()), float(targets.max())
        margin = 0.2 * (high - low) or 1.0
        return (left, right), (low - margin, high + margin)


def scene_of(problem: DataSource) -> Scene:
    """The scene of a problem's data: the same one as long as they and their split are equal."""
    return _scene(problem.loaded, tuple(problem.shares), problem.split_seed)


@lru_cache(maxsize=2)
def _scene(loaded: Dataset, shares: tuple[float, ...], seed: int) -> Scene:
    data, parts = lay_out(loaded, shares, seed)
    where, coarse = places_for(data), places_for(data, COARSE)
    level = 0.0 if data.is_classification else middle(data)
    span = 1.0 if data.is_classification else max(float(np.abs(data.targets - level).max()), 1e-300)
    return Scene(data, parts, where, coarse, _cloud(data, parts, where.kind, level, span), level, span)


def _cloud(data: Dataset, parts: NDArray[np.int64], kind: str, level: float, span: float) -> Cloud | None:
    """None where points move: those that are predicted."""
    if kind == "points":
        return None
    if data.is_classification:
        kinds = [class_style(k) for k in range(len(data.classes))]
        styles = tuple((each.colour, each.marker) for each in kinds)
        titles = [name if name.lower().startswith("class") else f"class {name}" for name in data.classes]
        legend = tuple(zip(titles, styles, strict=True))
        positions = data.inputs if kind == "plane" else np.column_stack((data.inputs[:, 0], data.targets.astype(np.float64)))
        return Cloud(positions, parts, data.targets.astype(np.int64), styles, legend)
    if kind == "curve":
        positions = np.column_stack((data.inputs[:, 0], data.targets[:, 0]))
        return Cloud(positions, parts, np.zeros(len(data), dtype=np.int64), ((NEUTRAL, "circle"),))
    shares = np.clip((data.targets[:, 0] - level) / span, -1.0, 1.0)
    looks = np.round((shares + 1.0) / 2.0 * (SHADES - 1)).astype(np.int64)
    styles = shades()
    ends = ((f"{data.target} {number(level + span, 3)}", styles[-1]), (number(level, 3), styles[SHADES // 2]))
    return Cloud(data.inputs, parts, looks, styles, (*ends, (number(level - span, 3), styles[0])))


def shades() -> tuple[tuple[str, Marker], ...]:
    """Styles of points from purple over grey to amber."""

    def channels(colour: str) -> Floats:
        return np.array([int(colour[k : k + 2], 16) for k in (1, 3, 5)], dtype=np.float64)

    low, mid, high = channels(CLASS_COLOURS[0]), np.array([152.0, 151.0, 148.0]), channels(CLASS_COLOURS[1])
    found: list[tuple[str, Marker]] = []
    for share in np.linspace(-1.0, 1.0, SHADES):
        colour = mid + abs(share) * ((high if share > 0 else low) - mid)
        found.append(("#" + "".join(f"{round(channel):02x}" for channel in colour), "circle"))
    return tuple(found)
