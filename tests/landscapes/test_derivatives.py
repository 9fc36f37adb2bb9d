"""Every landscape's loss, gradient and Hessian against its formula, against the slow obvious loss and against finite differences."""

import mpmath
import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from tests import naive
from tests.landscapes.draw import by_name, coordinates, points, variants
from tests.landscapes.formulas import exact
from tests.landscapes.kinks import smooth

ROUNDINGS = 64 * np.finfo(float).eps
every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)


@every_landscape
def test_formula_gives_the_loss_and_its_derivatives(landscape, rng):
    for variant in variants(landscape, rng):
        at = points(variant, rng, 12)
        columns = coordinates(at)
        upper = np.triu_indices(variant.dim)
        got = np.column_stack((variant.loss(*columns), variant.gradient(*columns), variant.hessian(*columns)[:, upper[0], upper[1]]))
        kept = [0, 1, 3] if variant.dim == 1 else [0, 1, 2, 3, 4, 5]
        for position, row in zip(at, got, strict=True):
            values, sizes = exact(variant, position)
            np.testing.assert_array_less(np.abs(row - np.take(values, kept)), ROUNDINGS * np.take(sizes, kept) + 1e-300, str(position))


@every_landscape
def test_loss_is_the_naive_one(landscape, rng):
    for variant in variants(landscape, rng):
        at = points(variant, rng, 50)
        expected = np.array([naive.LOSSES[variant.name](tuple(position), **by_name(variant)) for position in at])
        got = variant.loss(*coordinates(at))
        np.testing.assert_allclose(got, expected, rtol=1e-11, atol=1e-11 * np.abs(expected).max())


@every_landscape
def test_gradient_and_hessian_are_the_slopes_seen(landscape, rng):
    """Differences of fourth order, of the loss for the gradient and of the gradient for the Hessian."""
    at = smooth(landscape, points(landscape, rng, 100), margin=0.2)
    assert len(at) > 30
    h = 2e-4
    for axis in range(landscape.dim):
        shift = h * np.eye(landscape.dim)[axis]
        for function, derivative in (
            (landscape.loss, landscape.gradient(*coordinates(at))[:, axis]),
            (landscape.gradient, landscape.hessian(*coordinates(at))[:, axis]),
        ):
            near = [function(*coordinates(at + k * shift)) for k in (-2, -1, 1, 2)]
            seen = (near[0] - 8.0 * near[1] + 8.0 * near[2] - near[3]) / (12.0 * h)
            size = 1.0 + np.abs(near).max() + np.abs(derivative).max()
            np.testing.assert_allclose(seen, derivative, rtol=0.0, atol=1e-9 * size)


def test_every_landscape_has_a_naive_loss():
    assert naive.LOSSES.keys() == LANDSCAPES.keys()


TINY = (0.0, 5e-324, 1e-300, 1e-200, 1e-160, 1e-100, 1e-20)


@pytest.mark.parametrize(
    ("name", "loss", "curvature"), [("ackley", 0.0, 0.5 * np.e * (2.0 * np.pi) ** 2), ("plateau", 1e-6 - np.sin(0.01) / 0.01, 0.0)]
)
def test_tip_of_a_cone_has_the_derivatives_documented(name, loss, curvature):
    landscape = LANDSCAPES[name]
    assert landscape.loss(0.0, 0.0) == pytest.approx(loss, rel=1e-15)
    assert np.all(landscape.gradient(0.0, 0.0) == 0.0)
    np.testing.assert_allclose(landscape.hessian(0.0, 0.0), curvature * np.eye(2), rtol=1e-15)
    for y in TINY:
        for got in (landscape.loss(TINY, y), landscape.gradient(TINY, y), landscape.hessian(TINY, y)):
            assert np.all(np.isfinite(got))


@every_landscape
def test_nothing_is_divided_by_zero_on_or_beside_a_kink(landscape):
    """At whole and half multiples of pi, at tiny numbers and on Bukin's and the egg holder's creases."""
    somewhere = [0.0, *TINY, *np.arange(-10.0, 10.5, 0.5), *(0.5 * np.pi * np.arange(-6.0, 7.0))]
    x, y = map(np.ravel, np.meshgrid(somewhere, somewhere))
    pairs = [(x, y), (x, 0.01 * x * x), (x, -47.0 - 0.5 * x), (x, x - 47.0), (x, np.nextafter(x - 47.0, 0.0))]
    for u, v in pairs:
        for got in (landscape.loss(u, v), landscape.gradient(u, v), landscape.hessian(u, v)):
            assert np.all(np.isfinite(got))
    for u, v in zip(x[::7].tolist(), y[::7].tolist(), strict=True):
        landscape.value_and_gradient(u, v, landscape.values)  # as plain Python a division by zero raises
        landscape.second_derivatives(u, v, landscape.values)


@pytest.mark.parametrize("name", ["bukin_6", "cross_in_tray", "holder_table", "eggholder"])
def test_on_a_crease_the_part_that_jumps_counts_zero(name):
    landscape = LANDSCAPES[name]
    if name == "bukin_6":
        assert landscape.gradient(-10.0, 1.0).tolist() == [0.0, 0.0]
        assert landscape.gradient(-8.0, 0.64).tolist() == [0.01, 0.0]
        assert not landscape.hessian(-8.0, 0.64).any()
    elif name == "eggholder":
        x = np.arange(-500.0, 500.0, 4.0)
        here, above, below = (landscape.gradient(x, x - 47.0 + d) for d in (0.0, 1e-6, -1e-6))
        np.testing.assert_allclose(here, 0.5 * (above + below), atol=2e-3)
    else:
        assert not landscape.gradient(np.zeros(5), np.arange(5.0)).any()
        assert not landscape.hessian(np.zeros(5), np.arange(5.0)).any()


def test_drop_wave_is_smooth_at_its_centre():
    landscape = LANDSCAPES["drop_wave"]
    np.testing.assert_allclose(landscape.hessian(0.0, 0.0), 72.5 * np.eye(2), rtol=1e-15)
    np.testing.assert_allclose(landscape.hessian(TINY, 1e-9), np.broadcast_to(72.5 * np.eye(2), (len(TINY), 2, 2)), atol=1e-6)


def test_cross_in_tray_stays_right_where_its_exponential_leaves_the_numbers():
    """e^(r/pi - 100) overflows beyond r = 2540; its tenth power does not."""
    landscape = LANDSCAPES["cross_in_tray"]
    x = np.array([2600.5, 5000.3, 12000.7])
    with mpmath.workdps(30):
        for at in x:
            r = mpmath.sqrt(2) * mpmath.mpf(at)
            exact = -((abs(mpmath.sin(at)) ** 2 * mpmath.exp(r / mpmath.pi - 100) + 1) ** (mpmath.mpf(1) / 10)) / 10_000
            assert landscape.loss(at, at) == pytest.approx(float(exact), rel=1e-11)
