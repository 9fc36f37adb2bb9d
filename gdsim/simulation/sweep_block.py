"""Any runs of a sweep, computed: their numbers as columns of a block, taken down the hill together, and judged.

A number that is data for the engine (a hyper-parameter, a start, a parameter of the landscape or of its noise, a seed) has a column. One
that chooses code or a table (a switch, a batch size, a parameter of a schedule) cuts the runs into groups with a scenario each.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.device import Device, DeviceError, Wanted, chosen
from gdsim.engine.evaluate import over_steps
from gdsim.engine.random import normals
from gdsim.landscapes import Landscape
from gdsim.landscapes.motion import DRAW
from gdsim.networks.batches import Batches
from gdsim.simulation import sweep_targets
from gdsim.simulation.many import Many, Summary
from gdsim.simulation.moments import Moments, moments_of
from gdsim.simulation.noise_floor import is_noisy
from gdsim.simulation.run import SHARED_STREAM, start_of
from gdsim.simulation.run_batches import batches_of, looks_at_all, steps_of
from gdsim.simulation.scenario import NormalStart, Run, Scenario
from gdsim.simulation.shaken import Late, Shaken, settle
from gdsim.simulation.sweep_axes import Sweep
from gdsim.simulation.sweep_networks import NetworkGroup
from gdsim.simulation.sweep_plan import Numbered, Plan, PlannedAxis, Rows, told_apart
from gdsim.simulation.sweep_verdict import Ends, Judged, ground_of, judge

Floats = NDArray[np.float64]
Columns = dict[str, NDArray[Any]]

KINDS: Mapping[str, Any] = {
    "verdict": np.int8,
    "steps": np.int32,
    "minimum": np.int16,
    "final_loss": np.float64,
    "best_loss": np.float64,
    "x": np.float64,
    "y": np.float64,
    "gradient_norm": np.float64,
    "lowest_curvature": np.float64,
    "sharpness": np.float64,
    "contraction_rate": np.float64,
    "score": np.float64,
    "trainability": np.float64,
}
"""The columns of sweeps. A curve has no y."""

ONE_BY_ONE = (
    "CUDA is not used: of these trainings some go one by one, which is for the processor (mini-batches, early stopping, dropout, batch "
    "normalisation, very many points or a method that looks at all weights together); allowed: auto or cpu"
)
OF_NETWORKS = ("verdict", "steps", "final_loss", "best_loss", "gradient_norm", "score", "trainability")


def empty(plan: Plan, count: int) -> Columns:
    """Columns for ``count`` runs, not filled yet: numbers of the sweep's precision."""
    real = plan.precision.dtype
    return {name: np.empty(count, real if KINDS[name] is np.float64 else KINDS[name]) for name in columns_of(plan.scenario)}


def columns_of(scenario: Scenario) -> list[str]:
    """The columns that a sweep of this scenario has."""
    if scenario.is_network:
        return list(OF_NETWORKS)
    return [name for name in KINDS if name not in ("score", "trainability") and (name != "y" or scenario.landscape.dim == 2)]


