"""How it is minimised: one record an update rule, grouped by family."""

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
from gdsim.registry import Registry

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

OPTIMIZERS: Registry[Optimizer] = Registry(Optimizer, "gdsim.optimizers", (record for file in FILES for record in file.OPTIMIZERS))
"""Every optimizer by name, read-only, in the order in which menus show them; installed packages add to it."""

__all__ = ["OPTIMIZERS", "Optimizer"]
