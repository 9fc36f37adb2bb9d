"""How it is minimised: one record an update rule, grouped by family."""

from collections.abc import Mapping
from types import MappingProxyType

from gdsim.optimizers import adam, adaptive, gradient_descent
from gdsim.optimizers.optimizer import Optimizer

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType(
    {record.name: record for family in (gradient_descent, adaptive, adam) for record in family.OPTIMIZERS}
)

__all__ = ["OPTIMIZERS", "Optimizer"]
