"""Trainer: one training under way, a bounded time at a time, with all that is recorded of it."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from gdsim.engine import descend
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import Learner, LearnerState, Pacing, Rows, evaluate
from gdsim.networks.method_learner import MethodLearner
from gdsim.networks.network import Network
from gdsim.simulation.early_stopping import EarlyStopping
from gdsim.simulation.kept_weights import KeptWeights
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.run import SHARED_STREAM
from gdsim.simulation.run_batches import batches_of, looks_at_all
from gdsim.simulation.scenario import Run
from gdsim.simulation.training_measures import fewer
from gdsim.simulation.training_record import Epochs, TrainingSteps, frozen
from gdsim.simulation.trajectory import Floats, Integers

CHUNK_SECONDS = 0.02
"""What a call aims at: two of them fit between a click on Pause and the moment at which a person notices a delay."""

MOST_EPOCH_ROWS = 500
"""Rows of the table of epochs; where there are more epochs, every second (third, ...) one is evaluated."""
MOST_EVALUATED, MOST_POINTS = 100_000_000, 10_000
"""Weights times points, and points, that an evaluation may take: some 20 ms. Of larger parts, points spread evenly are evaluated."""
LOOKS = 64
"""Points of a run at which the loss of the whole training part is looked at, if it has fewer epochs."""


class Trainer:
    """One training of ``run`` on ``problem``. ``advance`` does the work; all else is as it stands in between."""

    def __init__(self, problem: Learning, run: Run, *, steps: int, seed: int, tolerance: float | None = None) -> None:
        self.problem, self.run, self.steps, self.seed, self.tolerance = problem, run, steps, seed, tolerance
        self.network, self.parts = problem.shape, problem.parts
        self.batches = batches_of(run, len(self.parts.train))
        self.learner = learner_of(self.network, self.parts.train, run, self.batches, steps, seed, tolerance)
        self.done = 0
        self.status = descend.RUNNING
        self.kept = KeptWeights(self.learner.state, None if run.early_stopping else steps)
        self.stopping = Stopping(run.early_stopping) if run.early_stopping else None
        self.rows: list[Rows] = []
        self.epoch_rows: list[tuple[float, ...]] = []
        self.looks: list[tuple[int, float]] = []
        epochs = self._epochs(steps)
        self._every = 1 if self.stopping else -(-epochs // MOST_EPOCH_ROWS)
        self._look_every = max(1, steps // LOOKS) if epochs < LOOKS and not self.sees_all else None
        self._train, self._validation = (
            fewer(part, self.network, MOST_EVALUATED, MOST_POINTS) if part else None for part in (self.parts.train, self.parts.validation)
        )
        self._pace = 1
        self._until = 0
        self._work = self._train_on()
        self.over = False

    @property
    def last_batches(self) -> Batches:
        """Batches as large as that of the last step."""
        return self.batches.at(max(self.done, 1))

    def _epochs(self, steps: int) -> int:
        """Epochs that so many steps have begun."""
        return self.batches.epoch(steps) + 1 if steps else 0

    @property
    def sees_all(self) -> bool:
        """Whether every step sees the loss of the whole training part."""
        return looks_at_all(self.batches) and not self.network.dropout

    @property
    def _ended(self) -> bool:
        """Whether no step is to follow."""
        return self.done >= self.steps or self.status != descend.RUNNING or bool(self.stopping and self.stopping.stopped_at)

    def advance(self, most: int) -> TrainingSteps:
        """Trains for about ``CHUNK_SECONDS``, at most ``most`` steps. After the last step follows the row of the point where it led.

        There may be no rows: what is evaluated takes its time as well.
        """
        self._until, before = self.done + most, len(self.rows)
        began = time.perf_counter()
        for _ in self._work:
            if time.perf_counter() - began > CHUNK_SECONDS or self.done >= self._until:
                break
        else:
            self.over = True
        return self.recorded(self.rows[before:])

    def _train_on(self) -> Iterator[None]:
        """All that is left to do, as pieces of at most some 20 ms."""
        yield from self._look()
        while not self._ended:
            stop = min(self._next_look(), self.steps, self._until)
            count = min(self._pace, stop - self.done)
            before = time.perf_counter()
            piece = self.learner.advance(count)
            spent = max(time.perf_counter() - before, 1e-7)
            self._pace = max(1, min(int(count * 0.5 * CHUNK_SECONDS / spent), 8 * self._pace))
            self.status = piece.status
            self.done += len(piece.losses) - (piece.status != descend.RUNNING)
            self.rows.append(piece)
            yield
            yield from self._look()
        if self.status == descend.RUNNING:
            self.rows.append(self._closing())
        yield from self._look(last=True)

    def _next_look(self) -> int:
        """The next step before which something is to be kept or evaluated."""
        ends = [self.kept.next_after(self.done)]
        ends.append(self.batches.until((self.batches.epoch(self.done + 1) // self._every + 1) * self._every))
        if self._look_every:
            ends.append((self.done // self._look_every + 1) * self._look_every)
        return min(ends)

    def _ends_epochs(self, step: int) -> bool:
        """Whether epochs after which the network is evaluated end after ``step`` steps."""
        epoch = self.batches.epoch(step + 1)
        return epoch % self._every == 0 and self.batches.until(epoch) == step

    def _looks(self, step: int) -> bool:
        """Whether the loss of the whole training part is looked at after ``step`` steps, if not with the whole network."""
        return self._look_every is not None and step % self._look_every == 0

    def _look(self, *, last: bool = False) -> Iterator[None]:
        """Keeps the weights and evaluates the network, each where it is due: first the one part of the data, then the other."""
        state, done = self.learner.state, self.done
        self.kept.keep(done, state, last=last)
        if (self._ends_epochs(done) or last) and not (self.epoch_rows and self.epoch_rows[-1][1] == done):
            train = self._evaluated(self._train)
            yield
            validation = self._evaluated(self._validation)
            epoch = self._epochs(done)
            self.epoch_rows.append((epoch, done, train[0], validation[0], train[1], validation[1]))
            self._saw(train[0])
            if self.stopping:
                self.stopping.look(epoch, validation[0], state)
            yield
        elif self._looks(done):
            self._saw(None)
            yield

    def _saw(self, loss: float | None) -> None:
        """Remembers the loss of the whole training part at this point."""
        if not self.looks or self.looks[-1][0] != self.done:
            self.looks.append((self.done, self._evaluated(self._train)[0] if loss is None else loss))

    def _evaluated(self, part: Dataset | None) -> tuple[float, float]:
        state = self.learner.state
        return evaluate(self.network, state.weights, state.buffers, part) if part else (np.nan, np.nan)

    def _closing(self) -> Rows:
        """The row of the point after the last step: that of one step more, which is not taken."""
        learner = self.learner
        kept = copied(learner.state)
        row = learner.advance(1)
        learner.state = kept
        self.status = row.status
        spent = None if row.evaluations is None else np.zeros_like(row.evaluations)
        return replace(row, step_lengths=np.array([np.nan]), evaluations=spent)

    def restore_looks(self, epoch_rows: Floats, looks: Floats) -> None:
        """Takes up what an earlier part of the training saw, but for what it saw at its end alone."""
        self.epoch_rows = [tuple(row) for row in epoch_rows.tolist() if self._ends_epochs(int(row[1]))]
        looked = ((int(step), loss) for step, loss in looks.tolist())
        self.looks = [(step, loss) for step, loss in looked if self._ends_epochs(step) or self._looks(step)]

    def epochs(self) -> Epochs:
        columns = np.array(self.epoch_rows, dtype=np.float64).reshape(-1, 6).T
        return Epochs(*(frozen(column.astype(np.int64)) for column in columns[:2]), *(frozen(column.copy()) for column in columns[2:]))

    def recorded(self, rows: Iterable[Rows]) -> TrainingSteps:
        """These rows as steps."""
        rows = list(rows)
        losses = _joined(piece.losses for piece in rows)
        none = frozen(np.empty((len(losses), 0)))
        return TrainingSteps(
            positions=none,
            losses=losses,
            gradients=none,
            step_lengths=_joined(piece.step_lengths for piece in rows),
            learning_rates=_joined(piece.learning_rates for piece in rows),
            norms=_joined(piece.gradient_norms for piece in rows),
            weight_norms=_joined(piece.weight_norms for piece in rows),
            epochs=self.epochs(),
            snapshots=self.kept.view(),
            evaluations=None if self.run.method.is_elementwise else _counted(rows),
        )


class Stopping:
    """Early stopping under way: the best weights so far, and the epoch after which patience was at its end."""

    def __init__(self, rule: EarlyStopping) -> None:
        self.rule = rule
        self.least = np.inf
        self.best: tuple[int, LearnerState] | None = None
        self.stopped_at: int | None = None

    def look(self, epoch: int, loss: float, state: LearnerState) -> None:
        if self.best is None or loss < self.least - self.rule.min_delta:
            self.least, self.best = (loss if loss < np.inf else np.inf), (epoch, copied(state))
        elif epoch - self.best[0] >= self.rule.patience:
            self.stopped_at = epoch


def copied(state: LearnerState) -> LearnerState:
    arrays = {name: getattr(state, name).copy() for name in ("weights", "slots", "shared", "buffers", "calm")}
    return LearnerState(**arrays, step=state.step)


def learner_of(
    network: Network, train: Dataset, run: Run, batches: Batches, steps: int, seed: int, tolerance: float | None = None
) -> Learner | MethodLearner:
    """The learner of a run of ``steps`` steps."""
    hyper, on = run.method.pack(run.settings)
    plan = run.schedule
    kind = Learner if run.method.is_elementwise else MethodLearner
    return kind(
        network,
        train,
        run.method,
        hyper,
        on,
        batches,
        seed,
        SHARED_STREAM,
        schedule=Pacing(plan.pace, plan.table(steps), plan.numbers, plan.record.calm) if plan else None,
        clip_value=run.clip_value,
        clip_norm=run.clip_norm,
        tolerance=tolerance,
        weights=run.start if isinstance(run.start, tuple) else None,
        layer_rates=run.layer_rates,
    )


def _counted(rows: list[Rows]) -> Integers:
    none = np.empty(0, dtype=np.int64)
    joined: Integers = np.concatenate([none, *(none if piece.evaluations is None else piece.evaluations for piece in rows)])
    return frozen(joined)  # type: ignore[no-any-return]


def _joined(arrays: Iterable[Floats]) -> Floats:
    pieces = list(arrays)
    joined: Floats = np.concatenate(pieces, dtype=np.float64) if pieces else np.empty(0)
    return frozen(joined)  # type: ignore[no-any-return]
