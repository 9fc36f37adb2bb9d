"""Random numbers by the array, each the one that its name has (``gdsim.engine.random``)."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (pair stands free: specialise)

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.random import normals, uniforms
from gdsim.engine.specialise import specialise


def fill(seed, stream, step, draw, out):
    for i in range(0, out.size - 1, 2):
        out[i], out[i + 1] = pair(seed, stream, step, draw + i // 2)
    if out.size % 2 == 1:
        out[-1] = pair(seed, stream, step, draw + out.size // 2)[0]


def _numbers(pair: Callable[..., Any], count: int, seed: int, stream: int, step: int, draw: int) -> NDArray[np.float64]:
    out = np.empty(count)
    specialise(fill, pair=pair)(seed, stream, step, draw, out)
    return out


def uniform_numbers(count: int, seed: int, stream: int, step: int, draw: int) -> NDArray[np.float64]:
    """``count`` numbers uniform on (0, 1): those of ``uniforms`` at ``draw``, then at the following draws."""
    return _numbers(uniforms, count, seed, stream, step, draw)


def normal_numbers(count: int, seed: int, stream: int, step: int, draw: int) -> NDArray[np.float64]:
    """``count`` standard normal numbers: those of ``normals`` at ``draw``, then at the following draws."""
    return _numbers(normals, count, seed, stream, step, draw)
