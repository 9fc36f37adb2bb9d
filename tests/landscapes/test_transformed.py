"""A landscape turned, moved and scaled: the same loss at the turned point, exact derivatives, and runs that are turned runs."""

import numpy as np
import pytest

import gdsim
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.transformed import transformed
from tests.draws import fresh
from tests.landscapes.draw import points, variants


def turned(at, centre, angle, shift):
    turn = np.exp(1j * np.radians(angle))
    w = (at[:, 0] - centre[0] + 1j * (at[:, 1] - centre[1])) * turn
    return np.column_stack((w.real + centre[0] + shift[0], w.imag + centre[1] + shift[1])), turn


@pytest.mark.parametrize("name", [name for name, record in LANDSCAPES.items() if record.dim == 2])
def test_every_landscape_is_itself_seen_from_elsewhere(name):
    """Leaves as plain Python: loss, gradient and Hessian are those of the landscape, turned and scaled."""
    rng = fresh()
    for inner in variants(LANDSCAPES[name], rng, 1):
        angle, shift, factor = rng.uniform(-180, 180), tuple(rng.uniform(-2, 2, 2)), float(rng.uniform(0.1, 3.0))
        landscape = transformed(inner, rotation=angle, shift=shift, factor=factor)
        centre = np.mean(inner.domain, axis=1)
        at = points(inner, rng, 5)
        there, turn = turned(at, centre, angle, shift)
        rotation = np.array([[turn.real, -turn.imag], [turn.imag, turn.real]])
        for (x, y), (u, v) in zip(at.tolist(), there.tolist(), strict=True):
            loss, *gradient = inner.value_and_gradient(x, y, inner.values)
            xx, xy, yy = inner.second_derivatives(x, y, inner.values)
            got, *slope = landscape.value_and_gradient(u, v, landscape.values)
            uu, uv, vv = landscape.second_derivatives(u, v, landscape.values)
            hessian = rotation @ [[xx, xy], [xy, yy]] @ rotation.T
            size = factor * (abs(loss) + np.abs(gradient).max() + np.abs(hessian).max() + 1.0)
            # Turning and moving costs the point some ulps, which a steep wall turns into more.
            slack = 1e-11 * size * (1.0 + np.abs(at).max())
            assert got == pytest.approx(factor * loss, abs=slack)
            np.testing.assert_allclose(slope, factor * rotation @ gradient, rtol=0.0, atol=slack * (1.0 + np.abs(hessian).max()))
            np.testing.assert_allclose([[uu, uv], [uv, vv]], factor * hessian, rtol=1e-6, atol=slack * (1.0 + np.abs(hessian).max()))
        for point, known in zip(landscape.minima, inner.minima, strict=True):
            assert point.loss == factor * known.loss
            where, _ = turned(np.array([known.position]), centre, angle, shift)
            np.testing.assert_allclose(point.position, where[0], atol=1e-12)
        assert landscape.bounded_below is inner.bounded_below


def test_gradient_descent_is_blind_to_the_transformation():
    """It walks the same path, turned and moved; a factor is undone by the rate."""
    inner = LANDSCAPES["rosenbrock"]
    landscape = transformed(inner, rotation=33.0, shift=(2.0, -1.0), factor=4.0)
    path = gdsim.minimise(inner, learning_rate=1e-3, steps=300)
    other = gdsim.minimise(landscape, learning_rate=1e-3 / 4.0, steps=300)
    expected, _ = turned(path.positions, np.mean(inner.domain, axis=1), 33.0, (2.0, -1.0))
    np.testing.assert_allclose(other.positions, expected, atol=1e-9)
    np.testing.assert_allclose(other.losses, 4.0 * path.losses, rtol=1e-6)
    assert other.verdict.outcome == path.verdict.outcome


def test_a_curve_is_moved_and_scaled():
    inner = LANDSCAPES["double_well"]
    landscape = transformed(inner, shift=(3.0,), factor=2.0)
    assert landscape is transformed(inner, shift=(3.0,), factor=2.0)
    assert landscape.domain == ((1.0, 5.0),)
    assert landscape.start == (inner.start[0] + 3.0,)
    np.testing.assert_allclose(landscape.loss(3.25), 2.0 * inner.loss(0.25), rtol=1e-15)
    np.testing.assert_allclose(landscape.gradient(3.25), 2.0 * inner.gradient(0.25), rtol=1e-15)


def test_what_cannot_be_is_said():
    curve, plane = LANDSCAPES["double_well"], LANDSCAPES["sphere"]
    with pytest.raises(ValueError, match="double_well has one weight"):
        transformed(curve, rotation=10.0)
    with pytest.raises(ValueError, match="a shift of 1 numbers; sphere has 2"):
        transformed(plane, shift=(1.0,))
    with pytest.raises(ValueError, match="factor is 0"):
        transformed(plane, factor=0.0)
    with pytest.raises(ValueError, match="sphere has parameters factor, rotation, shift_x, shift_y already"):
        transformed(transformed(plane))
