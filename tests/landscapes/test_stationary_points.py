"""The stationary points that a landscape states: they are what they claim to be, and no minimum is missing."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.stationary import as_minima, between
from tests.landscapes.draw import coordinates, points, variants
from tests.landscapes.formulas import exact
from tests.landscapes.search import distance_to_nearest, downhill, inside, stationary

every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
SOME_MINIMA = {"levy_13", "eggholder"}
"""State the best minima of very many, and nothing else."""
MINIMA_ONLY = SOME_MINIMA | {
    *("rastrigin", "ackley", "griewank", "bohachevsky", "schwefel"),  # a lattice of saddles and maxima
    *("drop_wave", "plateau"),  # circles of maxima and minima
    *("cross_in_tray", "holder_table", "michalewicz"),  # whole lines of maxima
}
"""State their minima; what else is stationary is left out."""
BORDER = {"eggholder"}
"""The best point of the domain lies on its border, so that no stationary point is the global minimum."""
NO_FLOOR = {"mccormick", "schwefel", "cross_in_tray", "holder_table", "eggholder"}
"""Unbounded below: their global minima are those of the domain."""
DEGENERATE = {("monkey_saddle", (0.0, 0.0)), ("flower", (0.0, 0.0))}
"""Without curvature, in every direction or in one."""
NO_SLOPE = {("ackley", (0.0, 0.0)), ("plateau", (0.0, 0.0)), ("bukin_6", (-10.0, 1.0))}
"""The tip of a cone, a crease: a minimum, but the loss has no derivative there."""


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
            if (variant.name, point.position) in DEGENERATE | NO_SLOPE:
                assert not gradient.any()
                assert np.linalg.det(hessian) == 0.0 or variant.name == "ackley"
                continue
            newton = np.linalg.solve(hessian, gradient)
            assert np.linalg.norm(newton) <= 1e-12 * (1.0 + np.linalg.norm(point.position)), (variant.values, point)
            falls = np.linalg.eigvalsh(hessian) < 0.0
            expected = {"maximum": falls.all(), "saddle": falls.any() and not falls.all()}.get(point.kind, not falls.any())
            assert expected, (variant.values, point)


@every_landscape
def test_formula_has_its_stationary_points_there(landscape, rng):
    """With forty digits, so that no rounding hides a wrong last digit of a position."""
    left_out = DEGENERATE | NO_SLOPE | {("drop_wave", (0.0, 0.0))}  # there the formula's derivative is 0/0, with a limit
    known = [point for point in stated(landscape) if (landscape.name, point.position) not in left_out]
    for k in rng.permutation(len(known))[:12]:
        (loss, gx, gy, hxx, hxy, hyy), _ = exact(landscape, known[k].position)
        hessian = np.array(((hxx, hxy), (hxy, hyy)))[: landscape.dim, : landscape.dim]
        newton = np.linalg.solve(hessian, np.array((gx, gy))[: landscape.dim])
        assert np.linalg.norm(newton) <= 1e-14 * (10.0 + np.linalg.norm(known[k].position)), known[k]
        assert loss == pytest.approx(known[k].loss, rel=1e-13, abs=3e-13), known[k]


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
        assert bool(best) == (bool(variant.minima) and variant.name not in BORDER)
        assert variant.bounded_below or variant.name in NO_FLOOR or not best
        if not best:
            continue
        assert variant.minima[: len(best)] == tuple(best)
        assert all(point.loss > best[0].loss for point in variant.minima[len(best) :])
        axes = np.meshgrid(*(np.linspace(*side, 501) for side in variant.domain), indexing="ij")
        losses = variant.loss(*axes)
        lowest = np.argsort(losses, axis=None)[:50]
        polished = downhill(variant, np.column_stack([axis.ravel()[lowest] for axis in axes]))
        least = variant.loss(*coordinates(polished)).min()
        tolerance = 1e-9 * (1.0 + abs(best[0].loss))
        assert losses.min() >= best[0].loss - tolerance
        if variant.name == "bukin_6":  # along the crease no descent gets anywhere
            continue
        assert least == pytest.approx(best[0].loss, abs=tolerance) or not inside(variant, np.array([best[0].position]))[0]


@pytest.mark.parametrize("landscape", [r for r in LANDSCAPES.values() if r.name not in SOME_MINIMA], ids=lambda record: record.name)
def test_no_minimum_of_the_domain_is_missing(landscape, rng):
    for variant in variants(landscape, rng):
        ends = downhill(variant, points(variant, rng, 300))
        ends = ends[inside(variant, ends)]
        hessians = variant.hessian(*coordinates(ends))
        curvatures = np.linalg.eigvalsh(hessians)
        firm = curvatures[:, 0] > 1e-5 * np.abs(curvatures).max(axis=1)  # a floor without curvature has no single lowest point
        ends, hessians = ends[firm], hessians[firm]
        newton = np.linalg.solve(hessians, variant.gradient(*coordinates(ends))[..., None])[..., 0]
        ends = ends[np.linalg.norm(newton, axis=1) < 1e-6]  # the rest still creep along a furrow
        away = distance_to_nearest(ends, [point.position for point in variant.minima])
        assert np.all(away < 1e-4), (variant.values, ends[away >= 1e-4])


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


def test_the_egg_holder_is_least_on_the_border_of_its_domain():
    landscape = LANDSCAPES["eggholder"]
    y = between(lambda y: float(landscape.gradient(512.0, y)[1]), 400.0, 408.0)
    assert y == pytest.approx(404.2318051137578, abs=1e-9)
    assert landscape.loss(512.0, y) == pytest.approx(-959.6406627208508, abs=1e-10)
    assert landscape.gradient(512.0, y)[0] == pytest.approx(-3.385571337, abs=1e-8)
    assert all(point.loss > landscape.loss(512.0, y) for point in landscape.minima)
    x, y = np.meshgrid(np.linspace(-512.0, 512.0, 1001), np.linspace(-512.0, 512.0, 1001))
    assert landscape.loss(x, y).min() > -959.6406627208508
    assert landscape.loss(520.0, 411.0) < -959.6406627208508


@pytest.mark.parametrize("x", [1.0, -2.0, 0.3, 60.0])
def test_what_is_stated_of_circles_of_minima_is_so(x):
    """Drop-wave and the plateau are the same all round their centres."""
    for name in ("drop_wave", "plateau"):
        losses = LANDSCAPES[name].loss(*coordinates(ring(LANDSCAPES[name], (0.0, 0.0), abs(x))))
        assert np.ptp(losses) < 1e-9 * (1.0 + np.abs(losses).max())


@pytest.mark.parametrize(
    ("a", "b", "c", "d", "minima", "saddles"),
    [
        (0.0, 0.0, 1.0, 1.0, 1, 0),
        (2.0, 0.0, 0.1, 1.0, 2, 1),
        (2.0, 2.0, 0.1, 0.1, 3, 2),
        (2.0, 2.0, 0.7, 0.7, 2, 1),
        (20.0, 20.0, 4.0, 4.0, 1, 0),
    ],
)
def test_two_pits_come_and_go(a, b, c, d, minima, saddles):
    landscape = LANDSCAPES["two_pits"].with_parameters(a=a, b=b, c=c, d=d)
    assert (len(landscape.minima), len(landscape.saddles)) == (minima, saddles)
    if a == b:
        assert sorted(point.position[0] for point in stated(landscape)) == pytest.approx(
            sorted(-point.position[0] for point in stated(landscape)), abs=1e-12
        )


@pytest.mark.parametrize("m", [1.0, 1.5, 3.0, 20.0])
def test_michalewicz_has_two_minima_for_every_m(m):
    landscape = LANDSCAPES["michalewicz"].with_parameters(m=m)
    assert [point.kind for point in stated(landscape)] == ["global minimum", "local minimum"]
    for point in stated(landscape):
        newton = np.linalg.solve(landscape.hessian(*point.position), landscape.gradient(*point.position))
        assert np.linalg.norm(newton) < 1e-12


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
