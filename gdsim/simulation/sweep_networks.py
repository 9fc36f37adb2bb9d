"""Runs of a sweep that train networks. Those that see all points at every step go side by side, a lane of a vector each or on a graphics
card a block of threads; the others one by one, as they would alone. A run has the same numbers each way, and those of the run alone, to the
bit.
"""

import hashlib
from collections.abc import Generator
from dataclasses import dataclass, fields
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine import descend
from gdsim.engine.device import Device
from gdsim.engine.lane_training import train_lanes
from gdsim.engine.specialise import digest
from gdsim.engine.training import slopes, train
from gdsim.engine.vectors import width
from gdsim.networks.batches import Batches
from gdsim.networks.learn import Learner, Pacing, engine_model
from gdsim.networks.many import Ends, ManyLearners, together
from gdsim.simulation import sweep_targets
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.run import SHARED_STREAM
from gdsim.simulation.run_batches import batches_of, looks_at_all, most_steps, steps_of
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.sweep_training_verdict import judge_many, scores_of
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.trainability import trainability
from gdsim.simulation.trainer import MOST_EVALUATED, MOST_POINTS, learner_of
from gdsim.simulation.training import guess_of, stream_training
from gdsim.simulation.training_measures import fewer
from gdsim.simulation.training_record import Training

if TYPE_CHECKING:
    from gdsim.simulation.sweep_plan import Plan, PlannedAxis

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Columns = dict[str, NDArray[Any]]

PIECE_WORK = 200_000_000
"""Multiply-adds of work that a thread takes at once, about: some 50 ms."""
CARD_WORK = 500_000_000_000
"""The same on a card: some tenths of a second on a large one."""
CARD_BYTES, MOST_CARD_BYTES, CARD_LEAST = 1 << 25, 1 << 28, 2048
"""Bytes that the losses and numbers of a card's trainings take at once, about, since several threads judge as many at a time; and the most
that they take lest there be fewer trainings than keep a card busy.
"""
JUDGED = 128
"""Runs that are judged at once: what is worked out of their losses on the way stays in the cache: a quarter of the time."""
LONGEST = 10_000_000
"""Steps that a run may take at a time."""


@dataclass(frozen=True, eq=False)
class NetworkGroup:
    """Run ``index`` of a scenario with the axes whose numbers are columns, each with its number in the plan."""

    scenario: Scenario
    index: int
    axes: "list[tuple[int, PlannedAxis]]"
    device: Device = "cpu"
    fast: bool = False

    @cached_property
    def run(self) -> Run:
        return self.scenario.runs[self.index]

    @property
    def problem(self) -> Learning:
        problem = self.scenario.problem
        assert isinstance(problem, Learning)
        return problem

    @cached_property
    def steps(self) -> int:
        return steps_of(self.scenario, self.index)

    @cached_property
    def batches(self) -> Batches:
        return batches_of(self.run, len(self.problem.parts.train))

    @cached_property
    def lanes(self) -> ManyLearners | None:
        """The trainings side by side; None where they go one by one."""
        network, train, run = self.problem.shape, self.problem.parts.train, self.run
        whole = fewer(train, network, MOST_EVALUATED, MOST_POINTS) is train
        if not whole or run.early_stopping or not together(network, self.batches, run.method):
            return None
        swept = {(axis.target.kind, axis.target.key): bool(np.any(axis.values)) for _, axis in self.axes}
        plan = run.schedule
        return ManyLearners(
            network,
            train,
            run.method,
            tuple(swept.get(("hyper", name), bool(run.settings[name])) for name in run.method.switches),
            Pacing(plan.pace, plan.table(self.steps), plan.numbers, plan.record.calm) if plan else None,
            self.scenario.tolerance,
            tuple(("clip", name) in swept or getattr(run, name) is not None for name in ("clip_value", "clip_norm")),  # type: ignore[arg-type]
            run.layer_rates is not None or any(kind == "layer" for kind, _ in swept),
            self.device,
            self.fast,
        )

    def compute(self, places: list[Rows]) -> Columns:
        """The columns of the runs at these places of the plan's axes."""
        if self.lanes is None:
            return self._one_by_one(places)
        return self._side_by_side(self.lanes, places)

    def _side_by_side(self, lanes: ManyLearners, places: list[Rows]) -> Columns:
        count, run, problem = len(places[0]), self.run, self.problem
        own: dict[tuple[str, str | int], Floats] = {(axis.target.kind, axis.target.key): axis.values[places[k]] for k, axis in self.axes}

        def values(kind: str, key: str | int, otherwise: float) -> Floats:
            return np.asarray(own.get((kind, key), np.full(count, otherwise)), dtype=np.float64)

        hyper = np.array([values("hyper", name, float(run.settings[name])) for name in run.method.hyper_names])
        limits = [
            values("clip", name, getattr(run, name) or np.inf)
            for name, clips in zip(("clip_value", "clip_norm"), lanes.clipped, strict=True)
            if clips
        ]
        base = run.layer_rates or (1.0,) * (len(problem.shape.layers) - 1)
        rates = np.array([values("layer", layer, rate) for layer, rate in enumerate(base)])
        if isinstance(run.start, tuple):
            weights = np.tile(np.array(run.start, dtype=problem.shape.precision), (count, 1))
        else:
            seeds = own.get(("seed", "seed"), np.full(count, self.scenario.seed))
            weights = lanes.start(seeds, values("scale", "scale", problem.shape.scale), SHARED_STREAM)
        ends = lanes.advance(weights, hyper, self.steps, limits, rates)
        parts = [self._columns(_part(ends, low)) for low in range(0, count, JUDGED)]
        return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}

    def _columns(self, ends: Ends) -> Columns:
        network, data = self.problem.shape, self.problem.parts.train
        scores = scores_of(network, ends.outputs, data)
        outcomes = judge_many(ends.losses, ends.taken, ends.status == descend.DIVERGED, scores, guess_of(data))
        return {
            "verdict": np.array([OUTCOMES.index(outcome) for outcome in outcomes], dtype=np.int8),
            "steps": ends.taken,
            "final_loss": ends.losses[np.arange(len(ends.taken)), ends.taken],
            "best_loss": np.fmin.reduce(ends.losses, axis=1),
            "gradient_norm": ends.gradient_norms,
            "score": scores,
            "trainability": trainability(ends.losses, ends.taken),
        }

    def _one_by_one(self, places: list[Rows]) -> Columns:
        rows = []
        for i in range(len(places[0])):
            chosen = [(axis.target, float(axis.values[places[k][i]])) for k, axis in self.axes]
            rows.append(_alone(sweep_targets.put(self.scenario, chosen), self.index))
        return {name: np.array([row[name] for row in rows]) for name in rows[0]}


