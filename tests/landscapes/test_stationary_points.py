"""The stationary points that a landscape states: they are what they claim to be, and no minimum is missing."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.stationary import as_minima, between
from tests.landscapes.draw import coordinates, points, variants
from tests.landscapes.search import distance_to_nearest, downhill, inside, stationary

every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
MINIMA_ONLY = {"rastrigin", "ackley"}
"""State their minima; the hundreds of saddles and maxima between those are left out."""
NO_CURVATURE = {("monkey_saddle", (0.0, 0.0))}
NO_SLOPE = {("ackley", (0.0, 0.0))}
"""The tip of a cone: a minimum, but the loss has no derivative there."""


def stated(landscape):
    return landscape.points(landscape.values)


def ring(landscape, position, radius):
    """Points all round ``position``, (n, dim)."""
    turn = np.linspace(0.0, 2.0 * np.pi, 60, endpoint=False)[:, None]
    directions = np.hstack((np.cos(turn), np.sin(turn))) if landscape.dim == 2 else np.array([[-1.0], [1.0]])
    return np.array(position) + radius * directions


@every_landscape
def test_gradient_vanishes_and_curvature_fits(landscape, rng):
    for variant in variants(landscape, rng, count=4):
        for point in stated(variant):
            gradient, hessian = variant.gradient(*point.position), variant.hessian(*point.position)
            if (variant.name, point.position) in NO_CURVATURE:
                assert not gradient.any()
                assert not hessian.any()
                continue
            newton = np.linalg.solve(hessian, gradient)
            assert np.linalg.norm(newton) <= 1e-12 * (1.0 + np.linalg.norm(point.position)), (variant.values, point)
            falls = np.linalg.eigvalsh(hessian) < 0.0
            expected = {"maximum": falls.all(), "saddle": falls.any() and not falls.all()}.get(point.kind, not falls.any())
            assert expected, (variant.values, point)


@every_landscape
def test_loss_is_the_one_stated_and_the_surroundings_fit(landscape, rng):
    for variant in variants(landscape, rng, count=4):
        for point in stated(variant):
            here = variant.loss(*point.position)
            assert here == pytest.approx(point.loss, rel=1e-13, abs=1e-13), (variant.values, point)
            around = variant.loss(*coordinates(ring(variant, point.position, 1e-3)))
            higher, lower = np.any(around > here), np.any(around < here)
            expected = {"maximum": (False, True), "saddle": (True, True)}.get(point.kind, (True, False))
            assert (higher, lower) == expected, (variant.values, point)


@every_landscape
def test_global_minima_are_the_least_of_all(landscape, rng):
    for variant in variants(landscape, rng):
        best = [point for point in variant.minima if point.kind == "global minimum"]
        assert bool(best) == bool(variant.minima)
        if not best:
            continue
        assert variant.bounded_below
        assert variant.minima[: len(best)] == tuple(best)
        assert all(point.loss > best[0].loss for point in variant.minima[len(best) :])
        axes = np.meshgrid(*(np.linspace(*side, 501) for side in variant.domain), indexing="ij")
        losses = variant.loss(*axes)
        lowest = np.argsort(losses, axis=None)[:50]
        polished = downhill(variant, np.column_stack([axis.ravel()[lowest] for axis in axes]))
        least = variant.loss(*coordinates(polished)).min()
        tolerance = 1e-9 * (1.0 + abs(best[0].loss))
        assert losses.min() >= best[0].loss - tolerance
        assert least == pytest.approx(best[0].loss, abs=tolerance) or not inside(variant, np.array([best[0].position]))[0]


@every_landscape
def test_no_minimum_of_the_domain_is_missing(landscape, rng):
    for variant in variants(landscape, rng):
        ends = downhill(variant, points(variant, rng, 300))
        ends = ends[inside(variant, ends)]
        curvatures = np.linalg.eigvalsh(variant.hessian(*coordinates(ends)))
        firm = curvatures[:, 0] > 1e-5 * np.abs(curvatures).max(axis=1)  # a floor without curvature has no single lowest point
        away = distance_to_nearest(ends[firm], [point.position for point in variant.minima])
        assert np.all(away < 1e-4), (variant.values, ends[firm][away >= 1e-4])


@every_landscape
def test_no_saddle_or_maximum_of_the_domain_is_missing(landscape, rng):
    if landscape.name in MINIMA_ONLY:
        assert not landscape.saddles + landscape.maxima
        return
    for variant in variants(landscape, rng):
        found = stationary(variant, points(variant, rng, 300))
        away = distance_to_nearest(found, [point.position for point in stated(variant)])
        assert np.all(away < 1e-6), (variant.values, found[away >= 1e-6])


@every_landscape
def test_stated_points_are_different_and_lie_in_the_domain(landscape, rng):
    positions = np.array([point.position for point in stated(landscape)])
    assert len(positions)
    assert inside(landscape, positions).all()
    for k, position in enumerate(positions):
        assert np.all(distance_to_nearest(np.delete(positions, k, axis=0), [position]) > 1e-3)
    for variant in variants(landscape, rng):
        assert {*variant.minima, *variant.saddles, *variant.maxima} == {*stated(variant)}


@pytest.mark.parametrize(
    ("a", "b", "kinds", "bounded"),
    [
        (1.0, 10.0, ["global minimum"], True),
        (-1.0, 10.0, ["saddle"], False),
        (3.0, -0.1, ["saddle"], False),
        (-1.0, -2.0, ["maximum"], False),
        (0.0, 1.0, [], True),
        (1.0, 0.0, [], True),
        (0.0, 0.0, [], True),
        (0.0, -1.0, [], False),
    ],
)
def test_quadratic_tells_the_truth_about_every_sign(a, b, kinds, bounded):
    bowl = LANDSCAPES["quadratic"].with_parameters(a=a, b=b)
    assert [point.kind for point in stated(bowl)] == kinds
    assert bowl.bounded_below == bounded


@pytest.mark.parametrize(("amplitude", "count"), [(10.0, 121), (0.0, 1), (0.05, 1), (100.0, 121)])
def test_rastrigin_counts_its_pits(amplitude, count):
    assert len(LANDSCAPES["rastrigin"].with_parameters(A=amplitude).minima) == count


def test_equal_wells_are_both_global():
    kinds = [point.kind for point in LANDSCAPES["double_well"].with_parameters(tilt=0.0).minima]
    assert kinds == ["global minimum"] * 2


@pytest.mark.parametrize("name", ["double_well", "narrow_valley"])
def test_points_hold_at_the_corners_of_the_parameters(name):
    landscape = LANDSCAPES[name]
    corners = np.array(np.meshgrid(*((param.low, param.default, param.high) for param in landscape.parameters))).reshape(
        len(landscape.parameters), -1
    )
    for values in corners.T:
        variant = landscape.with_parameters(**{param.name: v for param, v in zip(landscape.parameters, values, strict=True)})
        assert [point.kind for point in stated(variant)].count("maximum") == 1
        for point in stated(variant):
            newton = np.linalg.solve(variant.hessian(*point.position), variant.gradient(*point.position))
            assert abs(newton[0]) < 1e-12, (values, point)
        x = np.linspace(*landscape.domain[0], 200_001)
        signs = np.sign(variant.gradient(x)[:, 0])
        turns = np.count_nonzero(np.diff(signs[signs != 0.0]))
        assert turns == len(stated(variant)), values


def test_between_finds_the_root_either_way_up(rng):
    for root in rng.uniform(-1.0, 1.0, 20):
        assert between(lambda x, root=root: x - root, -1.5, 1.5) == pytest.approx(root, abs=3e-16)
        assert between(lambda x, root=root: root**3 - x**3, -1.5, 1.5) == pytest.approx(root, abs=3e-16)


def test_minima_that_differ_by_rounding_are_equal():
    kinds = [point.kind for point in as_minima([((0.0,), -5.0), ((1.0,), -5.0 + 1e-15), ((2.0,), -4.999)])]
    assert kinds == ["global minimum", "global minimum", "local minimum"]
