"""The loss plane against its definition: what lies in it, how much of the variance it has, and the losses over it."""

from itertools import pairwise

import numpy as np
import pytest

import gdsim
from gdsim.networks.learn import evaluate
from gdsim.networks.network import Network
from gdsim.simulation.loss_plane import RESOLUTIONS, coordinates, extent_of, filter_normalised, framed, loss_planes, plane_of, principal
from gdsim.simulation.scenario import validated
from gdsim.simulation.surface import surface_of
from gdsim.simulation.training_record import Snapshots

RNG = np.random.default_rng(23)
NETWORK = Network([2, 3, 1])


def snapshots(weights):
    weights = np.asarray(weights)
    return Snapshots(np.arange(len(weights)) * 5, weights, np.empty((len(weights), 0)))


def walk(count=40, spread=1.0):
    return np.cumsum(spread * RNG.normal(size=(count, NETWORK.weights)), axis=0)


@pytest.mark.parametrize("count", [3, 10, 13, 14, 60])
def test_principal_directions_are_the_first_singular_vectors(count):
    weights = walk(count)
    moved = weights - weights.mean(axis=0)
    plane = plane_of(NETWORK, snapshots(weights), "trajectory")
    _, sizes, vectors = np.linalg.svd(moved, full_matrices=False)
    assert np.abs(np.sum(plane.directions * vectors[:2], axis=1)) == pytest.approx(1.0, abs=1e-9)
    assert plane.shares == pytest.approx(sizes[:2] ** 2 / (sizes**2).sum(), abs=1e-10)
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    assert (plane.path[-1] >= 0.0).all()


def test_coordinates_and_distances_put_a_snapshot_together_again():
    weights = walk()
    for directions in ("trajectory", "random"):
        plane = plane_of(NETWORK, snapshots(weights), directions)
        nearest = np.array([plane.at(u, v) for u, v in plane.path])
        assert np.linalg.norm(weights - nearest, axis=1) == pytest.approx(plane.away)
        # What is left is at right angles to the plane: no nearer point is in it.
        assert (weights - nearest) @ plane.directions.T == pytest.approx(0.0, abs=1e-9)


def test_a_trajectory_in_a_plane_is_all_in_it():
    corners = RNG.normal(size=(3, NETWORK.weights))
    shares = RNG.dirichlet(np.ones(3), size=20)
    plane = plane_of(NETWORK, snapshots(shares @ corners), "trajectory")
    assert plane.away == pytest.approx(0.0, abs=1e-12)
    assert sum(plane.shares) == pytest.approx(1.0)
    for corner in corners:
        (place,) = coordinates((corner - plane.centre)[np.newaxis], plane.directions)
        assert plane.at(*place) == pytest.approx(corner)


@pytest.mark.parametrize("steps", [0.0, 1.0])
def test_a_trajectory_along_a_line_or_none_has_a_plane(steps):
    along = RNG.normal(size=NETWORK.weights)
    weights = np.ones(NETWORK.weights) + steps * np.arange(5)[:, np.newaxis] * along
    plane = plane_of(NETWORK, snapshots(weights), "trajectory")
    assert plane.directions @ plane.directions.T == pytest.approx(np.eye(2), abs=1e-10)
    assert plane.away == pytest.approx(0.0, abs=1e-10)
    assert plane.shares == pytest.approx((1.0, 0.0) if steps else (0.0, 0.0), abs=1e-10)
    assert all(high > low for low, high in extent_of(plane, "trajectory"))


def test_one_snapshot_has_directions():
    assert np.isfinite(principal(np.zeros((1, 5)))).all()


def test_random_directions_are_as_long_as_the_filters_that_they_belong_to():
    network = Network([3, 4, 2], batch_norm=True)
    weights = RNG.normal(size=network.weights)
    found = filter_normalised(network, weights, 0, 0)
    own, drawn = network.views(weights), network.views(found)
    for name, tensor in own.items():
        if tensor.ndim == 2:
            assert np.linalg.norm(drawn[name], axis=1) == pytest.approx(np.linalg.norm(tensor, axis=1))
        else:
            assert not drawn[name].any()
    assert not np.array_equal(found, filter_normalised(network, weights, 0, 1))
    assert not np.array_equal(found, filter_normalised(network, weights, 1, 0))
    assert np.array_equal(found, filter_normalised(network, weights, 0, 0))


def test_snapshots_that_are_not_finite_are_left_out():
    weights = walk(10)
    weights[7:] = np.nan
    plane = plane_of(NETWORK, snapshots(weights), "trajectory")
    assert plane.steps.tolist() == list(range(0, 35, 5))
    assert np.isfinite(plane.path).all()
    with pytest.raises(ValueError, match="diverged"):
        plane_of(NETWORK, snapshots(weights[7:]), "trajectory")


@pytest.mark.parametrize("directions", ["trajectory", "random"])
def test_the_losses_are_those_of_the_network(directions):
    runs = [{"optimizer": "sgd", "learning_rate": 0.1, "batch_size": 16}]
    problem = {"dataset": "moons", "data": {"count": 60}, "network": {"layers": [3]}}
    scenario = validated({"steps": 30, "problem": problem, "runs": runs})
    kept = gdsim.run(scenario).runs[0].snapshots
    found = [each for each in loss_planes(scenario.problem, kept, directions, scenario.seed) if each is not None]
    assert [each.surface.losses.shape for each in found] == [(count, count) for count in RESOLUTIONS]
    train = scenario.problem.parts.train
    last = found[-1]
    for row, column in RNG.integers(0, RESOLUTIONS[-1], (20, 2)).tolist():
        weights = last.plane.at(last.surface.x[column], last.surface.y[row])
        assert last.surface.losses[row, column] == evaluate(scenario.problem.shape, weights, kept.buffers[-1], train)[0]
    for coarse, fine in pairwise(found):
        assert np.array_equal(coarse.surface.losses, fine.surface.losses[::2, ::2])
    (west, east), (south, north) = extent_of(last.plane, directions)
    assert (last.plane.path > (west, south)).all()
    assert (last.plane.path < (east, north)).all()


@pytest.mark.parametrize(("low", "high", "even"), [(0.4, 0.9, True), (0.5, 10.0, True), (1e-3, 2.0, False), (0.0, 1.0, False)])
def test_levels_are_round_losses(low, high, even):
    x = np.linspace(-1.0, 1.0, 33)
    losses = low + (high - low) * (x[np.newaxis] ** 2 + x[:, np.newaxis] ** 2) / 2
    frame = framed(((-1.0, 1.0), (-1.0, 1.0)), losses)
    found = surface_of(frame, x, x, losses)
    assert frame.log_levels is not even
    assert len(found.levels) >= 5
    assert [float(f"{level:.3g}") for level in found.levels] == pytest.approx(found.levels, rel=1e-9)
    steps = np.diff(found.levels)
    assert (steps == pytest.approx(steps[0])) is even
