"""Training: what is recorded is what happens, whole or in parts, and goes on from a file to the same bits."""

import random
import shutil
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.generators import DATASETS
from gdsim.networks.learn import LearnerState, evaluate, loss_and_gradient
from gdsim.networks.model import Model
from gdsim.networks.network import Network
from gdsim.networks.split import Split, split
from gdsim.networks.tensors import WeightsError, load_tensors, save_tensors
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation import trainer
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.early_stopping import EarlyStopping
from gdsim.simulation.kept_weights import KeptWeights
from gdsim.simulation.run import run, stream
from gdsim.simulation.scenario import validated
from gdsim.simulation.train import train
from gdsim.simulation.training_record import TrainingSteps
from gdsim.simulation.verdict import Outcome
from tests.draws import EVERYTHING

DATA = DATASETS["moons"].make(count=50, seed=3)
NETWORK = Network((2, 4, 1), loss="bce")
QUICK = {"learning_rate": 0.1, "batch_size": 16, "epochs": 5, "validation": 0.2, "test": 0.2}


def arrays(training):
    """Every array that a training has, by name."""
    own = {each.name: getattr(training, each.name) for each in fields(TrainingSteps)}
    plain = {name: value for name, value in own.items() if isinstance(value, np.ndarray)}
    kept = {f"kept {name}": getattr(training.snapshots, name) for name in ("steps", "weights", "buffers")}
    return plain | kept | training.epochs.columns


def assert_same(one, other):
    for name, array in arrays(one).items():
        np.testing.assert_array_equal(array, arrays(other)[name], err_msg=name)
    np.testing.assert_array_equal(one.model.weights, other.model.weights)
    assert one.verdict == other.verdict


RATES = {"adadelta": 1.0, **dict.fromkeys(("sgd", "asgd", "schedule_free_sgd", "qhm"), 0.1)}
ELEMENTWISE = [name for name, rule in OPTIMIZERS.items() if rule.is_elementwise]


def chosen_optimizers():
    """Each compiles a kernel of its own: all of them where asked, else two that other tests use, and two others by chance."""
    if EVERYTHING:
        return ELEMENTWISE
    return ["sgd", "adam", *random.sample([name for name in ELEMENTWISE if name not in ("sgd", "adam")], 2)]


@pytest.mark.timeout(900)
def test_every_optimizer_learns_by_its_rule():
    """Weight by weight, the leaf run as plain Python on the gradient of the whole training part."""
    data, network = DATASETS["plane"].make(count=40), Network((2, 4, 1))
    for name in chosen_optimizers():
        rule, rate = OPTIMIZERS[name], RATES.get(name, 0.01)
        training = train(network, data, name, batch_size="full", epochs=60, learning_rate=rate)
        hyper, on = rule.pack({"learning_rate": rate})
        weights, shared = training.snapshots.weights[0].copy(), rule.initial_shared
        slots = [rule.initial_slots(hyper)] * len(weights)
        for step in range(1, 11):
            gradient = loss_and_gradient(network, weights, data)[1]
            shared = rule.advance(shared, hyper, step)
            moved = [rule.update(float(w), float(g), s, shared, hyper, on, step) for w, g, s in zip(weights, gradient, slots, strict=True)]
            weights, slots = np.array([w for w, _ in moved]), [s for _, s in moved]
            np.testing.assert_allclose(training.snapshots.weights[step], weights, rtol=1e-7, atol=1e-9, err_msg=f"{name}, step {step}")
        assert training.losses[-1] < 0.95 * training.losses[0], name
        assert training.epochs.training_loss[-1] == pytest.approx(training.losses[-1])


@pytest.mark.parametrize("others", [{}, {"drop_last": True}, {"replacement": True}, {"shuffle": False}, {"batch_size": 1}])
def test_rows_say_what_happened(others):
    """Every row against the slow way: 40 points in batches of 16 leave 8 over in every epoch."""
    training = train(NETWORK, DATA, "sgd", **(QUICK | {"validation": 0.2, "test": 0.0} | others))
    parts = split(DATA, (0.8, 0.2, 0.0), 0)
    settings = {"size": 16, **others} if "batch_size" not in others else {"size": 1}
    batches = Batches(len(parts.train), **settings)
    assert training.steps == 5 * batches.steps
    kept = training.snapshots
    assert kept.steps.tolist() == list(range(training.steps + 1))
    for step in range(training.steps + 1):
        loss, gradient = loss_and_gradient(NETWORK, kept.weights[step], parts.train, batches.rows(step + 1, 0))
        assert training.losses[step] == pytest.approx(loss, rel=1e-12)
        assert training.gradient_norms[step] == pytest.approx(np.linalg.norm(gradient), rel=1e-12)
        if step < training.steps:
            np.testing.assert_allclose(kept.weights[step + 1], kept.weights[step] - 0.1 * gradient, rtol=0, atol=1e-14)
    np.testing.assert_allclose(training.weight_norms, np.linalg.norm(kept.weights, axis=1), rtol=1e-12)
    np.testing.assert_allclose(training.step_lengths[:-1], np.linalg.norm(np.diff(kept.weights, axis=0), axis=1), rtol=1e-9)
    assert np.isnan(training.step_lengths[-1])
    assert np.all(training.learning_rates == 0.1)


