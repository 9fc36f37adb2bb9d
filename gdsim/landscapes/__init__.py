"""What is minimised, closed form: one record a landscape, grouped by family."""

from collections.abc import Mapping
from types import MappingProxyType

from gdsim.landscapes import multimodal, valleys
from gdsim.landscapes.landscape import Landscape, StationaryPoint

LANDSCAPES: Mapping[str, Landscape] = MappingProxyType(
    {record.name: record for family in (valleys, multimodal) for record in family.LANDSCAPES}
)

__all__ = ["LANDSCAPES", "Landscape", "StationaryPoint"]
