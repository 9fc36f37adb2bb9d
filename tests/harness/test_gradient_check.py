"""The gradient check: right gradients pass, wrong ones are caught at their worst part; derivatives against mpmath and closed forms."""

import math

import mpmath
import numpy as np
import pytest

from gdsim.harness.gradient_check import check_gradient, complex_step, ridders
from gdsim.harness.gradient_targets import slope_of
from gdsim.harness.target import TargetError
from gdsim.landscapes import LANDSCAPES

CURVES = {
    "exp": (np.exp, mpmath.exp),
    "sin": (np.sin, mpmath.sin),
    "tanh": (np.tanh, mpmath.tanh),
    "log": (np.log, mpmath.log),
    "power": (lambda x: x**7 - 3.0 * x**2, lambda x: x**7 - 3 * x**2),
    "bell": (lambda x: np.exp(-x * x), lambda x: mpmath.exp(-x * x)),
}


@pytest.mark.parametrize("name", CURVES)
def test_derivatives_are_those_of_mpmath(name, rng):
    curve, exact = CURVES[name]
    for x in rng.uniform(0.3, 3.0, 10):
        derivative = float(mpmath.diff(exact, mpmath.mpf(float(x))))
        found, error = ridders(lambda w: curve(w[0]), np.array([x]), 0, 1e-2)
        assert abs(found - derivative) <= 20.0 * error
        assert error <= 1e-9 * max(abs(derivative), abs(curve(x)), 1.0)
        assert complex_step(lambda w: curve(w[0]), np.array([x]), 0) == pytest.approx(derivative, rel=1e-13, abs=1e-13)


def test_the_error_of_a_kink_is_told():
    found, error = ridders(lambda w: abs(w[0]), np.array([1e-3]), 0, 1e-1)
    assert abs(found - 1.0) <= 20.0 * error or error > 1e-3


@pytest.mark.parametrize("broken", [lambda w: abs(w[0]), lambda w: w[0].real, lambda w: math.sin(w[0]), lambda w: float(w[0]), lambda w: w])
def test_functions_that_do_not_take_complex_numbers(broken):
    assert complex_step(broken, np.array([0.7, 0.2]), 0) is None


def test_nonsense_from_complex_numbers_is_not_believed():
    """The size of a complex number stands still where only its imaginary part grows: the step says 0, and differences say otherwise."""
    found = check_gradient(lambda w: np.abs(w[0]) ** 2 + 0.0 * w[0], lambda w: 2.0 * w, np.array([[1.5], [-0.5]]), np.array([1e-2]))
    assert (found.passed, found.by) == (True, "differences")


@pytest.mark.parametrize("name", LANDSCAPES)
def test_the_landscapes_pass(name, rng):
    found = slope_of(name, seed=int(rng.integers(2**31))).judged()
    assert found.passed, found
    assert found.unknown <= 0.2 * found.parts


@pytest.mark.parametrize("name", ["rosenbrock", "ackley", "parabola_1d" if "parabola_1d" in LANDSCAPES else "quadratic"])
@pytest.mark.parametrize("wrong", [1.0 + 1e-4, -1.0, 0.0])
def test_wrong_gradients_are_caught(name, wrong, rng):
    slope = slope_of(name, seed=int(rng.integers(2**31)))
    part = int(rng.integers(slope.points.shape[1]))

    def gradient(weights):
        told = slope.gradient(weights)
        told[part] *= wrong
        return told

    found = check_gradient(slope.loss, gradient, slope.points, slope.reach)
    assert (found.passed, found.part) == (False, part)
    assert found.claimed == pytest.approx(found.measured * wrong, rel=1e-5)
    assert any(np.array_equal(found.point, point) for point in slope.points)


@pytest.mark.parametrize("text", ["x^4 - 3 x y + y^2", "sin(x) exp(-y^2)", "abs(x) + y^2", "log(x) y"])
def test_formulas_pass(text):
    assert slope_of(text).judged().passed


