"""Training: a run of a network scenario as chunks, the last of which has all that came out of it."""

from collections.abc import Iterator

import numpy as np

from gdsim.engine import descend
from gdsim.networks.dataset import Dataset
from gdsim.networks.laid_out import lay_out
from gdsim.simulation.checkpoint import Checkpoint
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.run_batches import steps_of
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.trained import tested, trained_model
from gdsim.simulation.trainer import Trainer
from gdsim.simulation.training_measures import Measures, measure
from gdsim.simulation.training_record import Training, TrainingSteps
from gdsim.simulation.training_verdict import Course, judge_training
from gdsim.simulation.trajectory import Chunk, Floats


def stream_training(scenario: Scenario, index: int, chunk_steps: int, checkpoint: Checkpoint | None = None) -> Iterator[Chunk]:
    """The chunks of run ``index``, each of at most ``chunk_steps`` steps. While the network is evaluated and the run is judged, chunks come
    without rows.

    With a ``checkpoint`` the training goes on from where it stands, its first chunk holding all that was recorded before. Raises
    WeightsError for a checkpoint of something else, and OSError.
    """
    problem, run = scenario.problem, scenario.runs[index]
    assert isinstance(problem, Learning)
    steps = steps_of(scenario, index)
    for _ in lay_out(problem.shape, problem.parts.train):
        yield Chunk(index, 0, TrainingSteps.none())
    trainer = Trainer(problem, run, steps=steps, seed=scenario.seed, tolerance=scenario.tolerance)
    yield Chunk(index, 0, trainer.recorded(()))  # a large network takes a while to be laid out
    first = 0
    if checkpoint is not None and checkpoint.restore(trainer):
        before = trainer.recorded(trainer.rows)
        yield Chunk(index, 0, before)
        first = len(before.losses)
    while True:
        rows = trainer.advance(chunk_steps)
        if checkpoint is not None:
            checkpoint.keep(trainer)
        if trainer.over:
            break
        yield Chunk(index, first, rows)
        first += len(rows.losses)
    measures = Measures()
    nothing = trainer.recorded(())
    sharpness = run.method.stable_product is not None and trainer.status != descend.DIVERGED
    weights = trainer.learner.state.weights
    for _ in measure(trainer.network, weights, trainer.parts.train, trainer.last_batches, scenario.seed, sharpness, measures):
        yield Chunk(index, first, nothing)
    points = problem.test_points
    for _ in lay_out(problem.shape, problem.parts.test) if problem.parts.test else ():
        yield Chunk(index, first, nothing)
    yield Chunk(index, first, rows, _training(trainer, measures, points))


def _training(trainer: Trainer, measures: Measures, points: Dataset | None) -> Training:
    run, stopping = trainer.run, trainer.stopping
    steps = trainer.recorded(trainer.rows)
    last = len(steps.losses) - 1
    restored, state = stopping.best if stopping and stopping.best else (None, trainer.learner.state)
    stopped = stopping.stopped_at if stopping else None
    model = trained_model(trainer.problem, state)
    course = Course(
        losses=_course(trainer, steps.losses),
        slope=measures.slope,
        noise=measures.noise,
        sharpness=measures.sharpness,
        epochs=steps.epochs,
        guess=guess_of(trainer.parts.train),
        steps=last,
        batch=trainer.last_batches.size,
        stopped_early=stopped,
        restored=restored,
    )
    return Training(
        positions=steps.positions,
        losses=steps.losses,
        gradients=steps.gradients,
        step_lengths=steps.step_lengths,
        learning_rates=steps.learning_rates,
        norms=steps.norms,
        weight_norms=steps.weight_norms,
        epochs=steps.epochs,
        snapshots=steps.snapshots,
        evaluations=steps.evaluations,
        label=run.label or run.optimizer,
        optimizer=run.optimizer,
        learning_rate=run.learning_rate,
        verdict=judge_training(run, course, trainer.status),
        converged_at=last if trainer.status == descend.CONVERGED else None,
        diverged_at=last if trainer.status == descend.DIVERGED else None,
        model=model,
        test=tested(trainer.problem, model, points),
        stopped_early=stopped,
        restored=restored,
    )


def _course(trainer: Trainer, losses: Floats) -> Floats:
    """The loss over the whole training part on the way: of every step where each saw it, else at points spread over the run."""
    return losses if trainer.sees_all else np.array([loss for _, loss in trainer.looks])


def guess_of(train: Dataset) -> float:
    """The score of the best constant answer on the training part."""
    return float(np.bincount(train.targets).max() / len(train)) if train.is_classification else 0.0
