"""A race as a picture: performance profiles, and the time of every optimizer on every problem."""

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from gdsim import shipped
from gdsim.harness.race_result import RaceResult

PAPER = {False: ("#fdfcf9", "#22272e", "#5d6570", "#dad5c8"), True: ("#161b21", "#e8ebee", "#9aa5b1", "#39424d")}
"""Paper, ink, fainter ink and lines, on light and on dark."""
LINES = {
    False: ("#0072b2", "#d55e00", "#009e73", "#b8559a", "#8a6d00", "#2a8fbd"),
    True: ("#56b4e9", "#f0874a", "#2fc49a", "#e08fc4", "#e6c229", "#9fd4ee"),
}
"""Colours of the best entries, after Okabe and Ito; all others are grey."""
WIDE, HIGH, LEFT, TOP = 460, 300, 64, 112
ROW, NAMES, COLUMN = 20, 210, 56
FURTHEST = 16.0
"""Largest ratio of the profile's axis, which is in powers of two."""


def painted(result: RaceResult, *, dark: bool = False) -> Image.Image:
    """The picture of a race, optimizers in the order of their scores."""
    entries, problems = len(result.entries), len(result.problems)
    table = NAMES + 2 * COLUMN + COLUMN * problems
    width = max(LEFT + WIDE + 330, table) + 64
    height = TOP + HIGH + 150 + ROW * entries + 50
    paper, ink, faint, _ = PAPER[dark]
    image = Image.new("RGB", (width, height), paper)
    pen = ImageDraw.Draw(image)
    keys = result.race.keys
    pen.text((32, 22), _cut(keys.title or "Race", 80), ink, _font(24, bold=True))
    tuned = f"{keys.trials} settings ({keys.tuner}) x {keys.seeds} seeds to tune on every problem, {keys.seeds} other seeds that count"
    pen.text((32, 58), f"{entries} optimizers on {problems} problems, {keys.steps:,} evaluations a run; {tuned}", faint, _font(13))
    _profiles(pen, result, dark)
    _table(pen, result, TOP + HIGH + 80, dark)
    return image


def _profiles(pen: ImageDraw.ImageDraw, result: RaceResult, dark: bool) -> None:
    _, ink, faint, line = PAPER[dark]
    taus = np.geomspace(1.0, FURTHEST, 4 * WIDE)
    heights = result.profile(taus)
    pen.text((LEFT, TOP - 24), "Share of problems solved within a multiple of the best time", ink, _font(13, bold=True))
    for share in (0.0, 0.25, 0.5, 0.75, 1.0):
        y = TOP + HIGH * (1.0 - share)
        pen.line((LEFT, y, LEFT + WIDE, y), line)
        pen.text((LEFT - 8, y), f"{share:.0%}", faint, _font(12), anchor="rm")
    for power in range(int(math.log2(FURTHEST)) + 1):
        x = LEFT + WIDE * power / math.log2(FURTHEST)
        pen.line((x, TOP, x, TOP + HIGH), line)
        pen.text((x, TOP + HIGH + 8), f"{2**power}x", faint, _font(12), anchor="mt")
    ranking, colours = result.ranking(), LINES[dark]
    for place, e in reversed(list(enumerate(ranking))):
        colour = colours[place] if place < len(colours) else line
        levels = [TOP + HIGH * (1.0 - height) for height in heights[e]]
        points = [(LEFT + WIDE * k // (len(taus) - 1), y) for k in range(1, len(taus)) for y in (levels[k - 1], levels[k])]
        pen.line(points, colour, 3 if place < len(colours) else 1, joint="curve")
    for place, e in enumerate(ranking[: len(colours)]):
        y = TOP + 12 + 24 * place
        pen.line((LEFT + WIDE + 28, y, LEFT + WIDE + 56, y), colours[place], 3)
        pen.text((LEFT + WIDE + 66, y), f"{_cut(result.entries[e], 30)}   score {result.scores[e]:.2f}", ink, _font(13), anchor="lm")
    if len(ranking) > len(colours):
        y = TOP + 12 + 24 * len(colours)
        pen.line((LEFT + WIDE + 28, y, LEFT + WIDE + 56, y), line, 1)
        pen.text((LEFT + WIDE + 66, y), f"{len(ranking) - len(colours)} others", faint, _font(13), anchor="lm")


def _table(pen: ImageDraw.ImageDraw, result: RaceResult, top: int, dark: bool) -> None:
    """A row an optimizer: score, share solved, and times; the darker a cell, the nearer to the best time of its problem."""
    _, ink, faint, _ = PAPER[dark]
    times, ratios = result.times, result.ratios
    left = NAMES + 2 * COLUMN
    pen.text((32, top - 40), "Evaluations until the goal is reached (median)", ink, _font(13, bold=True))
    for column, name in enumerate(("score", "solved", *result.problems)):
        _slanted(pen, (NAMES + COLUMN * column + COLUMN - 8, top + 64), _cut(name, 16), faint)
    top += 70
    for row, e in enumerate(result.ranking()):
        y = top + ROW * row
        pen.text((32, y + ROW / 2), _cut(result.entries[e], 27), ink, _font(12), anchor="lm")
        for column, text in enumerate((f"{result.scores[e]:.2f}", f"{result.solved[e]:.0%}")):
            pen.text((NAMES + COLUMN * (column + 1) - 8, y + ROW / 2), text, ink, _font(12), anchor="rm")
        for p in range(len(result.problems)):
            x = left + COLUMN * p
            share = 1.0 / ratios[e, p] if math.isfinite(ratios[e, p]) else 0.0
            pen.rectangle((x, y, x + COLUMN - 2, y + ROW - 2), _shade(share, dark))
            text = f"{times[e, p]:,.0f}" if math.isfinite(times[e, p]) else "-"
            colour = "#ffffff" if share > 0.7 and not dark else ink
            pen.text((x + COLUMN - 8, y + ROW / 2 - 1), text, colour, _font(12), anchor="rm")
    end = top + ROW * len(result.entries) + 10
    pen.text((32, end), "score: mean height of the profile from 1x to 4x (AlgoPerf);  - : most runs never got there", faint, _font(12))


def _shade(share: float, dark: bool) -> tuple[int, int, int]:
    """From paper to blue, by the best time over this one."""
    low, high = ((0xFD, 0xFC, 0xF9), (0x1A, 0x6A, 0xA8)) if not dark else ((0x20, 0x27, 0x2F), (0x2B, 0x6F, 0xA8))
    return tuple(round(a + (b - a) * share) for a, b in zip(low, high, strict=True))  # type: ignore[return-value]


def _slanted(pen: ImageDraw.ImageDraw, end: tuple[float, float], text: str, colour: str) -> None:
    """Text that rises from its foot: columns are narrower than names."""
    face = _font(12)
    box = face.getbbox(text)
    stamp = Image.new("L", (math.ceil(box[2]) + 2, 18), 0)
    ImageDraw.Draw(stamp).text((0, 1), text, 255, face)
    turned = stamp.rotate(50, expand=True, resample=Image.Resampling.BICUBIC)
    pen.bitmap((round(end[0]) - 16, round(end[1]) - turned.height), turned, colour)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _font(pixels: int, *, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(shipped.assets() / "fonts" / ("Inter-SemiBold.otf" if bold else "Inter-Regular.otf"), pixels)