def test_epochs_are_evaluations_of_both_parts():
    training = train(NETWORK, DATA, "adam", **QUICK)
    parts, table = split(DATA, (0.6, 0.2, 0.2), 0), training.epochs
    assert table.epoch.tolist() == [0, 1, 2, 3, 4, 5]
    assert table.step.tolist() == [0, 2, 4, 6, 8, 10]
    for row, step in enumerate(table.step):
        weights = training.snapshots.weights[step]
        for part, name in ((parts.train, "training"), (parts.validation, "validation")):
            loss, score = evaluate(NETWORK, weights, np.empty(0), part)
            assert getattr(table, f"{name}_loss")[row] == loss
            assert getattr(table, f"{name}_score")[row] == score
    assert (training.test.loss, training.test.score) == evaluate(NETWORK, training.model.weights, np.empty(0), parts.test)
    np.testing.assert_array_equal(training.test.predictions, training.model.probabilities(parts.test.inputs))


def scenario(**changes):
    run = {"optimizer": "adam", "learning_rate": 0.05, "batch_size": 8, "epochs": 4} | changes
    problem = {"dataset": "moons", "data": {"count": 50, "seed": 3}, "standardise": True, "network": {"layers": [4]}}
    return validated({"problem": problem, "runs": [run, run | {"optimizer": "sgd"}]})


@pytest.mark.parametrize("schedule", [{}, {"schedule": {"name": "cosine", "t_max": 30}, "clip_norm": 0.5}])
def test_neither_chunks_nor_the_clock_change_a_bit(monkeypatch, schedule):
    given = scenario(**schedule)
    whole = run(given).runs
    for chunk_steps, seconds in ((1, 1.0), (3, 1.0), (1000, 1e-9)):
        monkeypatch.setattr(trainer, "CHUNK_SECONDS", seconds)
        chunks = list(stream(given, chunk_steps))
        assert max(len(chunk.steps.losses) for chunk in chunks) <= chunk_steps + 1
        ended = [chunk.trajectory for chunk in chunks if chunk.trajectory is not None]
        for one, other in zip(whole, ended, strict=True):
            assert_same(one, other)
        for index, training in enumerate(ended):
            own = [chunk for chunk in chunks if chunk.run == index]
            np.testing.assert_array_equal(np.concatenate([chunk.steps.losses for chunk in own]), training.losses)
            assert [chunk.first_step for chunk in own] == np.cumsum([0, *(len(chunk.steps.losses) for chunk in own[:-1])]).tolist()


def test_runs_of_a_scenario_begin_alike_and_see_the_same_batches():
    first, second = run(scenario()).runs
    np.testing.assert_array_equal(first.snapshots.weights[0], second.snapshots.weights[0])
    assert first.losses[0] == second.losses[0]


def test_a_model_answers_for_data_as_they_came():
    training = run(scenario()).runs[0]
    parts = scenario().problem.parts
    assert training.test.score == np.mean(training.predict(training.test.points.inputs) == np.array(["0", "1"])[parts.test.targets])


def noisy_split():
    """Few points whose classes are chance: whatever is learnt of them is wrong elsewhere."""
    generator = np.random.default_rng(0)
    made = Dataset.from_arrays(generator.normal(size=(40, 2)), generator.integers(0, 2, 40))
    return Split(made.take(range(20)), made.take(range(20, 40)))


@pytest.mark.parametrize(("patience", "min_delta"), [(1, 0.0), (4, 0.0), (4, 0.01)])
def test_early_stopping(patience, min_delta):
    rule = {"patience": patience, "min_delta": min_delta}
    training = train(NETWORK, noisy_split(), "adam", learning_rate=0.1, batch_size=5, epochs=200, early_stopping=rule)
    losses = training.epochs.validation_loss
    best, least = 0, losses[0]
    for epoch, loss in enumerate(losses):
        if loss < least - min_delta:
            best, least = epoch, loss
        assert epoch <= best + patience
    assert (training.stopped_early, training.restored) == (best + patience, best)
    assert training.steps == 4 * training.stopped_early < 800
    np.testing.assert_array_equal(training.model.weights, training.snapshots.weights[training.snapshots.steps.tolist().index(4 * best)])
    assert f"stopped after epoch {best + patience}" in training.verdict.evidence


