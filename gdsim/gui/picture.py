"""Pictures of a scenario in a file, painted by the window's own views without a window."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QImage, QPaintDevice, QPainter

from gdsim.app.predicting import MOST_ASKED
from gdsim.app.state import AppState, ManySeeds, Said, ThemeChoice, Track
from gdsim.gui.application import application
from gdsim.gui.canvas import pixels_of
from gdsim.gui.palette import DARK, LIGHT, Theme, run_style
from gdsim.gui.paper import pdf, png, svg
from gdsim.gui.sheet import Sheet
from gdsim.painting import LARGEST, SMALLEST
from gdsim.simulation.answers import answers, places
from gdsim.simulation.ensemble import Ensemble
from gdsim.simulation.ensemble_store import keep_ensemble, kept_ensemble
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.run import run
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import survey
from gdsim.simulation.training_record import TrainingSteps
from gdsim.simulation.trajectory import Result, Trajectory

Progress = Callable[[float], None]

FRAME_MS = 40
PLAY_FRAMES = 110
LAST_FRAME_MS = 1600
GIF_WIDTH = 960
MEMBERS = ".npz"
"""A file beside a scenario's, for a process that paints it with its ensemble."""


def render(
    source: Scenario | Result | Ensemble,
    path: str | os.PathLike[str],
    theme: Literal["light", "dark"] = "light",
    size: tuple[int, int] = (1280, 800),
    progress: Progress | None = None,
) -> None:
    """Paints a scenario (running it first), a result or an ensemble into ``path``; its suffix says how: ``.png``, ``.svg``, ``.pdf``, or
    ``.gif``, an animation of 6 seconds at most 960 pixels wide. ``size`` in pixels; ``progress`` hears shares from 0 to 1.

    The file is written whole or not at all. Works without a display. In a process with a QApplication, call it on that one's thread;
    ``render_apart`` may be called on any. Raises ValueError for another suffix or size, OSError if the file cannot be written.
    """
    _check_size(size)
    moving = Path(path).suffix.lower() == ".gif"
    write_sheet(lambda: Sheet(_state(source, moving), {"light": LIGHT, "dark": DARK}[theme], size), path, progress)


def paint_result(
    result: Result,
    path: str | os.PathLike[str] | None = None,
    *,
    theme: Literal["light", "dark"] = "light",
    size: tuple[int, int] = (1280, 800),
) -> NDArray[np.uint8] | None:
    """``render`` of a result; without a ``path`` the pixels come back, (height, width, 4), RGBA."""
    if path is not None:
        render(result, path, theme, size)
        return None
    _check_size(size)
    application(headless=True)
    sheet = Sheet(_state(result), {"light": LIGHT, "dark": DARK}[theme], size)
    try:
        return pixels_of(_image(sheet))
    finally:
        sheet.close()


def _check_size(size: tuple[int, int]) -> None:
    if not all(SMALLEST <= side <= LARGEST for side in size):
        raise ValueError(f"found a size of {size[0]} x {size[1]}; allowed: each from {SMALLEST} to {LARGEST} pixels")


def write_sheet(make: Callable[[], Any], path: str | os.PathLike[str], progress: Progress | None = None) -> None:
    """Paints the sheet that ``make`` gives once there is an application into ``path``, as ``render`` does."""
    target = Path(path)
    write = WRITERS.get(target.suffix.lower())
    if write is None:
        raise ValueError(f"{target}: a picture is one of {', '.join(WRITERS)}, not {target.suffix or 'a file without a suffix'}")
    if not target.parent.is_dir():
        raise FileNotFoundError(f"{target}: there is no folder {target.parent}")
    application(headless=True)
    sheet = make()
    try:
        content = write(sheet, progress or _nobody_listens)
    finally:
        sheet.close()
    _write_whole(target, content)


def _state(source: Scenario | Result | Ensemble, moving: bool = False) -> AppState:
    """The state at the end of the recording; with what is said on the way if the picture is ``moving``."""
    seeds = ManySeeds(on=True, ensemble=source) if isinstance(source, Ensemble) else ManySeeds()
    result = source if isinstance(source, Result) else run(source.scenario if isinstance(source, Ensemble) else source)
    scenario = result.scenario
    tracks = tuple(Track(0, whole, whole.verdict, whole.converged_at, whole.diverged_at) for whole in result.runs)
    surface = None if scenario.is_network else survey(scenario.landscape)
    said = tuple(_said(scenario, whole, moving) for whole in result.runs[:MOST_ASKED])
    state = AppState(scenario, scenario, surface=surface, tracks=tracks, said=said, seeds=seeds)
    return replace(state, playhead=float(state.last_step))