def _part(ends: Ends, low: int) -> Ends:
    return Ends(**{field.name: getattr(ends, field.name)[low : low + JUDGED] for field in fields(ends)})


def _alone(scenario: Scenario, index: int) -> dict[str, float]:
    work = training_alone(scenario, index)
    while True:
        try:
            next(work)
        except StopIteration as ended:
            found: dict[str, float] = ended.value
            return found


def training_alone(scenario: Scenario, index: int) -> Generator[None, None, dict[str, float]]:
    """One training, some 20 ms at a time; returns its row of a sweep's columns."""
    for chunk in stream_training(scenario, index, LONGEST):
        if isinstance(run := chunk.trajectory, Training):
            return _row(run, scenario, index)
        yield
    raise AssertionError("a training ends with all that came out of it")


def _row(run: Training, scenario: Scenario, index: int) -> dict[str, float]:
    problem, taken = scenario.problem, len(run.losses) - 1
    assert isinstance(problem, Learning)
    batches = batches_of(scenario.runs[index], len(problem.parts.train))
    seen = run.losses if looks_at_all(batches) and not problem.shape.dropout else run.epochs.training_loss
    losses = np.full((1, steps_of(scenario, index) + 1), np.nan)
    losses[0, : taken + 1] = run.losses
    return {
        "verdict": OUTCOMES.index(run.verdict.outcome),
        "steps": taken,
        "final_loss": float(seen[-1]),
        "best_loss": float(np.fmin.reduce(seen)),
        "gradient_norm": float(run.norms[-1]),
        "score": float(run.epochs.training_score[-1]),
        "trainability": float(trainability(losses, np.array([taken]))[0]),
    }


def go_together(plan: "Plan") -> bool:
    """Whether all trainings of the plan go side by side."""
    scenario = plan.scenario
    alone = any(axis.target.key in ("batch_size", "dropout") for axis in plan.axes)
    return not alone and all(NetworkGroup(scenario, index, []).lanes is not None for index in range(len(scenario.runs)))


def piece_of(plan: "Plan", fair: int) -> int:
    """How many runs a thread takes at once, about ``fair`` of them at most: whole vectors of those that go side by side, as others would
    leave places empty, and else one, which may take long enough.
    """
    if not go_together(plan):
        return 1
    problem = plan.scenario.problem
    assert isinstance(problem, Learning)
    whole = width(problem.shape.precision)
    return max(1, min(PIECE_WORK // max(1, _work(plan)), fair + whole - 1) // whole) * whole


def card_piece_of(plan: "Plan") -> int:
    """How many runs a card takes at once."""
    problem = plan.scenario.problem
    assert isinstance(problem, Learning)
    network, train = problem.shape, problem.parts.train
    size = 8 * (most_steps(plan.scenario) + 1 + 4 * network.weights + len(train) * network.layers[-1])
    few = min(CARD_WORK // max(1, _work(plan)), CARD_BYTES // size)
    return max(few, min(CARD_LEAST, MOST_CARD_BYTES // size), 1)


def _work(plan: "Plan") -> int:
    """Multiply-adds of a run, about."""
    problem = plan.scenario.problem
    assert isinstance(problem, Learning)
    return most_steps(plan.scenario) * problem.shape.weights * len(problem.parts.train)


def digest_of(scenario: Scenario) -> str:
    """Of all the code that trains the scenario's runs. The width of vectors, on which no bit depends, is left out."""
    state = hashlib.sha256()
    for index, run in enumerate(scenario.runs):
        group = NetworkGroup(scenario, index, [])
        rule: dict[str, Any] = {}
        if run.method.is_elementwise:
            learner = learner_of(group.problem.shape, group.problem.parts.train, run, group.batches, 1, scenario.seed, scenario.tolerance)
            assert isinstance(learner, Learner)
            rule = learner.trainer.rule.bindings(group.problem.shape.precision)
        model = engine_model(group.problem.shape).bindings(trained=True) | {"WIDTH": 0}
        for template in (train, train_lanes) if rule else (slopes,):
            state.update(digest(template, model | rule).encode())  # type: ignore[arg-type]
    return state.hexdigest()[:24]
