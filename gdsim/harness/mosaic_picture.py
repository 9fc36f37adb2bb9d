"""The mosaic of many reports as a picture: a row a trial, a column an optimizer, in strips beside each other."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from gdsim import shipped
from gdsim.harness.mosaic import Block, mosaic
from gdsim.harness.report import Report
from gdsim.harness.trial import Outcome, Verdict
from gdsim.harness.verdict_look import LOOKS
from gdsim.staged import staged

CELL, ROW = 12, 2
"""Width and height of a cell in pixels."""
NAMES, HEADING, GAP, MARGIN, LEGEND = 170, 26, 40, 32, 130
STRIPS = 4
PAPER = {False: ("#fdfcf9", "#22272e", "#5d6570"), True: ("#161b21", "#e8ebee", "#9aa5b1")}
"""Paper, ink and fainter ink, on light and on dark."""


@dataclass(frozen=True)
class Line:
    """What stands in a strip: a heading, or a row of cells; ``block`` is the heading of its block."""

    block: str
    cells: tuple[Outcome | None, ...] | None

    @property
    def height(self) -> int:
        return HEADING if self.cells is None else ROW


def paint_mosaic(reports: Sequence[Report], path: Path, *, dark: bool = False) -> None:
    """Paints into a PNG file, written whole or not at all. Columns stand in the order of their good and excellent trials, the best first;
    the rows of a block in that of the best constant rate of gradient descent, where the trials tell it. Raises OSError.
    """
    image = painted(sorted(reports, key=merit, reverse=True), dark=dark)
    with staged(path.parent) as stage:
        image.save(stage / path.name, optimize=True)


def merit(report: Report) -> tuple[int, int]:
    found = Counter(outcome.verdict for outcome in report.outcomes)
    return found[Verdict.EXCELLENT] + found[Verdict.GOOD], -found[Verdict.DIVERGED]


def painted(reports: Sequence[Report], *, dark: bool = False) -> Image.Image:
    whole = mosaic(reports)
    strips = shared([line for block in whole.blocks for line in lines(block)], STRIPS)
    wide = CELL * len(whole.columns)
    height = max((sum(line.height for line in strip) for strip in strips), default=0)
    size = (2 * MARGIN + STRIPS * (wide + GAP) - GAP, 2 * MARGIN + LEGEND + NAMES + height)
    paper, ink, faint = PAPER[dark]
    image = Image.new("RGB", size, paper)
    pen = ImageDraw.Draw(image)
    _legend(pen, reports, size[0] - 2 * MARGIN, ink, faint)
    for place, strip in enumerate(strips):
        left = MARGIN + place * (wide + GAP)
        _names(image, whole.columns, left, ink)
        _strip(pen, strip, left, wide, ink)
    return image


def lines(block: Block) -> Iterator[Line]:
    """A block's heading and its rows, without those where no trial was put."""
    rows = [row for row in block.cells if any(cell is not None and cell.verdict is not Verdict.SKIPPED for cell in row)]
    if rows:
        heading = f"{block.group or block.family}, {len(rows):,}"
        yield Line(heading, None)
        yield from (Line(heading, row) for row in sorted(rows, key=_best_rate))


def shared(all_lines: Sequence[Line], strips: int) -> list[list[Line]]:
    """The lines in at most so many strips, as low as they can be; a block that goes on in the next has its heading there too."""
    most = math.ceil(sum(line.height for line in all_lines) / strips)
    while len(found := list(_cut(all_lines, most))) > strips:
        most += ROW
    return found


def _cut(all_lines: Sequence[Line], most: int) -> Iterator[list[Line]]:
    """Strips that are no higher than ``most``, but for the room that a heading and its first rows need."""
    strip: list[Line] = []
    filled = 0
    for line in all_lines:
        if strip and most - filled < (line.height if line.cells is not None else HEADING + 20 * ROW):
            yield strip
            strip = [] if line.cells is None else [Line(f"{line.block} (goes on)", None)]
            filled = sum(one.height for one in strip)
        strip.append(line)
        filled += line.height
    yield strip


def _best_rate(row: tuple[Outcome | None, ...]) -> float:
    told = (cell.figures.get("best_rate", math.nan) for cell in row if cell is not None)
    return next((rate for rate in told if not math.isnan(rate)), math.inf)


def _font(size: int, bold: bool = False) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(shipped.assets() / "fonts" / f"Inter-{'SemiBold' if bold else 'Regular'}.otf", size)


def _legend(pen: ImageDraw.ImageDraw, reports: Sequence[Report], wide: int, ink: str, faint: str) -> None:
    """Over as many lines as ``wide`` pixels make it."""
    met = Counter(outcome.verdict for report in reports for outcome in report.outcomes)
    trials = len({outcome.trial.id for report in reports for outcome in report.outcomes if outcome.verdict is not Verdict.SKIPPED})
    pen.text((MARGIN, MARGIN - 6), f"{len(reports)} optimizers in {trials:,} trials", fill=ink, font=_font(24, bold=True))
    pen.text(
        (MARGIN, MARGIN + 40),
        "Columns: the most good and excellent trials first. Blank: the trial does not apply.",
        fill=faint,
        font=_font(14),
        anchor="lm",
    )
    x, y, face = MARGIN, MARGIN + 58, _font(14)
    for verdict in Verdict:
        if not met[verdict] or verdict is Verdict.SKIPPED:
            continue
        text = f"{verdict}: {LOOKS[verdict].meaning}"
        room = 25 + int(pen.textlength(text, font=face))
        if x > MARGIN and x + room > MARGIN + wide:
            x, y = MARGIN, y + 26
        pen.rectangle((x, y, x + 17, y + 17), fill=LOOKS[verdict].fill)
        for stroke in LOOKS[verdict].strokes:
            pen.line([(x + 17 * u, y + 17 * v) for u, v in stroke], fill=LOOKS[verdict].ink, width=2)
        pen.text((x + 25, y + 9), text, fill=ink, font=face, anchor="lm")
        x += room + 32


def _names(image: Image.Image, columns: Sequence[str], left: int, ink: str) -> None:
    for column, name in enumerate(columns):
        label = Image.new("L", (NAMES - 8, CELL + 4), 0)
        ImageDraw.Draw(label).text((0, (CELL + 4) // 2), name, fill=255, font=_font(13), anchor="lm")
        turned = label.rotate(90, expand=True)
        place = (left + column * CELL - 2, MARGIN + LEGEND)
        image.paste(Image.new("RGB", turned.size, ink), place, turned)


def _strip(pen: ImageDraw.ImageDraw, strip: Sequence[Line], left: int, wide: int, ink: str) -> None:
    top = MARGIN + LEGEND + NAMES
    for line in strip:
        if line.cells is None:
            pen.text((left, top + HEADING - 5), line.block, fill=ink, font=_font(13, bold=True), anchor="ls")
        for column, cell in enumerate(line.cells or ()):
            if cell is not None:
                x = left + column * CELL
                pen.rectangle((x, top, x + CELL - 2, top + ROW - 1), fill=LOOKS[cell.verdict].fill)
        top += line.height