@pytest.mark.parametrize(("min_delta", "best", "stopped"), [(0.0, 3, None), (0.1, 2, 4), (0.2, 0, 2)])
def test_a_loss_that_is_hardly_lower_is_no_better(min_delta, best, stopped):
    rule = trainer.Stopping(EarlyStopping(patience=2, min_delta=min_delta))
    state = LearnerState(*(np.zeros(1) for _ in range(5)))
    for epoch, loss in enumerate((1.0, 0.95, 0.85, 0.84, 0.86)):
        if rule.stopped_at is None:
            rule.look(epoch, loss, state)
    assert (rule.best[0], rule.stopped_at) == (best, stopped)


def test_patience_that_suffices_changes_nothing():
    plain, patient = (train(NETWORK, noisy_split(), "adam", epochs=6, early_stopping=rule) for rule in (None, {"patience": 50}))
    np.testing.assert_array_equal(plain.losses, patient.losses)
    assert patient.stopped_early is None
    assert patient.restored == int(np.argmin(patient.epochs.validation_loss))


def test_divergence_is_a_result(tmp_path):
    data = DATASETS["sine"].make(count=30)
    training = train(Network((1, 4, 1)), data, "sgd", learning_rate=1e6, batch_size="full", epochs=200, test=0.2)
    assert training.verdict.outcome is Outcome.DIVERGED
    assert training.steps < 200
    assert training.diverged_at == training.steps
    assert training.test.predictions.shape == (6, 1)


def test_a_tolerance_ends_a_run():
    data = Dataset.from_arrays([[0.0], [1.0]], [0.0, 1.0])
    training = train(Network((1, 1)), data, "sgd", learning_rate=0.5, batch_size="full", epochs=5000, tolerance=1e-6)
    assert training.converged_at == training.steps < 5000
    assert training.gradient_norms[-1] <= 1e-6 < training.gradient_norms[-2]


@given(st.integers(1, 2000), st.integers(1, 4), st.integers(1, 40))
@settings(max_examples=40, deadline=None)
def test_weights_on_the_way_are_spread_evenly(steps, weights, most):
    state = LearnerState(np.zeros(weights), np.zeros((0, weights)), np.zeros(0), np.zeros(0), np.zeros(0))
    kept = KeptWeights(state)
    kept.most = min(max(most, 2), kept.most)
    views, step = [], 0
    while step <= steps:
        state.weights[:] = step
        kept.keep(step, state)
        views.append((kept.view(), kept.view().weights.copy()))
        step = kept.next_after(step)
    state.weights[:] = steps
    kept.keep(steps, state, last=True)
    found = kept.view()
    stride = int(found.steps[1]) if len(found.steps) > 1 else 1
    assert found.steps.tolist()[:-1] == list(range(0, steps, stride))[: len(found.steps) - 1]
    assert found.steps[-1] == steps
    assert len(found.steps) <= kept.most + 1
    assert 2 * len(found.steps) >= min(kept.most, steps)
    np.testing.assert_array_equal(found.weights[:, 0], found.steps)
    for view, then in views:
        np.testing.assert_array_equal(view.weights, then)


class _InterruptError(Exception):
    pass


def interrupted(after, *arguments, **options):
    """A training that is cut short when it has told of itself so many times."""
    told = []

    def hear(steps):
        told.append(steps)
        if len(told) == after:
            raise _InterruptError

    with pytest.raises(_InterruptError):
        train(*arguments, progress=hear, **options)


PLANS = {
    "plain": {"optimizer": "sgd"},
    "adam": {"optimizer": "adam"},
    "a method that remembers points": {"optimizer": "lbfgs", "batch_size": "full", "learning_rate": 1.0},
    "stopping early": {"optimizer": "adam", "early_stopping": {"patience": 2}, "epochs": 30},
    "a schedule that looks at losses": {
        "optimizer": "adam",
        "schedule": {"name": "reduce_on_plateau", "patience": 2, "factor": 0.5},
        "lookahead": {"k": 3},
        "clip_norm": 1.0,
    },
}


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize("after", [1, 3])
def test_a_training_goes_on_to_the_bit(monkeypatch, tmp_path, plan, after):
    options = {"learning_rate": 0.1, "batch_size": 16, "epochs": 5, "validation": 0.2} | PLANS[plan]
    whole = train(NETWORK, DATA, **options)
    monkeypatch.setattr(trainer, "CHUNK_SECONDS", 1e-9)
    file = tmp_path / "training.safetensors"
    interrupted(after, NETWORK, DATA, **options, checkpoint=file, every=1)
    resumed = train(NETWORK, DATA, **options, checkpoint=file)
    assert_same(whole, resumed)
    assert_same(whole, train(NETWORK, DATA, **options, checkpoint=file))  # from the end
    if "early_stopping" not in options and "schedule" not in options:
        longer = options | {"epochs": 8}
        assert_same(train(NETWORK, DATA, **longer), train(NETWORK, DATA, **longer, checkpoint=file))


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    file = tmp_path_factory.mktemp("checkpoint") / "training.safetensors"
    train(NETWORK, DATA, "sgd", **QUICK, checkpoint=file)
    return file


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 1}, "made with other data"),
        ({"learning_rate": 0.2}, "other settings of the run"),
        ({"optimizer": "adam"}, "other settings of the run"),
        ({"network": Network((2, 5, 1), loss="bce")}, "another network"),
        ({"dataset": DATASETS["moons"].make(count=50, seed=4)}, "other data"),
        ({"tolerance": 1e-3}, "another tolerance"),
        ({"epochs": 3}, "after 10 steps; allowed: at most 6"),
    ],
)
def test_a_foreign_checkpoint_is_refused(checkpoint, changes, words):
    given = {"network": NETWORK, "dataset": DATA, "optimizer": "sgd", **QUICK, "checkpoint": checkpoint} | changes
    with pytest.raises(WeightsError, match=words):
        train(**given)


