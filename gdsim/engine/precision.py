"""The numbers of a kernel: double or single precision."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import FunctionType, MappingProxyType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.single import in_single

PrecisionName = Literal["float64", "float32"]


@dataclass(frozen=True)
class Precision:
    """Its type of number, and the largest gradient norm of a run that goes on: the square of a larger one would leave the type."""

    dtype: type[np.floating[Any]]
    steepest: float

    @property
    def single(self) -> bool:
        return self.dtype is np.float32

    def leaf(self, function: Callable[..., Any]) -> Callable[..., Any]:
        """``function``, a leaf or a template, for these numbers. Raises ValueError for what single precision does not have."""
        return in_single(function) if self.single else function

    def bound(self, bindings: Mapping[str, Any]) -> dict[str, Any]:
        """``bindings`` with every function for these numbers."""
        return {name: self.leaf(value) if isinstance(value, FunctionType) else value for name, value in bindings.items()}

    def numbers(self, array: NDArray[Any]) -> NDArray[Any]:
        """``array`` in this type, without a copy where it is so already; what is too large becomes infinite."""
        if array.dtype == self.dtype:
            return array
        with np.errstate(over="ignore"):
            return array.astype(self.dtype)

    def squares(self, tolerance: float | None, limit: float) -> tuple[np.floating[Any], np.floating[Any]]:
        """The squared gradient norms at or below which a run has converged (-1 for none) and above which it has diverged."""
        steepest = min(limit, self.steepest)
        return self.dtype(-1.0 if tolerance is None else tolerance * tolerance), self.dtype(steepest * steepest)


DOUBLE = Precision(np.float64, 1e150)
SINGLE = Precision(np.float32, 1e18)

PRECISIONS: Mapping[str, Precision] = MappingProxyType({"float64": DOUBLE, "float32": SINGLE})
