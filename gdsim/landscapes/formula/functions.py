"""The functions of a formula: what each is called, how many arguments it takes, the engine's leaf and NumPy's function for it."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np

from gdsim.engine import circular, elementary, intrinsics, kinks, powers


@dataclass(frozen=True, slots=True)
class Function:
    """``leaf`` computes a scalar, compiled or not; ``over`` arrays, with NumPy, in a preview. ``latex`` is how its name is set.

    What derivatives and operators need besides is not ``named``: no formula can call it.
    """

    leaf: Callable[..., Any]
    over: Callable[..., Any]
    latex: str = ""
    named: bool = True


def _sigmoid(u: Any) -> Any:
    return 0.5 + 0.5 * np.tanh(0.5 * u)


def _steep(u: Any, v: Any) -> Any:
    return np.where((u == 0.0) & (v < 0.0), 0.0, np.power(u, v))


def _steep_root(u: Any) -> Any:
    root = np.sqrt(u)
    return np.where(root == 0.0, 0.0, 1.0 / root)


def _of_smaller(a: Any, b: Any, p: Any, q: Any) -> Any:
    return np.where(a < b, p, np.where(a > b, q, 0.5 * p + 0.5 * q))


FUNCTIONS: Mapping[str, Function] = MappingProxyType(
    {
        "sin": Function(elementary.sin, np.sin, r"\sin"),
        "cos": Function(elementary.cos, np.cos, r"\cos"),
        "tan": Function(circular.tan, np.tan, r"\tan"),
        "asin": Function(circular.asin, np.arcsin, r"\arcsin"),
        "acos": Function(circular.acos, np.arccos, r"\arccos"),
        "atan": Function(circular.atan, np.arctan, r"\arctan"),
        "sinh": Function(powers.sinh, np.sinh, r"\sinh"),
        "cosh": Function(powers.cosh, np.cosh, r"\cosh"),
        "tanh": Function(elementary.tanh, np.tanh, r"\tanh"),
        "exp": Function(elementary.exp, np.exp, r"\exp"),
        "log": Function(elementary.log, np.log, r"\ln"),
        "log2": Function(powers.log2, np.log2, r"\log_2"),
        "log10": Function(powers.log10, np.log10, r"\log_{10}"),
        "sqrt": Function(powers.square_root, np.sqrt),
        "sigmoid": Function(elementary.sigmoid, _sigmoid, r"\sigma"),
        "abs": Function(abs, np.abs),
        "sign": Function(kinks.sign, np.sign, r"\operatorname{sign}"),
        "min": Function(kinks.smaller, np.minimum, r"\min"),
        "max": Function(kinks.larger, np.maximum, r"\max"),
        "steep": Function(powers.steep, _steep, named=False),
        "steep_root": Function(powers.steep_root, _steep_root, named=False),
        "of_smaller": Function(kinks.of_smaller, _of_smaller, named=False),
        "power": Function(powers.power, np.power, named=False),
        "divide": Function(intrinsics.divide, np.divide, named=False),
    }
)

ARITIES: Mapping[str, tuple[int, int]] = MappingProxyType(
    dict.fromkeys((*(name for name, function in FUNCTIONS.items() if function.named), "ln", "relu"), (1, 1))
    | {"min": (2, 8), "max": (2, 8)}
)
"""How many arguments, at least and at most, each function of a formula takes. ``ln`` is ``log``, and ``relu(u)`` is ``max(u, 0)``."""

CONSTANTS: Mapping[str, float] = MappingProxyType({"pi": math.pi, "e": math.e})
VARIABLES: Mapping[str, str] = MappingProxyType({"x": "x", "y": "y", "w": "x", "w1": "x", "w2": "y"})
"""What the weights may be called."""

ELSEWHERE: Mapping[str, str] = MappingProxyType(
    {
        "arcsin": "asin(x)",
        "arccos": "acos(x)",
        "arctan": "atan(x)",
        "tg": "tan(x)",
        "lg": "log10(x)",
        "sgn": "sign(x)",
        "fabs": "abs(x)",
        "pow": "x^y",
        "cbrt": "sign(x)*abs(x)^(1/3)",
        "sec": "1/cos(x)",
        "csc": "1/sin(x)",
        "cot": "1/tan(x)",
        "softplus": "log(1 + exp(x))",
        "hypot": "sqrt(x^2 + y^2)",
        "minimum": "min(x, y)",
        "maximum": "max(x, y)",
        "logistic": "sigmoid(x)",
    }
)
"""What is called otherwise here, or can be written with what there is."""
