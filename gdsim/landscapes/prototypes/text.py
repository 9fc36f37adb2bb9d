"""What stands in the text of a prototype: pieces joined by "-", one curve a weight, separated by "|"."""

import difflib

from gdsim.landscapes.prototypes.pieces import PROTOTYPES, TURNING

LONGEST = 400
MOST_PIECES = 12

Pieces = tuple[tuple[str, str], ...]


class PrototypeError(ValueError):
    """A prototype that cannot be; says why and what is allowed."""


def parsed(text: str) -> tuple[Pieces, ...]:
    """The pieces of every curve in ``text``, (name, way) each. Raises PrototypeError."""
    if len(text) > LONGEST:
        raise PrototypeError(f"found a text of {len(text)} characters; allowed: at most {LONGEST}")
    curves = text.split("|")
    if len(curves) > 2:
        raise PrototypeError(f"found {len(curves)} curves; allowed: one, or two separated by '|', one for each weight")
    return tuple(_curve(curve) for curve in curves)


def _curve(text: str) -> Pieces:
    names = [name.strip() for name in text.split("-")]
    if len(names) > MOST_PIECES:
        raise PrototypeError(f"found {len(names)} pieces; allowed: at most {MOST_PIECES} to a curve")
    return tuple(_piece(name) for name in names)


def _piece(text: str) -> tuple[str, str]:
    name, colon, way = text.partition(":")
    if name not in PROTOTYPES:
        close = difflib.get_close_matches(name.lower().replace(" ", "_"), PROTOTYPES, n=1)
        meant = f"; did you mean '{close[0]}'?" if close else ""
        raise PrototypeError(f"there is no prototype named {name[:40]!r}{meant} (allowed: {', '.join(PROTOTYPES)})")
    if colon and (name not in TURNING or way not in ("up", "down")):
        raise PrototypeError(f"found {text[:40]!r}; allowed: ':up' or ':down', after {', '.join(TURNING)}")
    return name, way