def test_points_where_there_is_no_loss_are_left_out():
    found = slope_of("log(x) y").judged()
    assert 0 < found.unknown < found.parts


@pytest.mark.parametrize("name", ["curve-fit", "spiral"])
def test_networks_pass(name):
    found = slope_of(name).judged()
    assert (found.passed, found.by, found.unknown) == (True, "differences", 0)
    assert found.parts >= 100


def test_a_nan_in_a_gradient_is_wrong():
    found = check_gradient(lambda w: w[0] ** 2, lambda w: np.array([math.nan]), np.array([[1.0]]), np.array([1e-2]))
    assert not found.passed
    assert math.isnan(found.claimed)


def test_nothing_known_is_not_passed():
    found = check_gradient(lambda w: math.nan, lambda w: w, np.array([[1.0]]), np.array([1e-2]))
    assert (found.passed, found.unknown, found.parts) == (False, 1, 1)


def test_only_the_parts_that_are_asked_for():
    parts = np.array([1])
    found = check_gradient(lambda w: (w**2).sum(), lambda w: np.array([9.0, 2.0 * w[1]]), np.ones((3, 2)), np.full(2, 1e-2), parts)
    assert (found.passed, found.parts) == (True, 3)


FILE = """\
import numpy as np
import gdsim

def right(w):
    return np.sum(w**4) + np.prod(w), 4.0 * w**3 + np.prod(w) / w

def wrong(w):
    return np.sum(w**4), 4.0 * w**3 + 1e-4 * w

def raises(w):
    return undefined, w

def one_number(w):
    return 1.0

def short(w):
    return np.sum(w), np.ones(1)

number = 3

@gdsim.landscape(domain=((-1, 1), (-1, 1)), start=(0.5, 0.5), name="landscape_of_a_test")
def marked(x, y, params):
    return x * x + y * y * x, 2.0 * x + y * y, 2.0 * y * x
"""


@pytest.fixture
def file(tmp_path):
    (tmp_path / "own.py").write_text(FILE)
    return str(tmp_path / "own.py")


def test_functions_of_a_file(file):
    assert slope_of(f"{file}:right", (1.0, 2.0, -0.5)).judged().by == "complex step"
    found = slope_of(f"{file}:wrong", (1.0, 2.0, -0.5)).judged()
    assert not found.passed
    assert found.claimed - found.measured == pytest.approx(1e-4 * found.point[found.part], rel=1e-6)
    assert slope_of(f"{file}:marked").judged().passed


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (":raises", r"own.py, line 11: NameError"),
        (":one_number", r"it returned float; allowed: a pair \(loss, gradient\)"),
        (":short", "a gradient of 1 numbers; allowed: 2, one for each weight"),
        (":number", "found int; allowed: function"),
        (":absent", "there is no 'absent' in it; allowed: right, wrong"),
        ("", "which function of it is meant is not said"),
    ],
)
def test_bad_functions(file, name, told):
    with pytest.raises(TargetError, match=told):
        slope_of(f"{file}{name}", (1.0, 2.0)).judged()


def test_bad_targets(file):
    with pytest.raises(TargetError, match="allowed: --at"):
        slope_of(f"{file}:right")
    with pytest.raises(TargetError, match="as a formula: "):
        slope_of("no such thing")
    with pytest.raises(TargetError):
        slope_of("absent.toml")
    with pytest.raises(TargetError, match="found 1 numbers for --at; allowed: 2, one for each weight"):
        slope_of("rosenbrock", (1.0,))
    with pytest.raises(TargetError, match="--at does not go with a network"):
        slope_of("spiral", (1.0, 2.0))


@pytest.mark.parametrize("name", ["rosenbrock", "x^2 + y"])
def test_a_landscape_is_looked_at_where_it_is_said(name):
    assert tuple(slope_of(name, (0.125, -3.0)).points[0]) == (0.125, -3.0)
