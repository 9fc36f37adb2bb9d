"""Who paints results: the window's layer, which lies above those that make them. The package as a whole, which lies above all, says who."""

from collections.abc import Callable
from typing import Any

Painter = Callable[..., Any]

SMALLEST, LARGEST = 300, 4096
"""Pixels that a picture may be wide or high: in fewer there is no room for its views."""

_painters: dict[str, Callable[[], Painter]] = {}


def say(what: str, painter: Callable[[], Painter]) -> None:
    """Says that ``painter()``, which is called when a picture is wanted, gives the function that paints ``what``."""
    _painters[what] = painter


def painter_of(what: str) -> Painter:
    """The function that paints ``what``. Raises KeyError where nobody has said who does."""
    return _painters[what]()
