"""The catalogue of unit trials as arrays of numbers: what the leaves of ``unit_leaves`` look at."""

import hashlib
import math
from functools import cache
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.elementary import sincos
from gdsim.engine.random import normals
from gdsim.harness import unit_leaves as leaves
from gdsim.harness.unit_catalogue import CATALOGUE, CURL, DRIFT, NOISES, WALKS, UnitTrial
from gdsim.landscapes.prototypes import SCALES
from gdsim.landscapes.prototypes.pieces import concatenated
from gdsim.landscapes.prototypes.tabled import table
from gdsim.landscapes.prototypes.text import parsed

Floats = NDArray[np.float64]
World = tuple[Floats, NDArray[np.int64], NDArray[np.int64], Floats, Floats, Floats]

PLACES = MappingProxyType({name: index for index, name in enumerate(CATALOGUE)})
"""Which row of the world a trial is, by id."""

NORM_OF = {"": leaves.ALONE, "l1": leaves.L1, "l2": leaves.L2, "max": leaves.MAX}
KIND_OF = {
    "noiseless": leaves.NOISELESS,
    "additive": leaves.ADDITIVE,
    "multiplicative": leaves.MULTIPLICATIVE,
    "mask": leaves.MASK,
    "cauchy": leaves.CAUCHY,
}
ANGLES = (40.0, 70.0, 115.0, 205.0, 310.0)
"""Degrees by which planes are turned, one for each pair of curves."""

ROTATION_SEED, EDDY_SEED = 1312, 6055


@cache
def world() -> World:
    """(numbers, curves, begins, segments, starts, matrices), see ``unit_leaves``; rows are the trials in the catalogue's order."""
    trials = tuple(CATALOGUE.values())
    needed = {(text, SCALES[trial.scale].sign): None for trial in trials for text in trial.curves}
    begins_at = {key: index for index, key in enumerate(needed)}
    segments, begins = table([concatenated(parsed(text)[0], sign) for text, sign in needed])
    numbers, starts = np.zeros((len(trials), leaves.EDDY + 1)), np.zeros((len(trials), leaves.MOST))
    curves = np.zeros((len(trials), leaves.MOST), np.int64)
    matrices: dict[tuple[str, int, tuple[str, ...]], Floats] = {}
    for k, trial in enumerate(trials):
        scale, (kind, level) = SCALES[trial.scale], NOISES[trial.noise]
        row = numbers[k]
        row[[leaves.DIM, leaves.NORM, leaves.HEIGHT, leaves.SLOPE]] = trial.dim, NORM_OF[trial.norm], scale.height, scale.slope
        row[[leaves.KIND, leaves.LEVEL, leaves.TURN, leaves.EDDY]] = KIND_OF[kind], level, -1.0, -1.0
        row[leaves.DRIFT] = DRIFT if trial.change == "drift" else 0.0
        row[[leaves.SCALE_WALK, leaves.NOISE_WALK, leaves.OFFSET_WALK]] = [size * (trial.change == name) for name, size in WALKS.items()]
        curves[k, : trial.dim] = [begins_at[text, scale.sign] for text in trial.curves]
        if trial.structure in ("rotated", "curled"):
            key = (trial.structure, trial.dim, trial.curves)
            if key not in matrices:
                matrices[key] = _padded(rotation(trial) if trial.structure == "rotated" else eddy(trial))
            place = list(matrices).index(key)
            if trial.structure == "rotated":
                row[leaves.TURN] = place
                # Where the start of the landscape is once it is turned about its middle.
                starts[k] = 0.5 - 0.5 * matrices[key].sum(axis=0)
            else:
                row[[leaves.EDDY, leaves.CURL]] = place, CURL * scale.slope
    return numbers, curves, begins, segments, starts, np.array(list(matrices.values()))


def _padded(matrix: Floats) -> Floats:
    whole = np.zeros((leaves.MOST, leaves.MOST))
    whole[: len(matrix), : len(matrix)] = matrix
    return whole


@cache
def _joins(dim: int) -> tuple[tuple[str, ...], ...]:
    return tuple(dict.fromkeys(trial.curves for trial in CATALOGUE.values() if trial.dim == dim))


def angle(trial: UnitTrial) -> float:
    """Degrees by which a trial of two dimensions is turned."""
    return ANGLES[_joins(2).index(trial.curves)] if trial.structure == "rotated" else 0.0


def rotation(trial: UnitTrial) -> Floats:
    """The rotation of a trial, (dim, dim): w is seen at 0.5 + Q (w - 0.5)."""
    if trial.dim == 2:
        sine, cosine = sincos(0.017453292519943295 * angle(trial))  # type: ignore[no-untyped-call]
        return np.array([[cosine, sine], [-sine, cosine]])
    return orthogonal(trial.dim, ROTATION_SEED, _joins(trial.dim).index(trial.curves))


def eddy(trial: UnitTrial) -> Floats:
    """A matrix (dim, dim) that is skew-symmetric and orthogonal: quarter turns in planes, which in two dimensions there is one of."""
    quarter = np.kron(np.eye(trial.dim // 2), np.array([[0.0, -1.0], [1.0, 0.0]]))
    if trial.dim == 2:
        return quarter
    basis = orthogonal(trial.dim, EDDY_SEED, _joins(trial.dim).index(trial.curves))
    turned = _product(_product(basis.T, quarter), basis)
    return 0.5 * (turned - turned.T)


def orthogonal(n: int, seed: int, stream: int) -> Floats:
    """An orthogonal matrix (n, n), uniform among them: the Gram-Schmidt process on normal numbers, in the same order everywhere."""
    rows: list[list[float]] = []
    for i in range(n):
        pairs: list[Any] = [normals(seed, stream, i, j) for j in range(-(-n // 2))]  # type: ignore[no-untyped-call]
        row = [float(number) for pair in pairs for number in pair][:n]
        for _ in range(2):  # the second time takes away what rounding left of the others
            for other in rows:
                along = sum(a * b for a, b in zip(row, other, strict=True))
                row = [a - along * b for a, b in zip(row, other, strict=True)]
            length = math.sqrt(sum(a * a for a in row))
            row = [a / length for a in row]
        rows.append(row)
    return np.array(rows)


def _product(a: Floats, b: Floats) -> Floats:
    """a b, summed in the same order everywhere."""
    return np.array([[sum(float(x) * float(y) for x, y in zip(row, column, strict=True)) for column in b.T] for row in a])


def digest() -> str:
    """Of all that makes the trials what they are, to nine digits: equal on every processor."""
    state = hashlib.sha256("\n".join(CATALOGUE).encode())
    for array in world():
        state.update(" ".join(f"{number:.9g}" for number in array.ravel()).encode())
    return state.hexdigest()[:16]
