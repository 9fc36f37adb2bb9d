"""Methods that look at all weights together, for as many weights as a network has: the vector form of those in ``gdsim.optimizers``.

They do what ``Optimizer.take_step`` does for two weights, in NumPy: their time goes into the losses and gradients that they ask for.
``METHODS[name](here, state, values, step, ground) -> (weights, state, evaluations)`` is one step from ``here``. ``state`` is a dict of
arrays, empty before the first step and never changed in place; ``values`` are the optimizer's parameters by name; ``ground`` answers for
the loss.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from gdsim.networks.methods.curvature import damped_newton, levenberg_marquardt, newton
from gdsim.networks.methods.descent import backtracking, barzilai_borwein, conjugate_gradient, polyak
from gdsim.networks.methods.ground import Ground, Here, State, Step
from gdsim.networks.methods.quasi_newton import bfgs, lbfgs

__all__ = ["METHODS", "Ground", "Here", "State", "Step"]

METHODS: Mapping[str, Callable[[Here, State, Mapping[str, float | bool], int, Ground], Step]] = MappingProxyType(
    {
        "backtracking": backtracking,
        "barzilai_borwein": barzilai_borwein,
        "polyak": polyak,
        "conjugate_gradient": conjugate_gradient,
        "bfgs": bfgs,
        "lbfgs": lbfgs,
        "newton": newton,
        "damped_newton": damped_newton,
        "levenberg_marquardt": levenberg_marquardt,
    }
)
