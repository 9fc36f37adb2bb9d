"""Stationary points found: those that are known, none that are not, and a fair guess at whether there is a floor."""

import numpy as np
import pytest

from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula import formula
from tests.landscapes.search import inside

# Of each formula every stationary point of the usual domain that a search should find, or a kind that it should not.
KNOWN = {
    "(x - 1)^2 + 3(y + 2)^2": [("global minimum", 1, -2)],
    "x^2 - y^2": [("saddle", 0, 0)],
    "-x^2 - 2y^2": [("maximum", 0, 0)],
    "x^4 - 2x^2": [("global minimum", -1), ("global minimum", 1), ("maximum", 0)],
    "x^3 - 3x": [("local minimum", 1), ("maximum", -1)],
    "x^4 - 2x^2 + y^2": [("global minimum", -1, 0), ("global minimum", 1, 0), ("saddle", 0, 0)],
    "log(x) + 1/x": [("global minimum", 1)],
    "|x - 1|": [("global minimum", 1)],
    "|x| + 2|y - 1|": [("global minimum", 0, 1)],
    "sqrt((x - 1)^2 + 4y^2)": [("global minimum", 1, 0)],
    "max(|x + 2|, |y - 1|)": [("global minimum", -2, 1)],
    "(1 - x)^2 + 100(y - x^2)^2": [("global minimum", 1, 1)],
    "100|y - x^2| + (x - 1)^2": [],  # every place on the bottom looks like a minimum to a coarse search
    "x": [],
    "x + y": [],
    "atan(x)": [],
    "exp(x)": [],
    "x^2 y^2": [],  # valleys as flat as level ground along both axes
    "0*x": [],
    "x^2": [("global minimum", 0)],
}


@pytest.mark.parametrize("text", KNOWN)
def test_what_is_known_is_found_and_nothing_else(text):
    landscape = formula(text)
    found = [(point.kind, *point.position) for point in landscape.points(landscape.values)]
    assert sorted(kind for kind, *_ in found) == sorted(kind for kind, *_ in KNOWN[text])
    for kind, *position in KNOWN[text]:
        assert any(each[0] == kind and np.allclose(each[1:], position, rtol=0.0, atol=1e-9) for each in found), (kind, position)


@pytest.mark.parametrize("name", ["himmelblau", "six_hump_camel", "bird", "styblinski_tang", "griewank", "branin", "double_well"])
def test_minima_of_the_catalogue_are_found(name):
    known = LANDSCAPES[name]
    values = {param.name: value for param, value in zip(known.parameters, known.values, strict=True)}
    found = formula(known.formula, domain=known.domain, **values).minima
    for point in known.minima:
        if inside(known, np.array([point.position]))[0]:
            (same,) = [each for each in found if np.allclose(each.position, point.position, rtol=0.0, atol=1e-8)]
            assert same.kind == point.kind
            assert same.loss == pytest.approx(point.loss, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_a_floor_is_guessed_where_there_is_one(landscape):
    values = {param.name: value for param, value in zip(landscape.parameters, landscape.values, strict=True)}
    guessed = formula(landscape.formula, domain=landscape.domain, **values).bounded_below
    assert guessed == landscape.bounded_below or landscape.name in MISJUDGED


MISJUDGED: set[str] = set()


def test_random_parabolas(rng):
    for _ in range(20):
        a, b, c = rng.uniform(-3.0, 3.0, 3)
        p, q = rng.uniform(-4.5, 4.5, 2)
        landscape = formula("a*(x - p)^2 + b*(x - p)*(y - q) + c*(y - q)^2", a=a, b=b, c=c, p=p, q=q)
        (point,) = landscape.points(landscape.values)
        low, high = np.linalg.eigvalsh([[2 * a, b], [b, 2 * c]])
        assert point.kind == ("global minimum" if low > 0 else "maximum" if high < 0 else "saddle")
        np.testing.assert_allclose(point.position, (p, q), rtol=0.0, atol=1e-9)
        assert landscape.bounded_below == (low > 0)


def test_a_minimum_beside_lower_ground_is_a_local_one():
    assert [point.kind for point in formula("x^4 - 2x^2 + 0.3x").minima] == ["global minimum", "local minimum"]
    assert [point.kind for point in formula("x^3 - 3x").minima] == ["local minimum"]


def test_minima_move_with_the_parameters():
    landscape = formula("(x - a)^2 + y^2", a=1.0)
    moved = landscape.with_parameters(a=-2.5)
    assert moved.value_and_gradient is landscape.value_and_gradient
    assert [point.position for point in (*landscape.minima, *moved.minima)] == [(1.0, 0.0), (-2.5, 0.0)]