class Computer:
    """Computes runs of a plan by number, on the thread that asks; any number of threads may ask at once.

    On ``device``, by default that of the plan: raises DeviceError where it is not there, and so does ``fill`` where it fails. Trainings
    that go one by one are the processor's: ``auto`` takes it where there are such among the runs.
    """

    def __init__(self, plan: Plan, device: Wanted | None = None) -> None:
        self.plan = plan
        wanted = plan.device if device is None else device
        self.device: Device = chosen(wanted)
        self._groups: dict[tuple[int, ...], _Group | NetworkGroup] = {}
        if plan.scenario.is_network and self.device == "cuda" and not self._side_by_side():
            if wanted == "cuda":
                raise DeviceError(ONE_BY_ONE)
            self.device = "cpu"
            self._groups.clear()

    def fill(self, rows: Numbered, columns: Columns, at: slice) -> None:
        """Writes what became of the runs ``rows`` into ``columns[...][at]``."""
        run, places = self.plan.places(rows)
        tables = [k for k, axis in enumerate(self.plan.axes) if self._is_table(axis)]
        keys = [run, *(places[k] for k in tables)]
        # Most often all runs are of one group.
        if all(np.all(key == key[0]) for key in keys):
            self._fill(tuple(int(key[0]) for key in keys), places, columns, at, slice(None))
            return
        several, which = told_apart(keys, [len(self.plan.scenario.runs), *(self.plan.shape[k] for k in tables)])
        for index, key in enumerate(several):
            chosen = np.flatnonzero(which == index)
            self._fill(key, [place[chosen] for place in places], columns, at, chosen)

    def _side_by_side(self) -> bool:
        """Whether all trainings do. One value of one axis is enough to keep them from it, so it is enough that each has its turn."""
        counts = [len(axis.values) for axis in self.plan.axes if self._is_table(axis)]
        for index in range(len(self.plan.scenario.runs)):
            for turn in range(max(counts, default=1)):
                group = self._group_of((index, *(turn % count for count in counts)))
                if isinstance(group, NetworkGroup) and group.lanes is None:
                    return False
        return True

    def _fill(self, key: tuple[int, ...], places: list[Rows], columns: Columns, at: slice, chosen: Any) -> None:
        group = self._group_of(key)
        with np.errstate(over="ignore"):  # infinite in single precision
            for name, values in group.compute(places).items():
                columns[name][at][chosen] = values

    def _is_table(self, axis: PlannedAxis) -> bool:
        if axis.target.kind == "parameter":
            # Where a formula or a prototype says how the start lies, that changes with its parameters.
            scenario = self.plan.scenario
            placed = scenario.start is not None or all(run.start is not None for run in scenario.runs)
            return not placed and scenario.problem.KEYS != ("landscape",)
        return axis.target.kind == "table"

    def _group_of(self, key: tuple[int, ...]) -> "_Group | NetworkGroup":
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = self._group(key)
        return group

    def _group(self, key: tuple[int, ...]) -> "_Group | NetworkGroup":
        index, *places = key
        tables = [axis for axis in self.plan.axes if self._is_table(axis)]
        chosen = [(axis.target, float(axis.values[place])) for axis, place in zip(tables, places, strict=True)]
        scenario = sweep_targets.put(self.plan.scenario.changed(sweep=None), chosen)
        own = [(k, axis) for k, axis in enumerate(self.plan.axes) if not self._is_table(axis) and index in axis.target.runs]
        if scenario.is_network:
            return NetworkGroup(scenario, index, own, self.device, self.plan.sweep.fast)
        return _Group(scenario, index, own, self.device, self.plan.sweep)


