"""What became of a training: the rules on courses made for them, and their agreement with theory on linear models."""

from dataclasses import replace

import numpy as np
import pytest

from gdsim.engine import descend
from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.learn import loss_and_gradient
from gdsim.networks.network import Network
from gdsim.simulation.scenario import validated
from gdsim.simulation.train import train
from gdsim.simulation.training_measures import Measures, measure
from gdsim.simulation.training_record import Epochs
from gdsim.simulation.training_verdict import Course, judge_training
from gdsim.simulation.verdict import Outcome, Rate

STEPS = np.arange(401)
FALLING = np.exp(-STEPS / 40.0)
EARLY = np.exp(-STEPS / 5.0)
SWINGS = 0.3 * np.sin(STEPS)


def epochs(train, validation=None, score=0.9):
    count = len(train)
    none = np.full(count, np.nan)
    return Epochs(np.arange(count), np.arange(count), np.asarray(train), none if validation is None else validation, none + 0 * score, none)


def course(losses, **changes):
    table = epochs([losses[0], losses[-1]])
    made = Course(losses, slope=0.01, noise=0.0, sharpness=1.0, epochs=table, guess=0.5, steps=400, batch=50)
    return replace(made, **changes)


def run(learning_rate=0.5, optimizer="sgd", **others):
    problem = {"landscape": "sphere"}
    return validated({"problem": problem, "runs": [{"optimizer": optimizer, "learning_rate": learning_rate, **others}]}).runs[0]


COURSES = {
    "settles": (run(), course(FALLING), Outcome.CONVERGED, Rate.STABLE),
    "settles after swings": (run(), course(FALLING * (1.0 + SWINGS)), Outcome.CONVERGED, Rate.STABLE),
    "crawls": (run(0.01), course(1.0 - STEPS / 4000.0), Outcome.TOO_SLOW, Rate.TOO_SMALL),
    "crawls at the fastest rate": (run(1.0), course(1.0 - STEPS / 4000.0), Outcome.TOO_SLOW, Rate.STABLE),
    "crawls where no limit is known": (run(0.01, "adam"), course(1.0 - STEPS / 4000.0), Outcome.TOO_SLOW, Rate.TOO_SMALL),
    "falls in swings, no limit known": (run(0.01, "adam"), course(2.0 - STEPS / 400.0 + 0.5 * SWINGS), Outcome.TOO_SLOW, Rate.STABLE),
    "does not move": (run(0.0), course(np.ones(401)), Outcome.TOO_SLOW, Rate.TOO_SMALL),
    "swings for ever": (run(2.5), course(1.0 + SWINGS - 0.2 * (STEPS > 0)), Outcome.OVERSHOOTING, Rate.TOO_LARGE),
    "swings because of noise": (run(0.5), course(0.5 + 0.5 * FALLING + 0.3 * SWINGS, noise=1.0), Outcome.NOISE_LIMITED, Rate.STABLE),
    "noisy, but the rate is too large": (run(2.5), course(0.5 + 0.5 * FALLING + SWINGS, noise=1.0), Outcome.OVERSHOOTING, Rate.TOO_LARGE),
    "noisy, and worse than at first": (
        run(0.5),
        course(3.0 + SWINGS - 2.0 * (STEPS == 0), noise=1.0),
        Outcome.OVERSHOOTING,
        Rate.TOO_LARGE,
    ),
    "noisy, and all is thrown away again": (
        run(0.5),
        course(0.5 + 0.5 * FALLING + SWINGS, noise=1.0),
        Outcome.OVERSHOOTING,
        Rate.TOO_LARGE,
    ),
    "swings more than the noise": (run(0.5), course(0.5 + 0.5 * FALLING + SWINGS, noise=0.001), Outcome.OVERSHOOTING, Rate.TOO_LARGE),
    "swings, and noise is twice the slope": (
        run(0.5),
        course(0.5 + 0.5 * FALLING + 0.3 * SWINGS, noise=0.02),
        Outcome.NOISE_LIMITED,
        Rate.STABLE,
    ),
    "swings, and noise is half the slope": (
        run(0.5),
        course(0.5 + 0.5 * FALLING + 0.3 * SWINGS, noise=0.005),
        Outcome.OVERSHOOTING,
        Rate.TOO_LARGE,
    ),
    "a twentieth of the way is to come": (run(), course(np.exp(-STEPS / 133.0)), Outcome.TOO_SLOW, Rate.STABLE),
    "a hundredth of the way is to come": (run(), course(np.exp(-STEPS / 80.0)), Outcome.CONVERGED, Rate.STABLE),
    "a hundredth of the way in the last quarter": (run(), course(1.0 + EARLY - STEPS / 1e4), Outcome.TOO_SLOW, Rate.STABLE),
    "a 500th of the way in the last quarter": (run(), course(1.0 + EARLY - STEPS / 5e4), Outcome.CONVERGED, Rate.STABLE),
    "grows": (run(2.5), course(1.0 + STEPS.astype(float)), Outcome.DIVERGED, Rate.TOO_LARGE),
    "not a number": (run(2.5), course(np.where(STEPS < 300, 1.0, np.nan)), Outcome.DIVERGED, Rate.TOO_LARGE),
    "stands still at a guess": (run(), course(FALLING, guess=0.95), Outcome.PLATEAU, Rate.STABLE),
}


