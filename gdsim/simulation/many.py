"""Many runs at once, summaries only: what a sweep is made of."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gdsim.engine import descend
from gdsim.engine.clip import clipping
from gdsim.engine.device import Device, Wanted, chosen
from gdsim.engine.precision import PRECISIONS, Precision, PrecisionName
from gdsim.landscapes import Landscape
from gdsim.landscapes.disturbance import memory_of
from gdsim.networks.batches import Batches
from gdsim.optimizers import Optimizer
from gdsim.simulation.fitness import misfit
from gdsim.simulation.run import conditions_of, first_rate, paced, rule_of
from gdsim.simulation.run_batches import cut_up, in_batches
from gdsim.simulation.run_schedule import RunSchedule, schedule_of
from gdsim.simulation.spread import spread

if TYPE_CHECKING:
    from gdsim.engine.cuda_block import CudaBlock

Floats = NDArray[np.float64]

PIECE_STEPS = 2_000_000
"""Steps of work in a piece at most: some 5 ms, short enough to show progress, to cancel, and to share out evenly."""


@dataclass(frozen=True, eq=False)
class Summary:
    """What became of n runs: ``positions`` (n, dim) and ``losses`` (n,) at the end, the ``best`` loss seen, ``steps`` taken and the
    ``evaluations`` that they took (one each, unless the optimizer looks around).

    ``converged`` and ``diverged`` tell which runs ended before the steps ran out, by the same rules as a recorded run; ``status`` is the
    engine's word for it.
    """

    positions: Floats
    losses: Floats
    best: Floats
    steps: NDArray[np.int64]
    status: NDArray[np.int8]
    evaluations: NDArray[np.int64]

    @property
    def converged(self) -> NDArray[np.bool_]:
        return np.asarray(self.status == descend.CONVERGED)

    @property
    def diverged(self) -> NDArray[np.bool_]:
        return np.asarray(self.status == descend.DIVERGED)


class Many:
    """n runs of one optimizer on one landscape, from ``starts`` (n, dim), each with its own parameter values.

    ``values`` holds a number, or an array of length n, for any parameter of the optimizer; booleans are the same for all runs. Raises
    KeyError for an unknown parameter and ValueError for a wrong shape. ``clip_value`` and ``clip_norm`` are as in a scenario's run; for a
    run of many that is not to be clipped, infinity. Noise and motion take their random numbers from ``seed`` and ``streams``, one a run:
    by default each run has its own, 0 to n - 1; a single number makes all runs meet the same ones; ``seeds`` gives each run a seed of its
    own. ``schedule`` changes the learning rate of every run, as in a scenario; where it is none, pydantic.ValidationError (a ValueError) is
    raised. ``parameters`` holds a number, or an array of length n, for any parameter of the landscape, and ``trouble`` a column a run for
    what ``Landscape.trouble`` tells of all: the numbers of its motion and its noise.

    With ``batches`` the optimizer sees mini-batches of the landscape's data, with the random numbers of the run; ``batch_size`` holds a
    number or an array of length n in the place of theirs, which then stay as they are. Without ``whole`` the loss of the whole set is not
    looked at on the way: that saves most of the work. ``best`` then is the least loss at the ends of legs, there is no ``tolerance``, and a
    run has diverged where its batch's loss or gradient is not finite or too steep.

    ``device`` is where they run: ``cpu``, ``cuda`` or ``auto``, a graphics card where there is one (see ``gdsim.engine.device``); that
    changes no bit of any run. Constructor and methods raise DeviceError where the card is not there or fails. With ``precision`` float32
    all arithmetic is in single precision, with the same bits everywhere too; results are float64 arrays all the same. ``fast`` allows the
    card's compiler to fuse products into sums, after which a card's results are its own; nothing is fused on the processor.

    Runs that are a part of more share their kernel if they are told what holds for the whole: ``on``, the switches in use, and ``alike``,
    whether only the learning rate differs.
    """

    def __init__(
        self,
        landscape: Landscape,
        optimizer: Optimizer,
        starts: ArrayLike,
        steps: int,
        tolerance: float | None = None,
        *,
        clip_value: ArrayLike | None = None,
        clip_norm: ArrayLike | None = None,
        seed: int = 0,
        streams: ArrayLike | None = None,
        schedule: RunSchedule | Mapping[str, Any] | None = None,
        seeds: ArrayLike | None = None,
        parameters: Mapping[str, ArrayLike] | None = None,
        trouble: ArrayLike | None = None,
        on: tuple[bool, ...] | None = None,
        alike: bool | None = None,
        batches: Batches | None = None,
        batch_size: ArrayLike | None = None,
        whole: bool = True,
        device: Wanted = "cpu",
        precision: PrecisionName = "float64",
        fast: bool = False,
        **values: ArrayLike | bool,
    ) -> None:
        at = np.atleast_2d(np.asarray(starts, dtype=np.float64))
        if at.ndim != 2 or at.shape[1] != landscape.dim:
            raise ValueError(f"starts must have the shape (n, {landscape.dim}), found {at.shape}")
        runs = len(at)
        unknown = set(values) - set(optimizer.defaults)
        if unknown:
            raise KeyError(f"{optimizer.name} has no parameter {sorted(unknown)[0]!r}; it has {', '.join(optimizer.defaults)}")
        full = optimizer.defaults | values
        hyper = _rows([full[name] for name in optimizer.hyper_names], runs)
        on = tuple(bool(np.any(full[name])) for name in optimizer.switches) if on is None else on
        plan = None if schedule is None else schedule_of(schedule)
        first = (first_rate(hyper[0], plan, steps), *hyper[1:])
        memory, calm = (0.0,) * memory_of(landscape.noise), plan.record.calm if plan else ()
        state = descend.State.start(at.T, optimizer.initial_slots(first), optimizer.initial_shared, memory, calm)
        params = _parameter_rows(landscape, parameters or {}, runs)
        clip, limits = clipping(clip_value, clip_norm)
        rule = paced(rule_of(landscape, optimizer, tuple(hyper), on, clip, limits), plan)
        conditions = conditions_of(landscape, seed, plan, steps)
        self._cost = 1 if landscape.data is None else len(landscape.data)
        if batches is not None:
            if (text := misfit(landscape, optimizer, sampled=True)) is not None:
                raise ValueError(text)
            if landscape.data is None or batches.count != len(landscape.data):
                raise ValueError(f"{landscape.name} is not made of {batches.count} points of data")
            own = None if batch_size is None else np.broadcast_to(np.asarray(batch_size, dtype=np.int64), runs)
            sizes = np.array(batches.sizes) if own is None else own
            if runs and not 1 <= sizes.min() <= sizes.max() <= batches.count:
                raise ValueError(f"batches have 1 to {batches.count} points, found {sizes.min()} to {sizes.max()}")
            if not whole and (tolerance is not None or calm):
                raise ValueError("without the loss of the whole set there is no tolerance, and no schedule that looks at it")
            rule, conditions = in_batches(rule, landscape, whole=whole), cut_up(conditions, batches, runs, own)
            self._cost = self._cost if whole else max(1, int(sizes.max(initial=1)))
        if trouble is not None:
            conditions = replace(conditions, trouble=_rows(np.broadcast_to(trouble, (len(landscape.trouble), runs)), runs))
        self.device = chosen(device)
        self._block = _block(
            (self.device, PRECISIONS[precision], fast),
            rule,
            state,
            params,
            np.concatenate((hyper, _rows(limits, runs))) if limits else hyper,
            alike,
            tolerance=tolerance,
            conditions=conditions,
            streams=np.arange(runs) if streams is None else _rows([streams], runs, np.int64)[0],
            seeds=None if seeds is None else _rows([seeds], runs, np.int64)[0],
        )
        self._dim, self._steps, self._runs = landscape.dim, steps, runs
        pieces = -(-runs * max(1, steps) * self._cost // PIECE_STEPS)
        self.piece = descend.LANES * max(1, -(-runs // (max(1, pieces) * descend.LANES)))

    def advance(self, threads: int | None = None) -> Iterator[int]:
        """Does the work, yielding how many runs are done. Neither ``threads`` nor the cut into pieces changes a bit.

        On a card all runs go side by side, so what is yielded there is the share of the steps in runs.
        """
        if not isinstance(self._block, descend.Block):
            return (int(share * self._runs) for share in self._block.walk(0, self._runs, self._steps))
        return spread(lambda low, high: self._block.advance(low, high, self._steps), self._runs, self.piece, threads)

    def walk(self, steps: int) -> None:
        """Takes every run ``steps`` further, on this thread: the first leg of the way, or the next."""
        self._block.advance(0, self._runs, steps)
        self._block.move_on(steps)

    def through(self, legs: Sequence[int], *, losses: bool = False) -> tuple[Floats, Floats]:
        """``walk`` leg by leg, of which the first may have no steps; returns where the runs stood at the end of each, (legs, 2, n), and,
        where asked for, the ``losses`` there, (legs, n), which before the first step need not be known.
        """
        return self._block.through(legs, losses=losses)

    @property
    def weights(self) -> Floats:
        """Where the runs stand, (2, n): not a copy, unless they are on a card or in float32. A curve's second row is 0."""
        return self._block.weights

    @property
    def losses(self) -> Floats:
        """The losses where the runs stand, (n,): not a copy, unless they are on a card or in float32."""
        return self._block.summaries.losses

    def summary(self) -> Summary:
        ends = self._block.summaries
        return Summary(
            positions=self.weights[: self._dim].copy().T,
            losses=ends.losses,
            best=ends.best,
            steps=ends.taken,
            status=ends.status.copy(),
            evaluations=ends.evaluations,
        )


