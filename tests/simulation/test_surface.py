"""The ground: every landscape's surface against the landscape itself."""

import math

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.simulation.surface import NARROWEST, WIDEST, Surface, survey
from tests.draws import fresh

MAPS = [record for record in LANDSCAPES.values() if record.dim == 2]
CURVES = [record for record in LANDSCAPES.values() if record.dim == 1]


@pytest.fixture(scope="module")
def surfaces() -> dict[str, Surface]:
    return {record.name: survey(record, 160) for record in LANDSCAPES.values()}


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=lambda record: record.name)
def test_losses_are_the_landscapes(landscape: Landscape, surfaces: dict[str, Surface]) -> None:
    surface = surfaces[landscape.name]
    rng = fresh()
    column = rng.integers(len(surface.x), size=20)
    if landscape.dim == 1:
        assert surface.losses[column] == pytest.approx(landscape.loss(surface.x[column]))
        assert surface.y.size == 0
        assert len(surface.x) >= 2000
    else:
        row = rng.integers(len(surface.y), size=20)
        assert surface.losses[row, column] == pytest.approx(landscape.loss(surface.x[column], surface.y[row]))


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=lambda record: record.name)
def test_shades_rise_with_the_loss(landscape: Landscape, surfaces: dict[str, Surface]) -> None:
    surface = surfaces[landscape.name]
    assert surface.shades.shape == surface.losses.shape
    assert surface.shades.min() >= 0
    assert surface.shades.max() <= 1
    order = np.argsort(surface.losses, axis=None)
    assert (np.diff(surface.shades.ravel()[order]) >= -1e-12).all()
    assert np.ptp(surface.shades) > 0.8


@pytest.mark.parametrize("landscape", MAPS, ids=lambda record: record.name)
def test_domain_is_covered_and_windows_are_filled(landscape: Landscape, surfaces: dict[str, Surface]) -> None:
    surface = surfaces[landscape.name]
    for axis, (low, high) in zip((surface.x, surface.y), landscape.domain, strict=True):
        assert axis[0] <= low
        assert axis[-1] >= high
        assert (axis[0] + axis[-1]) / 2 == pytest.approx((low + high) / 2)
    (west, east), (south, north) = landscape.domain
    assert np.ptp(surface.x) >= (north - south) * WIDEST * (1 - 1e-9)
    assert np.ptp(surface.y) >= (east - west) / NARROWEST * (1 - 1e-9)


@pytest.mark.parametrize("landscape", MAPS, ids=lambda record: record.name)
def test_level_lines_lie_on_their_level(landscape: Landscape, surfaces: dict[str, Surface]) -> None:
    surface = surfaces[landscape.name]
    assert 10 <= len(surface.levels) <= 32
    assert list(surface.levels) == sorted(set(surface.levels))
    spacing = np.array([np.ptp(surface.x) / (len(surface.x) - 1), np.ptp(surface.y) / (len(surface.y) - 1)])
    for level, lines in zip(surface.levels, surface.lines, strict=True):
        for line in lines:
            assert line.shape[1] == 2
            # Linear interpolation between samples errs by the loss's change over a sample at most.
            slope = np.abs(landscape.gradient(line[:, 0], line[:, 1])) @ spacing
            curvature = np.abs(landscape.hessian(line[:, 0], line[:, 1])) @ spacing @ spacing
            error = np.abs(landscape.loss(line[:, 0], line[:, 1]) - level)
            assert (error <= slope + curvature + 1e-9 * (1 + abs(level))).all()


@pytest.mark.parametrize("landscape", MAPS, ids=lambda record: record.name)
def test_levels_follow_the_scale_of_the_landscape(landscape: Landscape, surfaces: dict[str, Surface]) -> None:
    levels = np.array(surfaces[landscape.name].levels)
    if landscape.log_levels:
        least = min(point.loss for point in landscape.minima)
        ratios = np.diff(np.log(levels - least))
        assert ratios.max() / ratios.min() < 4
    else:
        assert np.diff(levels) == pytest.approx(levels[1] - levels[0])


def test_extent_can_be_chosen() -> None:
    surface = survey(LANDSCAPES["himmelblau"], 64, extent=((0.0, 1.0), (-2.0, -1.5)))
    assert (surface.x[0], surface.x[-1], surface.y[0], surface.y[-1]) == (0.0, 1.0, -2.0, -1.5)


def pole(x, y, params):
    if y > 1.0:
        return math.nan, 0.0, 0.0
    return 1.0 / x, -1.0 / (x * x), 0.0


def no_curvature(x, y, params):
    return 0.0, 0.0, 0.0


@pytest.mark.parametrize("log_levels", [False, True])
def test_infinite_and_missing_losses_are_survived(log_levels: bool) -> None:
    landscape = Landscape(
        name="pole",
        title="Pole",
        dim=2,
        family="test",
        value_and_gradient=pole,
        second_derivatives=no_curvature,
        formula="1/x",
        latex="1/x",
        domain=((0.0, 1.0), (0.0, 2.0)),
        start=(0.5, 0.5),
        log_levels=log_levels,
    )
    surface = survey(landscape, 64, extent=landscape.domain)
    assert np.isinf(surface.losses).any()
    assert np.isnan(surface.losses).any()
    assert np.isfinite(surface.shades).all()
    assert np.isfinite(surface.levels).all()
    assert all(np.isfinite(line).all() for lines in surface.lines for line in lines)


def test_a_plain_is_survived() -> None:
    flat = LANDSCAPES["quadratic"].with_parameters(**{p.name: max(p.low, 1e-12) for p in LANDSCAPES["quadratic"].parameters})
    surface = survey(flat, 32, extent=((0.0, 0.0), (0.0, 0.0)))
    assert np.isfinite(surface.shades).all()
