"""A target's way over a landscape, every step of it: what a run is for gdsim's own optimizers, for anybody's."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from gdsim.harness.target import Target, TargetError
from gdsim.landscapes import Landscape
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.minimise import minimise
from gdsim.simulation.norm import norm
from gdsim.simulation.trajectory import Steps

Floats = NDArray[np.float64]


def course(target: Target, landscape: Landscape, start: Iterable[float] | None = None, steps: int = 1000) -> Steps:
    """``steps`` steps of ``target`` down ``landscape`` from ``start`` (its own start, where it is None); row 0 is the start.

    An optimizer of the catalogue runs as in a scenario, and the answer is a ``Trajectory`` with its verdict. Any other is asked step by
    step, on landscapes without noise and motion. Where it leaves the finite numbers its way ends, with the point that is none.
    Raises TargetError, and ScenarioError for a start or a number of steps that cannot be.
    """
    begin = landscape.start if start is None else tuple(map(float, start))
    if target.record is not None and OPTIMIZERS.get(target.record.name) is target.record:
        return minimise(landscape, target.record.name, start=begin, steps=steps, **target.values)  # type: ignore[arg-type]
    if landscape.noise or landscape.motion is not None:
        raise TargetError(f"{target.name}: only optimizers of the catalogue are run where there is noise or motion")
    if len(begin) != landscape.dim:
        raise TargetError(f"found a start of {len(begin)} weights; {landscape.title} has {landscape.dim}")
    positions, losses, gradients = [np.array(begin)], [], []
    stepper = target.begin(np.array(begin))
    with np.errstate(all="ignore"):
        for _ in range(steps):
            losses.append(float(landscape.loss(*positions[-1])))
            gradients.append(gradient_at(landscape, positions[-1]))
            if not (np.isfinite(losses[-1]) and np.isfinite(gradients[-1]).all()):
                break
            positions.append(np.array(stepper.step(gradients[-1], losses[-1]), dtype=np.float64))
        else:
            losses.append(float(landscape.loss(*positions[-1])))
            gradients.append(gradient_at(landscape, positions[-1]))
    way = np.array(positions)
    with np.errstate(all="ignore"):
        lengths = norm(np.diff(way, axis=0, append=np.full((1, landscape.dim), np.nan)))
    rates = np.full(len(way), float(target.values.get("learning_rate", np.nan)))
    columns = way, np.array(losses), np.array(gradients), lengths, rates
    for column in columns:
        column.flags.writeable = False
    return Steps(*columns)


def gradient_at(landscape: Landscape, position: Floats) -> Floats:
    """The gradient (dim,) at one point."""
    return np.asarray(landscape.gradient(*position), dtype=np.float64).reshape(-1)[: landscape.dim]


def where_it_ended(way: Steps, landscape: Landscape, kind: str | None = None) -> tuple[float, str]:
    """How far from the nearest minimum of ``landscape`` (of this kind) a run ended, infinity if it left the finite numbers; in words."""
    known = [point for point in landscape.minima if kind is None or point.kind == kind]
    if not known:
        raise ValueError(f"of {landscape.title} no {kind or 'minimum'} is known")
    here, loss, steps = way.positions[-1], way.losses[-1], len(way.losses) - 1
    place = ", ".join(f"{weight:.6g}" for weight in here)
    with np.errstate(all="ignore"):
        apart = [float(norm(here - np.array(point.position[: landscape.dim]))) for point in known]
    nearest = int(np.nanargmin(apart)) if not np.isnan(apart).all() else 0
    distance = apart[nearest] if np.isfinite(apart[nearest]) and np.isfinite(loss) else np.inf
    if not np.isfinite(distance):
        return distance, f"it left the finite numbers on {landscape.title} at step {steps:,}, at ({place}) with loss {loss:.6g}"
    at = ", ".join(f"{weight:.6g}" for weight in known[nearest].position)
    said = f"after {steps:,} steps on {landscape.title} it was at ({place}) with loss {loss:.6g}, {distance:.3g} from the "
    return distance, f"{said}{known[nearest].kind} at ({at})"