def _block(where: tuple[Device, Precision, bool], *given: Any, **more: Any) -> "descend.Block | CudaBlock":
    device, precision, fast = where
    *common, alike = given
    if device == "cpu":
        return descend.Block(*common, alike=alike, precision=precision, **more)
    from gdsim.engine.cuda_block import CudaBlock

    return CudaBlock(*common, precision=precision, fast=fast, **more)


def _parameter_rows(landscape: Landscape, changed: Mapping[str, ArrayLike], runs: int) -> Floats:
    """The landscape's parameters, one row each and one column a run."""
    names = [param.name for param in landscape.parameters]
    unknown = set(changed) - set(names)
    if unknown:
        raise KeyError(f"{landscape.name} has no parameter {sorted(unknown)[0]!r}; it has {', '.join(names) or 'none'}")
    full = dict(zip(names, landscape.values, strict=True)) | dict(changed)
    return _rows([full[name] for name in names], runs)


def _rows(values: Sequence[ArrayLike] | Floats, runs: int, dtype: type[np.generic] = np.float64) -> NDArray[Any]:
    """One row for each of the ``values``, a number or an array of length ``runs``. Raises ValueError for another length."""
    rows = np.empty((len(values), runs), dtype)
    for row, value in zip(rows, values, strict=True):
        row[:] = value
    return rows


def run_many(
    landscape: Landscape,
    optimizer: Optimizer,
    starts: ArrayLike,
    steps: int,
    tolerance: float | None = None,
    threads: int | None = None,
    **values: Any,
) -> Summary:
    """``Many`` in one call: all runs, whole."""
    many = Many(landscape, optimizer, starts, steps, tolerance, **values)
    for _ in many.advance(threads):
        pass
    return many.summary()
