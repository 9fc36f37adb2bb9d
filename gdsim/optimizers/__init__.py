"""How it is minimised: one record an update rule, grouped by family."""

from collections.abc import Mapping
from types import MappingProxyType

from gdsim.optimizers import (
    adafactor,
    adam,
    adam_momentum,
    adam_scale,
    adaptive,
    averaged,
    gradient_descent,
    newton,
    quasi_newton,
    signs,
    step_lengths,
)
from gdsim.optimizers.optimizer import Optimizer

FILES = (
    gradient_descent,
    averaged,
    signs,
    adaptive,
    adafactor,
    adam,
    adam_momentum,
    adam_scale,
    step_lengths,
    quasi_newton,
    newton,
)

OPTIMIZERS: Mapping[str, Optimizer] = MappingProxyType({record.name: record for file in FILES for record in file.OPTIMIZERS})

__all__ = ["OPTIMIZERS", "Optimizer"]