def _said(scenario: Scenario, whole: Trajectory, moving: bool) -> Said | None:
    """What a network said at the end, and on its way if the picture is ``moving``."""
    problem = scenario.problem
    if not isinstance(problem, NetworkProblem) or not isinstance(whole, TrainingSteps):
        return None
    kept, where = whole.snapshots, places(problem)
    last = len(kept.steps) - 1
    rows = np.unique(np.linspace(0, last, min(last + 1, PLAY_FRAMES // 2)).astype(int)) if moving else [last]
    return Said(0, {int(kept.steps[row]): answers(problem, kept.weights[row], kept.buffers[row], where) for row in rows})


def _nobody_listens(_share: float) -> None: ...


def _density() -> int:
    """Pixels an inch: the screen's, because the axes were laid out for it."""
    return round(QGuiApplication.primaryScreen().logicalDotsPerInch())


def _paint(sheet: Sheet, device: QPaintDevice) -> None:
    painter = QPainter(device)
    try:
        sheet.paint(painter)
    finally:
        painter.end()


def _image(sheet: Sheet) -> QImage:
    image = QImage(QSize(*sheet.size), QImage.Format.Format_RGB32)
    _paint(sheet, image)
    return image


def _png(sheet: Sheet, progress: Progress) -> bytes:
    content = png(_image(sheet))
    progress(1.0)
    return content


def _on_paper(paper: Callable[..., bytes]) -> Callable[[Sheet, Progress], bytes]:
    def write(sheet: Sheet, progress: Progress) -> bytes:
        title = sheet.state.scenario.title or sheet.state.scenario.problem.title
        content = paper(sheet.size, title, lambda device: _paint(sheet, device), _density())
        progress(1.0)
        return content

    return write


def _gif(sheet: Sheet, progress: Progress) -> bytes:
    import io

    from PIL import Image

    def frame() -> Image.Image:
        picture = _image(sheet)
        if picture.width() > GIF_WIDTH:
            picture = picture.scaledToWidth(GIF_WIDTH, Qt.TransformationMode.SmoothTransformation)
        picture = picture.convertToFormat(QImage.Format.Format_RGB888)
        raw = bytes(picture.constBits())
        return Image.frombuffer("RGB", (picture.width(), picture.height()), raw, "raw", "RGB", picture.bytesPerLine(), 1)

    last = sheet.state.playhead
    count = min(PLAY_FRAMES, max(int(last) * 4, 2))
    # The end has every colour: one palette for all frames is smaller, and nothing flickers. Thin lines are too few pixels to win a place in
    # it by themselves, so the runs' colours and their blends with the paper have theirs kept.
    kept = [shade for index in range(len(sheet.state.scenario.runs)) for shade in _blends(run_style(index).colour, sheet.theme)]
    kept = kept[:128]
    common = frame().quantize(254 - len(kept), dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*(channel for shade in kept for channel in shade), *common][: 3 * 254])
    frames = []
    for k in range(count):
        # The first steps are the ones to watch.
        sheet.seek(last * (k / (count - 1)) ** 1.6)
        frames.append(frame().quantize(palette=palette, dither=Image.Dither.NONE))
        progress((k + 1) / (count + 1))
    durations = [FRAME_MS] * (count - 1) + [LAST_FRAME_MS]
    content = io.BytesIO()
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, optimize=True)
    progress(1.0)
    return content.getvalue()


def _blends(colour: str, theme: Theme) -> list[tuple[int, int, int]]:
    """A run's colour, its marker's edge, and the colour on its way to the paper as its smooth edges and what is ahead have it."""
    own, paper = QColor(colour), QColor(theme.plot)
    edge = own.darker(135)
    shades = [(own.red(), own.green(), own.blue()), (edge.red(), edge.green(), edge.blue())]
    for share in (0.65, 0.4, 0.28, 0.15):
        pairs = ((own.red(), paper.red()), (own.green(), paper.green()), (own.blue(), paper.blue()))
        red, green, blue = (round(share * a + (1 - share) * b) for a, b in pairs)
        shades.append((red, green, blue))
    return shades


WRITERS: dict[str, Callable[[Any, Progress], bytes]] = {".png": _png, ".svg": _on_paper(svg), ".pdf": _on_paper(pdf), ".gif": _gif}


def _write_whole(target: Path, content: bytes) -> None:
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def render_apart(source: Scenario | Ensemble, path: Path, theme: ThemeChoice = "light") -> Iterator[float]:
    """The same in a process of its own, from any thread; while it waits it yields the share that is painted. Closed half-way, it ends the
    process and leaves nothing.

    Raises OSError with what went wrong.
    """
    from gdsim.simulation.scenario_file import save

    ensemble = source if isinstance(source, Ensemble) else None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "scenario.toml"
        save(source.scenario if isinstance(source, Ensemble) else source, file)
        if ensemble is not None:
            keep_ensemble(ensemble, file.with_suffix(MEMBERS))
        chosen = "dark" if theme == "dark" else "light"
        environment = os.environ | {"QT_QPA_PLATFORM": "offscreen"}
        command = [sys.executable, "-m", "gdsim.gui.picture", str(file), str(path.absolute()), chosen]
        told = Path(folder) / "told"
        with (
            told.open("wb") as out,
            subprocess.Popen(command, env=environment, stdout=out, stderr=subprocess.PIPE, text=True) as process,
        ):
            try:
                while True:
                    try:
                        _, complaint = process.communicate(timeout=0.02)
                        break
                    except subprocess.TimeoutExpired:
                        yield _last_share(told)
            finally:
                if process.poll() is None:
                    process.kill()
            if process.returncode:
                raise OSError(complaint.strip().splitlines()[-1] if complaint.strip() else f"{path}: the picture could not be painted")


def _last_share(told: Path) -> float:
    lines = told.read_text().split("\n")[:-1]
    return float(lines[-1]) if lines else 0.0


def _tell_share(share: float) -> None:
    sys.stdout.write(f"{share:.3f}\n")
    sys.stdout.flush()


def _main(file: str, path: str, theme: Literal["light", "dark"]) -> int:
    from gdsim.simulation.scenario_file import load

    try:
        scenario, members = load(file), Path(file).with_suffix(MEMBERS)
        render(kept_ensemble(scenario, members) if members.exists() else scenario, path, theme, progress=_tell_share)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:4]))  # type: ignore[arg-type]
