"""Noise and motion bound to a landscape: the leaves that the engine's templates ask for.

The engine hands both of them one tuple, ``trouble``: the numbers of the motion, then those of every noise in turn.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call,name-defined"
# ruff: noqa: F821 (names in capitals, and value_and_gradient, stand free: composed and bound)

from collections.abc import Callable
from functools import cache
from typing import Any

from gdsim.engine.batch import in_place
from gdsim.engine.compose import composed
from gdsim.engine.templates import still
from gdsim.landscapes.motion import DRAW, Motion
from gdsim.landscapes.noise import Noise

Leaf = Callable[..., Any]


def moved(x, y, values, trouble, step, seed, stream):
    """``observe`` of a landscape that moves."""
    offset_x, offset_y, factor = PLACE(trouble[:END], step, seed, stream, DRAW)
    loss, gx, gy = value_and_gradient(x - offset_x, y - offset_y, values)
    return factor * loss, factor * gx, factor * gy


def displaced(x, y, trouble, step, seed, stream):
    """``displace`` of a landscape that moves: where a point lies on it, and the factor of its loss."""
    offset_x, offset_y, factor = PLACE(trouble[:END], step, seed, stream, DRAW)
    return x - offset_x, y - offset_y, factor


def noisy(gx, gy, x, y, memory, trouble, step, seed, stream):
    """``disturb`` of one noise and of those that follow it."""
    gx, gy, own = NOISE(gx, gy, x, y, memory[:KEPT], trouble[BEGIN:END], step, seed, stream, NUMBER)
    gx, gy, others = FOLLOWING(gx, gy, x, y, memory[KEPT:], trouble, step, seed, stream)
    return gx, gy, own + others


def end_of_plane(gx, gy, x, y, memory, trouble, step, seed, stream):
    return gx, gy, ()


def end_of_curve(gx, gy, x, y, memory, trouble, step, seed, stream):
    """A curve has no second weight for noise to move."""
    return gx, 0.0, ()


def observe(motion: Motion | None) -> Leaf:
    """The ``observe`` of the engine's templates. Motions of one kind share it."""
    return still if motion is None else _moved(motion.place, len(motion.values))


def displace(motion: Motion | None) -> Leaf:
    """The ``displace`` of the engine's batches."""
    return in_place if motion is None else _displaced(motion.place, len(motion.values))


@cache
def _displaced(place: Leaf, numbers: int) -> Leaf:
    return composed(displaced, PLACE=place, END=numbers)


@cache
def _moved(place: Leaf, numbers: int) -> Leaf:
    return composed(moved, PLACE=place, END=numbers)


def disturb(motion: Motion | None, noise: tuple[Noise, ...], dim: int) -> Leaf | None:
    """The ``disturb`` of the engine's templates, or None where there is no noise. Noises of the same kinds share it."""
    first = len(motion.values) if motion else 0
    return _noisy(tuple((each.disturb, len(each.values), each.memory) for each in noise), first, 0, dim) if noise else None


def memory_of(noise: tuple[Noise, ...]) -> int:
    """How many numbers the noise keeps a run; all are 0 at first."""
    return sum(each.memory for each in noise)


@cache
def _noisy(kinds: tuple[tuple[Leaf, int, int], ...], first: int, number: int, dim: int) -> Leaf:
    if not kinds:
        return end_of_plane if dim == 2 else end_of_curve
    (leaf, numbers, memory), *rest = kinds
    following = _noisy(tuple(rest), first + numbers, number + 1, dim)
    return composed(noisy, NOISE=leaf, KEPT=memory, BEGIN=first, END=first + numbers, NUMBER=number, FOLLOWING=following)