@dataclass(frozen=True, eq=False)
class _Group:
    """Run ``index`` of a scenario with the axes whose numbers are columns, each with its number in the plan."""

    scenario: Scenario
    index: int
    axes: list[tuple[int, PlannedAxis]]
    device: Device
    sweep: Sweep

    @cached_property
    def run(self) -> Run:
        return self.scenario.runs[self.index]

    @cached_property
    def settings(self) -> dict[str, float | bool]:
        return self.run.settings

    @cached_property
    def landscape(self) -> Landscape:
        return self.scenario.landscape

    @cached_property
    def on(self) -> tuple[bool, ...]:
        """The switches that any run of the whole sweep has on: a kernel for all of its pieces."""
        swept = {axis.target.key: bool(np.any(axis.values)) for _, axis in self.axes if axis.target.kind == "hyper"}
        return tuple(swept.get(name, bool(self.run.settings[name])) for name in self.run.method.switches)

    @cached_property
    def still(self) -> Landscape:
        """The landscape without noise and motion."""
        return replace(self.landscape, noise=(), motion=None)

    @cached_property
    def start(self) -> Floats:
        """Where runs begin whose start no axis varies."""
        return np.array(start_of(self.scenario, self.index), dtype=np.float64)

    @cached_property
    def steps(self) -> int:
        return steps_of(self.scenario, self.index)

    @cached_property
    def batches(self) -> Batches | None:
        """How the data of the landscape are cut up, where a step does not look at all of them."""
        if self.landscape.data is None:
            return None
        batches = batches_of(self.run, len(self.landscape.data))
        return None if looks_at_all(batches) else batches

    @cached_property
    def alike(self) -> bool:
        return not any(axis.target.kind == "hyper" and axis.target.key != "learning_rate" for _, axis in self.axes)

    def compute(self, places: list[Rows]) -> Columns:
        """The columns of the runs at these places of the plan's axes."""
        count = len(places[0])
        of_kind: dict[str, dict[Any, Floats]] = {}
        for k, axis in self.axes:
            of_kind.setdefault(axis.target.kind, {})[axis.target.key] = axis.values[places[k]]
        seeds = of_kind.get("seed", {}).get("seed")
        starts = self._starts(count, of_kind, None if seeds is None else seeds.astype(np.int64))
        scenario, run, landscape = self.scenario, self.run, self.landscape
        clip = {name: of_kind.get("clip", {}).get(name, getattr(run, name)) for name in ("clip_value", "clip_norm")}
        trouble = self._trouble(count, of_kind)
        values: dict[str, Any] = self.settings | of_kind.get("hyper", {})
        many = Many(
            landscape,
            run.method,
            starts,
            self.steps,
            scenario.tolerance,
            **clip,
            seed=scenario.seed,
            streams=SHARED_STREAM,
            schedule=run.schedule,
            seeds=seeds,
            parameters=of_kind.get("parameter"),
            trouble=trouble,
            on=self.on,
            alike=self.alike,
            batches=self.batches,
            device=self.device,
            precision=self.sweep.precision,
            fast=self.sweep.fast,
            **values,
        )
        looked = moments_of(landscape, run, self.steps)
        noisy = is_noisy(landscape, run)
        ways, losses = many.through(looked.legs, losses=noisy)
        summary = many.summary()
        met = np.broadcast_to(np.array(landscape.trouble)[:, np.newaxis] if trouble is None else trouble, (len(landscape.trouble), count))
        factors = np.ones(1)
        if landscape.motion is not None:
            seed_of = np.full(count, scenario.seed) if seeds is None else seeds
            factors = _standing_still(landscape, looked, ways, losses, met, seed_of, summary)
        judged, ground, grounds = self._judge(places, ways, looked, summary)
        if noisy:
            best = np.inf if landscape.motion is not None else summary.best
            least = np.fmin(np.array([ground_of(one).least for one in grounds])[ground], best)
            variances = sum((np.square(row) for row in met[self._scales]), np.zeros(count))
            runs = (summary.diverged, values, variances, np.broadcast_to(factors, count), bool(of_kind.get("clip")))
            settle(Shaken(landscape, run, grounds, ground, least, *runs), Late.of(looked, ways, losses), judged.verdict)
        if landscape.motion is not None:
            judged.numbers[:3] *= factors
        return _columns(summary, judged, landscape.dim)

    def _starts(self, count: int, of_kind: dict[str, dict[Any, Floats]], seeds: Rows | None) -> Floats:
        dim = self.landscape.dim
        own = self.run.start if self.run.start is not None else self.scenario.start
        if isinstance(own, NormalStart) and (seeds is not None or "normal" in of_kind):
            stream = 0 if self.run.start is None else self.index + 1
            named, which = np.unique(np.array([self.scenario.seed]) if seeds is None else seeds, return_inverse=True)
            drawn = np.array([normals(int(seed), stream, 0, 0)[:dim] for seed in named])  # type: ignore[no-untyped-call]
            spread = of_kind.get("normal", {}).get("normal", np.full(count, own.normal))
            return np.asarray(spread[:, np.newaxis] * np.broadcast_to(drawn[which.ravel()], (count, dim)))
        starts = np.empty((dim, count))  # a row is written at once, and a column is not
        for axis, row in enumerate(starts):
            row[:] = of_kind.get("start", {}).get(axis, self.start[axis])
        return starts.T

    def _trouble(self, count: int, of_kind: dict[str, dict[Any, Floats]]) -> Floats | None:
        if "trouble" not in of_kind:
            return None
        rows = np.repeat(np.array(self.landscape.trouble)[:, np.newaxis], count, axis=1)
        for row, values in of_kind["trouble"].items():
            rows[row] = values
        return rows

    @cached_property
    def _scales(self) -> list[int]:
        """The rows of ``trouble`` with the first number of each kind of noise."""
        landscape = self.landscape
        numbers = [len(landscape.motion.values) if landscape.motion else 0, *(len(noise.values) for noise in landscape.noise)]
        return [sum(numbers[: k + 1]) for k in range(len(landscape.noise))]

    def _judge(
        self, places: list[Rows], ways: Floats, looked: Moments, summary: Summary
    ) -> tuple[Judged, NDArray[np.intp], list[Landscape]]:
        """What became of the runs, noise apart, and the ground of each."""
        landscape, still, count = self.landscape, self.still, len(summary.losses)
        own = [(k, axis) for k, axis in self.axes if axis.target.kind == "parameter"]
        values = {str(axis.target.key): axis.values[places[k]] for k, axis in own}
        rows = np.empty((len(landscape.parameters), count))
        for row, param, value in zip(rows, landscape.parameters, landscape.values, strict=True):
            row[:] = values.get(param.name, value)
        if not own:
            there, ground = [still], np.zeros(count, np.intp)
        else:
            several, ground = told_apart([places[k] for k, _ in own], [len(axis.values) for _, axis in own])
            there = [
                still.with_parameters(**{str(a.target.key): float(a.values[p]) for (_, a), p in zip(own, key, strict=True)})
                for key in several
            ]
        # Of a landscape that moves, the least loss seen says nothing of the one at rest.
        best = np.full(count, np.inf) if landscape.motion is not None else summary.best
        ends = Ends(best, summary.steps, summary.status)
        return judge(landscape, [ground_of(one) for one in there], ground, rows, ways, looked.cuts, ends), ground, there


