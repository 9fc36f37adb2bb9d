"""What the state knows of maps: where the user looks, and what is there."""

from dataclasses import dataclass

from gdsim.app.map_choices import Side
from gdsim.simulation.map_cost import PATIENCE
from gdsim.simulation.map_plane import Picture, Plane, Window


@dataclass(frozen=True)
class Looked:
    """What the user wants of maps: the axes (None: those that suit), what colours tell, and whether basins lie under the trails."""

    sides: tuple[Side, Side] | None = None
    colour: str = "auto"
    basins: bool = False


@dataclass(frozen=True, eq=False)
class Charted:
    """One map: ``plane`` is what is looked at, made for ``subject`` with the axes ``sides``; ``fault`` says why there is none.

    ``window`` of it is in view on ``pixels``. ``number`` names what was ``asked`` last, ``share`` of it is there (None: nothing is on its
    way) and the rest takes ``left`` seconds; ``picture`` is the last that came, of what was asked as number ``shown``. A finer one than
    ``patience`` seconds allow, or than the user waited for, is ``withheld``: it would take so many.
    """

    plane: Plane | None = None
    subject: tuple[object, ...] | None = None
    sides: tuple[Side, Side] | None = None
    fault: str = ""
    window: Window | None = None
    pixels: tuple[int, int] = (400, 400)
    number: int = 0
    asked: tuple[object, ...] | None = None
    share: float | None = None
    left: float | None = None
    patience: float = PATIENCE
    withheld: float | None = None
    picture: Picture | None = None
    shown: int = 0
