"""Whether a window can be shown here."""

import os
import re
import socket
import sys


def display_problem() -> str | None:
    """Why no window can be shown, in one sentence, or None. Qt itself would abort the process.

    ``QT_QPA_PLATFORM`` names another way of showing windows, which is believed.
    """
    if sys.platform in ("win32", "darwin") or os.environ.get("QT_QPA_PLATFORM") or os.environ.get("WAYLAND_DISPLAY"):
        return None
    display = os.environ.get("DISPLAY", "")
    if not display:
        return "there is no display to open a window on (neither DISPLAY nor WAYLAND_DISPLAY is set)"
    if not _answers(display):
        return f"nothing answers at the display {display!r} (the variable DISPLAY)"
    return None


def _answers(display: str) -> bool:
    """Whether an X server accepts a connection; True for an address of an unusual form, which is left to Qt."""
    parts = re.fullmatch(r"(?:unix|([\w.-]*)):(\d+)(?:\.\d+)?", display)
    if parts is None:
        return True
    host, number = parts[1], int(parts[2])
    # A server on this machine listens in the abstract namespace, at a path, or both.
    local = [f"\0/tmp/.X11-unix/X{number}", f"/tmp/.X11-unix/X{number}"]
    return _connects(socket.AF_INET, (host, 6000 + number)) if host else any(_connects(socket.AF_UNIX, path) for path in local)


def _connects(family: int, address: object) -> bool:
    with socket.socket(family, socket.SOCK_STREAM) as connection:
        connection.settimeout(5.0)
        try:
            connection.connect(address)  # type: ignore[arg-type]
        except (OSError, OverflowError):
            return False
        return True
