"""How the learning rate changes from step to step: one record a schedule, grouped by family."""

from collections.abc import Mapping
from types import MappingProxyType

from gdsim.schedules import combined, cyclic, decaying, plateau, points
from gdsim.schedules.schedule import Schedule

FILES = (decaying, cyclic, plateau, points, combined)

SCHEDULES: Mapping[str, Schedule] = MappingProxyType({record.name: record for file in FILES for record in file.SCHEDULES})

__all__ = ["SCHEDULES", "Schedule"]
