"""The picture of a run: its way over the landscape and its losses, as lines in pixels that a page can draw."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.run import stream
from gdsim.simulation.scenario import Scenario, validated
from gdsim.simulation.scenario_file import parse
from gdsim.simulation.surface import survey
from gdsim.simulation.trajectory import Trajectory

Floats = NDArray[np.float64]
WIDTH, HEIGHT, LOSS_HEIGHT = 360.0, 260.0, 96.0
RESOLUTION = 72
MOST_STEPS = 20_000
FAR = 4 * WIDTH
"""What lies further off is drawn there, so that one sees where a run went."""
MOST_POINTS = 400
"""Points of a line: more than that nobody sees at this size."""


@dataclass(frozen=True)
class Picture:
    """``lines`` are SVG paths by what they show: ``ground`` (level lines, or the curve), ``path``, ``losses``; ``marks`` points by what
    they are: ``start``, ``end``, ``minimum``. The losses lie in a frame of their own below. ``caption`` says what is seen.
    """

    size: tuple[float, float]
    frames: tuple[tuple[float, float, float, float], ...]
    lines: tuple[tuple[str, str], ...]
    marks: tuple[tuple[str, float, float], ...]
    labels: tuple[tuple[float, float, str], ...]
    caption: str


def picture(text: str) -> Picture | None:
    """The first run of the scenario with this TOML text; None where there is nothing to be drawn (a network, or no valid scenario)."""
    try:
        scenario = validated(parse(text))
        if scenario.is_network or scenario.steps > MOST_STEPS:
            return None
        *_, last = stream(scenario, runs=(0,))
        return drawn(scenario, last.trajectory) if last.trajectory is not None else None
    except ScenarioError:
        return None


def drawn(scenario: Scenario, path: Trajectory) -> Picture:
    """Where the run leaves the landscape's domain by more than the domain is wide, it leaves the picture."""
    landscape = scenario.landscape
    lines: list[tuple[str, str]] = []
    surface = survey(landscape, RESOLUTION, landscape.domain)
    west, east = landscape.domain[0]
    if landscape.dim == 2:
        south, north = landscape.domain[1]
        way = path.positions[:, :2]
    else:
        south, north = _limits(surface.losses)
        way = np.column_stack([path.positions[:, 0], path.losses])

    def place(points: Floats) -> Floats:
        with np.errstate(all="ignore"):
            return np.asarray((points - (west, north)) * (WIDTH / (east - west), -HEIGHT / (north - south)), dtype=np.float64)

    if landscape.dim == 2:
        lines.append(("ground", " ".join(svg_path(place(line)) for level in surface.lines[::2] for line in level)))
    else:
        lines.append(("ground", svg_path(place(np.column_stack([surface.x, surface.losses])))))
    pixels = place(way)
    lines.append(("path", svg_path(pixels)))
    marks = [("minimum", *place(np.array([_spot(point.position, point.loss, landscape.dim)]))[0]) for point in landscape.minima]
    marks += [("start", *pixels[0]), ("end", *pixels[-1])]
    seen = [(kind, round(float(x), 1), round(float(y), 1)) for kind, x, y in marks if 0 <= x <= WIDTH and 0 <= y <= HEIGHT]
    losses, labels = _losses(path.losses)
    lines.append(("losses", losses))
    shown = f"{path.optimizer} on {landscape.title}, {path.steps:,} steps: {path.verdict}"
    frames = ((0.0, 0.0, WIDTH, HEIGHT), (0.0, HEIGHT + 16, WIDTH, LOSS_HEIGHT))
    return Picture((WIDTH, HEIGHT + 16 + LOSS_HEIGHT), frames, tuple(lines), tuple(seen), labels, shown)


def svg_path(points: Floats) -> str:
    """The line through ``points`` (n, 2), in pixels; it breaks off where they are no numbers."""
    if len(points) > MOST_POINTS:
        points = points[np.unique(np.linspace(0, len(points) - 1, MOST_POINTS).astype(int))]
    said, drawing = [], False
    for x, y in np.clip(points, -FAR, FAR).tolist():
        if math.isnan(x) or math.isnan(y):
            drawing = False
            continue
        said.append(f"{'L' if drawing else 'M'}{x:.1f} {y:.1f}")
        drawing = True
    return "".join(said)


def _spot(position: Any, loss: float, dim: int) -> tuple[float, float]:
    return (float(position[0]), float(position[1])) if dim == 2 else (float(position[0]), loss)


def _limits(losses: Floats) -> tuple[float, float]:
    """From somewhat below the least to somewhat above the largest loss."""
    finite = losses[np.isfinite(losses)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 1.0)
    margin = 0.06 * (high - low) or 1.0
    return low - margin, high + margin


def _losses(losses: Floats) -> tuple[str, tuple[tuple[float, float, str], ...]]:
    """The losses over the steps, by powers of ten where all are positive and far apart; and the labels of the least and the largest."""
    finite = losses[np.isfinite(losses)]
    if not finite.size:
        return "", ()
    low, high = float(finite.min()), float(finite.max())
    logarithmic = low > 0.0 and high / low > 100.0
    with np.errstate(all="ignore"):
        heights = np.log10(losses) if logarithmic else losses
    bottom, top = (math.log10(low), math.log10(high)) if logarithmic else (low, high)
    with np.errstate(all="ignore"):
        share = (heights - bottom) / ((top - bottom) or 1.0)
    across = np.linspace(0.0, WIDTH, max(len(losses), 2))[: len(losses)]
    down = HEIGHT + 16 + 6 + (LOSS_HEIGHT - 12) * (1.0 - share)
    labels = ((WIDTH - 4, HEIGHT + 30.0, f"{high:.3g}"), (WIDTH - 4, HEIGHT + 10.0 + LOSS_HEIGHT, f"{low:.3g}"))
    return svg_path(np.column_stack([across, down])), labels