@pytest.mark.parametrize("case", COURSES)
@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
def test_rules(case, scale):
    """Whatever the scale of the loss."""
    given, seen, outcome, rate = COURSES[case]
    scaled = replace(seen, losses=scale * seen.losses, epochs=replace(seen.epochs, training_score=np.full(len(seen.epochs), 0.9)), batch=4)
    found = judge_training(given, scaled, descend.RUNNING)
    assert (found.outcome, found.rate) == (outcome, rate)
    assert found.evidence


def test_overfitting_is_noted():
    table = replace(
        epochs(np.linspace(1.0, 0.1, 20), np.concatenate((np.linspace(1.0, 0.5, 10), np.linspace(0.5, 0.9, 10)))),
        training_score=np.full(20, 0.9),
    )
    seen = course(FALLING, epochs=table)
    assert "since epoch 9 it overfits: the validation loss rose from 0.5" in judge_training(run(), seen, descend.RUNNING).evidence
    fine = replace(seen, epochs=replace(table, validation_loss=np.linspace(1.0, 0.5, 20)))
    assert "overfits" not in judge_training(run(), fine, descend.RUNNING).evidence
    for risen, noted in ((0.515, False), (0.525, True)):  # above the least, 0.5, in units of the first
        late = np.concatenate((np.linspace(1.0, 0.5, 10), np.full(10, risen)))
        said = judge_training(run(), replace(seen, epochs=replace(table, validation_loss=late)), descend.RUNNING).evidence
        assert ("overfits" in said) == noted


def linear_problem(seed, points=40, noise=0.0):
    generator = np.random.default_rng(seed)
    inputs = generator.normal(size=(points, 2)) * [1.0, 2.0]
    targets = inputs @ [1.0, -0.5] + 0.3 + noise * generator.normal(size=points)
    return Dataset.from_arrays(inputs, targets), Network((2, 1))


def curvature(data):
    """The largest eigenvalue of the Hessian of mean (w.x + b - y)^2: of 2/n X^T X with a column of ones."""
    table = np.column_stack((data.inputs, np.ones(len(data))))
    return float(np.linalg.eigvalsh(2.0 / len(data) * table.T @ table)[-1])


@pytest.mark.parametrize("seed", range(5))
def test_sharpness_is_the_largest_eigenvalue(seed):
    data, network = linear_problem(seed)
    found = Measures()
    for _ in measure(network, np.array([0.1, 0.2, 0.3]), data, Batches(40, 40), seed, True, found):
        pass
    assert found.sharpness == pytest.approx(curvature(data), rel=0.02)
    assert found.slope == pytest.approx(np.linalg.norm(loss_and_gradient(network, [0.1, 0.2, 0.3], data)[1]))
    assert found.noise == 0.0


def test_sharpness_where_the_largest_curvature_is_downwards():
    """A tanh unit that is pushed the wrong way curves downwards more than upwards."""
    data = Dataset.from_arrays([[1.0], [-1.0]], [-9.0, 9.0])
    network, at = Network((1, 1, 1)), np.array([1.2, 0.0, 1.0, 0.0])
    found = Measures()
    for _ in measure(network, at, data, Batches(2, 2), 0, True, found):
        pass
    step = 1e-5
    rows = [(loss_and_gradient(network, at + step * e, data)[1] - loss_and_gradient(network, at - step * e, data)[1]) for e in np.eye(4)]
    eigenvalues = np.linalg.eigvalsh(np.array(rows) / (2.0 * step))
    assert -eigenvalues[0] > eigenvalues[-1]
    assert found.sharpness == pytest.approx(eigenvalues[-1], rel=0.02)


@pytest.mark.parametrize("replacement", [True, False])
def test_noise_of_batches_is_that_of_theory(replacement):
    data, network = linear_problem(3, points=60, noise=1.0)
    at = np.array([0.1, 0.2, 0.3])
    singles = np.array([loss_and_gradient(network, at, data, [k])[1] for k in range(60)])
    variance = float(((singles - singles.mean(axis=0)) ** 2).sum() / 60)
    expected = variance / 5 * (1.0 if replacement else 55 / 59)
    squares = []
    for seed in range(40):
        found = Measures()
        for _ in measure(network, at, data, Batches(60, 5, replacement=replacement), seed, False, found):
            pass
        squares.append(found.noise**2)
    assert np.mean(squares) == pytest.approx(expected, rel=0.15)


@pytest.mark.parametrize("seed", range(3))
def test_the_limit_of_stability_is_where_theory_has_it(seed):
    data, network = linear_problem(seed)
    limit = 2.0 / curvature(data)
    below, above = (train(network, data, "sgd", batch_size="full", epochs=300, learning_rate=share * limit).verdict for share in (0.9, 1.1))
    assert (below.outcome, below.rate) == (Outcome.CONVERGED, Rate.STABLE)
    assert (above.outcome, above.rate) == (Outcome.DIVERGED, Rate.TOO_LARGE)
    assert below.limit == pytest.approx(limit, rel=0.02)


def test_single_points_with_noise_in_their_targets_never_settle():
    data, network = linear_problem(1, points=60, noise=1.0)
    hovering = train(network, data, "sgd", batch_size=1, epochs=20, learning_rate=0.05)
    assert (hovering.verdict.outcome, hovering.verdict.rate) == (Outcome.NOISE_LIMITED, Rate.STABLE)
    assert "batches of 1 make more noise" in hovering.verdict.evidence
    full = train(network, data, "sgd", batch_size="full", epochs=400, learning_rate=0.05)
    assert full.verdict.outcome is Outcome.CONVERGED
