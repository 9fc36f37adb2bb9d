"""One-dimensional prototypes of what makes descent hard, joined to curves, combined to landscapes of two weights."""

from gdsim.landscapes.prototypes.pieces import PROTOTYPES
from gdsim.landscapes.prototypes.record import COMBINATIONS, SCALES, prototype
from gdsim.landscapes.prototypes.text import PrototypeError

__all__ = ["COMBINATIONS", "PROTOTYPES", "SCALES", "PrototypeError", "prototype"]