def _standing_still(
    landscape: Landscape, looked: Moments, ways: Floats, losses: Floats, trouble: Floats, seeds: NDArray[Any], summary: Summary
) -> Floats:
    """Moves the ways, and scales the losses, to what they are beside the landscape at rest; returns its scale where each run ended."""
    motion = landscape.motion
    assert motion is not None
    numbers = len(motion.values)
    named, which = np.unique(np.vstack((trouble[:numbers], seeds)), axis=1, return_inverse=True)
    which = which.ravel()
    factors = np.empty(len(seeds))
    for index, column in enumerate(named.T):
        chosen = np.flatnonzero(which == index)
        place = over_steps(motion.place, tuple(column[:numbers]), looked.steps[-1] + 1, int(column[numbers]), SHARED_STREAM, DRAW)
        taken = summary.steps[chosen]
        factors[chosen] = place[2][taken]
        for k, step in enumerate(looked.steps):
            then = np.minimum(taken, step)
            ways[k][:, chosen] -= place[:2][:, then]
            if len(losses):
                losses[k][chosen] /= place[2][then]
    if landscape.dim == 1:
        ways[:, 1] = 0.0
    return factors


def _columns(summary: Summary, judged: Judged, dim: int) -> Columns:
    columns: Columns = {
        "verdict": judged.verdict,
        "steps": summary.steps,
        "minimum": judged.minimum,
        "final_loss": summary.losses,
        "best_loss": summary.best,
        **dict(zip(("gradient_norm", "lowest_curvature", "sharpness", "contraction_rate"), judged.numbers, strict=True)),
    }
    return columns | {name: summary.positions[:, axis] for axis, name in enumerate("xy"[:dim])}