def test_a_damaged_checkpoint_is_refused(checkpoint, tmp_path):
    whole, (tensors, metadata) = checkpoint.read_bytes(), load_tensors(checkpoint)
    file = tmp_path / "damaged.safetensors"
    for cut in (0, 7, 100, len(whole) // 2, len(whole) - 1):
        file.write_bytes(whole[:cut])
        with pytest.raises(WeightsError):
            train(NETWORK, DATA, "sgd", **QUICK, checkpoint=file)
    for name, tensor in tensors.items():
        for changed in ({}, {name: np.zeros((3, 3))}, {name: np.concatenate((tensor.ravel(), np.zeros(1, tensor.dtype)))}):
            save_tensors(file, {key: value for key, value in tensors.items() if key != name} | changed, metadata)
            with pytest.raises(WeightsError, match="damaged"):
                train(NETWORK, DATA, "sgd", **QUICK, checkpoint=file)
    save_tensors(file, tensors, {})
    with pytest.raises(WeightsError, match="no checkpoint"):
        train(NETWORK, DATA, "sgd", **QUICK, checkpoint=file)


def test_a_trained_network_is_no_checkpoint(checkpoint, tmp_path):
    file = tmp_path / "model.safetensors"
    training = train(NETWORK, DATA, "sgd", **QUICK)
    training.save(file)
    np.testing.assert_array_equal(Model.load(file).weights, training.model.weights)
    with pytest.raises(WeightsError, match="no checkpoint"):
        train(NETWORK, DATA, "sgd", **QUICK, checkpoint=file)
    shutil.copy(checkpoint, file)
    with pytest.raises(WeightsError):
        Model.load(file)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"network": Network((2, 4, 2), loss="bce")}, "need 2 and 1"),
        ({"network": Network((3, 4, 1), loss="bce")}, "need 2 and 1"),
        ({"network": Network((2, 4, 1))}, "has to be one of bce, cross_entropy"),
        ({"optimizer": "adm"}, "did you mean 'adam'"),
        ({"optimizer": "newton"}, "newton"),
        ({"batch_size": 51}, "batch_size: found 51"),
        ({"epochs": 0}, "epochs: found 0"),
        ({"early_stopping": {"patience": 3}}, "the split leaves none"),
        ({"momentum": 0.5}, "momentum: there is no such key"),
    ],
)
def test_bad_arguments_are_named(changes, words):
    with pytest.raises(ScenarioError, match=words):
        train(**{"network": NETWORK, "dataset": DATA, "optimizer": "adam"} | changes)


def test_where_a_chunk_ends_changes_nothing_and_each_evaluation_is_a_piece_of_its_own(monkeypatch):
    given = {"learning_rate": 0.05, "batch_size": 8, "epochs": 4, "validation": 0.25, "early_stopping": {"patience": 50}}
    whole = train(NETWORK, DATA, "adam", **given)
    evaluated, heard = [], []
    real = trainer.evaluate
    monkeypatch.setattr(trainer, "evaluate", lambda *given: evaluated.append(len(given[-1])) or real(*given))
    monkeypatch.setattr(trainer, "CHUNK_SECONDS", 0.0)

    def progress(steps):
        heard.append((len(steps.losses), len(evaluated)))
        evaluated.clear()

    pieces = train(NETWORK, DATA, "adam", **given, progress=progress)
    assert max(looked for _, looked in heard) == 1
    assert {len(pieces.epochs), len(whole.epochs)} == {5}
    for name in ("losses", "weight_norms", "learning_rates"):
        assert np.array_equal(getattr(pieces, name), getattr(whole, name))
    assert np.array_equal(pieces.snapshots.weights, whole.snapshots.weights)
    assert pieces.verdict == whole.verdict
