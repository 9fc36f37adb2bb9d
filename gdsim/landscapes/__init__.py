"""What is minimised, closed form: one record a landscape, grouped by family.

To add one: write its leaves and its record in the file of its family and name the record in that file's ``LANDSCAPES``.
"""

from gdsim.landscapes import (
    bowls,
    deceptive,
    furrows,
    humps,
    kinks,
    multimodal,
    pits,
    plateaus,
    plates,
    rings,
    ripples,
    saddles,
    teaching,
    valleys,
    waves,
)
from gdsim.landscapes.landscape import Landscape, StationaryPoint
from gdsim.registry import Registry

FAMILIES = (teaching, bowls, plates, valleys, saddles, pits, humps, multimodal, waves, ripples, rings, furrows, plateaus, kinks, deceptive)


LANDSCAPES: Registry[Landscape] = Registry(Landscape, "gdsim.landscapes", (record for family in FAMILIES for record in family.LANDSCAPES))
"""Every landscape by name, read-only, in the order in which menus show them; installed packages add to it."""

__all__ = ["LANDSCAPES", "Landscape", "StationaryPoint"]
