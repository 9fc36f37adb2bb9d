"""What is minimised, closed form: one record a landscape, grouped by family.

To add one: write its leaves and its record in the file of its family and name the record in that file's ``LANDSCAPES``.
"""

from collections.abc import Mapping
from types import MappingProxyType

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

FAMILIES = (teaching, bowls, plates, valleys, saddles, pits, humps, multimodal, waves, ripples, rings, furrows, plateaus, kinks, deceptive)


def _by_name() -> dict[str, Landscape]:
    records: dict[str, Landscape] = {}
    for family in FAMILIES:
        for record in family.LANDSCAPES:
            if record.name in records:
                raise ValueError(f"two landscapes are named {record.name!r}")
            records[record.name] = record
    return records


LANDSCAPES: Mapping[str, Landscape] = MappingProxyType(_by_name())
"""Every landscape by name, read-only, in the order in which menus show them."""

__all__ = ["LANDSCAPES", "Landscape", "StationaryPoint"]
