"""``gdsim doctor``: what is found on this computer, what is wrong, and what to do about it."""

import os
import platform
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from rich.table import Table
from rich.text import Text

from gdsim.cli.display import display_problem
from gdsim.cli.report import console
from gdsim.version import __version__

PACKAGES = ("numpy", "numba", "llvmlite", "pydantic", "pyarrow", "PySide6-Essentials", "pyqtgraph")
BAD_PYSIDE = {
    "6.9.1": "pyqtgraph does not work with it",
    "6.11.0": "docks and layouts go wrong",
    "6.11.1": "docks and layouts go wrong",
}
START_QT = "from PySide6.QtWidgets import QApplication; QApplication([])"


@dataclass(frozen=True)
class Finding:
    """``advice`` says what to do about something wrong; without it all is well."""

    what: str
    found: str
    advice: str = ""


def examine() -> int:
    """Prints every finding. Returns 1 if something is wrong, else 0."""
    findings = [*versions(), *computer(), cache(), engine(), cuda(), *plugins(), display(), qt()]
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in ("what", "mark", "found"):
        table.add_column(column, overflow="fold")
    for finding in findings:
        mark = Text("wrong", "bold red") if finding.advice else Text("ok", "green")
        table.add_row(Text(finding.what), mark, Text(finding.found))
    out = console()
    out.print(table)
    wrong = [finding for finding in findings if finding.advice]
    for finding in wrong:
        out.print()
        out.print(Text(f"{finding.what}: {finding.advice}"), soft_wrap=True)
    if not wrong:
        out.print("\nNothing is wrong.")
    return 1 if wrong else 0


def versions() -> Iterator[Finding]:
    yield Finding("gdsim", f"{__version__} in {Path(__file__).resolve().parents[1]}")
    python = platform.python_version()
    too_old = "" if sys.version_info >= (3, 11) else "gdsim needs Python 3.11 or later"
    yield Finding("Python", f"{python} ({sys.executable})", too_old)
    for package in PACKAGES:
        try:
            version = metadata.version(package)
        except metadata.PackageNotFoundError:
            yield Finding(package, "not installed", f"install gdsim again, or: pip install {package}")
            continue
        advice = pyside_advice(version, sys.version_info[:2]) if package == "PySide6-Essentials" else ""
        yield Finding(package, version, advice)


def pyside_advice(version: str, python: tuple[int, int]) -> str:
    """What to do about a version of PySide6 that does not work, or nothing."""
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdecimal())
    if numbers >= (6, 12) and python < (3, 12):
        return (
            f"PySide6 {version} aborts on Python {python[0]}.{python[1]} after a few hundred repaints; "
            "use Python 3.12 or later, or: pip install 'PySide6-Essentials<6.12'"
        )
    if version in BAD_PYSIDE:
        return f"{BAD_PYSIDE[version]}; take another: pip install 'PySide6-Essentials!={version}'"
    return ""


def computer() -> Iterator[Finding]:
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    yield Finding("system", f"{platform.system()} {platform.release()}, {platform.machine()}")
    yield Finding("processor", f"{_processor()}, {os.cpu_count()} cores, {usable} of them for this process")


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        return next(line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def cache() -> Finding:
    """The folder of compiled kernels."""
    from gdsim.engine.cache import folder, preferred_folder

    wanted, used = preferred_folder(), folder()
    if used != wanted:
        instead = "nothing is kept" if used is None else f"{used} for this process alone"
        advice = (
            f"make {wanted} a folder of your own that nobody else can write to and that has room, or name another in the variable "
            "GDSIM_CACHE; until then every start compiles anew, which costs a second or so and changes no result"
        )
        return Finding("kernel cache", f"{wanted} cannot be used; {instead}", advice)
    files = [file.stat().st_size for file in used.glob("*.kernel")]
    return Finding("kernel cache", f"{used}, {len(files)} kernels, {sum(files) / 1e6:.1f} MB")


def engine() -> Finding:
    """Whether the engine computes: one run whose end is known."""
    from gdsim.simulation.minimise import minimise

    began = time.perf_counter()
    try:
        path = minimise("quadratic", "sgd", learning_rate=0.5, start=(1.0, 1.0), steps=3, parameters={"a": 1.0, "b": 1.0})
    except Exception as error:  # whatever a broken installation of the compiler raises
        return Finding(
            "engine", f"{type(error).__name__}: {error}", "numba does not work here; install it again: pip install --force-reinstall numba"
        )
    took = f"first run after {time.perf_counter() - began:.2f} s"
    if path.positions[-1].tolist() != [0.125, 0.125]:
        return Finding("engine", f"found {path.positions[-1]} where 0.125, 0.125 is right", "do not trust any result; report this, please")
    return Finding("engine", took)


def cuda() -> Finding:
    """Not having a card is no fault; what would be needed is told all the same."""
    from gdsim.engine.device import card

    found = card()
    return Finding("CUDA", found.said if found.usable or not found.advice else f"{found.said} ({found.advice})")


def plugins() -> Iterator[Finding]:
    """What installed packages add, and what of it does not load."""
    from gdsim.landscapes import LANDSCAPES
    from gdsim.optimizers import OPTIMIZERS
    from gdsim.registry import BROKEN, LOADED

    known = len(LANDSCAPES) + len(OPTIMIZERS)  # looks for plugins
    if not BROKEN:
        added = ", ".join(f"{record} ({point})" for point, record in LOADED.items()) or "none installed"
        yield Finding("plugins", f"{added}; {known} landscapes and optimizers in all")
    for point, error in BROKEN.items():
        yield Finding(f"plugin {point}", error, "update or uninstall the package that offers it; gdsim works without it")


def display() -> Finding:
    """Not having one is no fault: pictures are painted without."""
    problem = display_problem()
    return Finding("display", f"{problem}; gdsim render paints without one" if problem else "there is one")


def qt() -> Finding:
    """Starts Qt in a process of its own, because Qt aborts the process where it cannot start."""
    environment = os.environ | ({"QT_QPA_PLATFORM": "offscreen"} if display_problem() else {})
    try:
        done = subprocess.run([sys.executable, "-c", START_QT], env=environment, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        return Finding("Qt", str(error), "Qt does not start; install it again: pip install --force-reinstall PySide6-Essentials")
    if done.returncode == 0:
        return Finding("Qt", "starts")
    said = done.stderr.strip().splitlines() or [f"ended with status {done.returncode}"]
    advice = (
        "Qt lacks a library of the system, named in the line above. On Debian and Ubuntu: "
        "apt install libegl1 libgl1 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libdbus-1-3 libfontconfig1"
    )
    return Finding("Qt", said[-1], advice)
