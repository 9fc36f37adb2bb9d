"""Floors: which formulas fall without end is known here, and a bound on rounding errors is one."""

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.landscapes.formula import formula
from gdsim.landscapes.formula.rounding import with_errors
from tests.landscapes.formula.trees import TREES, built, multiple

FALLS = [
    *("x", "-x", "x + y", "x^3 - 3x", "x^2 - y^2", "x*y", "x^10 - y^10", "max(x, y)", "min(x^2, -log(1 + y^2))"),
    *("-log(1 + x^2)", "-log(log(x^2 + 3))", "5 - log(log(x^2 + 3))", "-log(log(log(x^2 + 20)))", "1000 - log(1 + x^2)"),
    *("-1e-40*x", "1 - 1e-40*x", "-sqrt(|x|)", "-|x|^0.01 + y^2", "-atan(x)*log(1 + x^2)", "x - log(1 + exp(x))", "-log(1 + exp(x))"),
    *("y^2 - log(1 + x^2)", "(y - x^2)^2 - log(1 + x^2)", "-x + 1000(y - x^2)^2", "(3x - y)^2 - log(1 + x^2)", "10(x - 2y)^2 - 0.001x"),
    *("x^2 + 2x*y + 0.999y^2", "x^2 - 2x*y + y^2 - x", "x^2 + y^2 - 3sqrt(x^4 + y^4)", "(x^2 + y - 11)^2 - (x + y^2 - 7)^2"),
    *("-exp(x)", "y - exp(x)", "-exp(exp(x))", "exp(x) - exp(y)", "exp(-x) - x", "-cosh(x)", "-x*exp(-y^2)", "sin(x)*exp(x)"),
    *("x*sin(x)", "sin(x) - log(1 + x^2)", "(x*y - 1)^2 - 0.1y", "log(|x - y|)", "-1/x^2 + y^2", "(x*log(|x|))^2 + y"),
]
STAYS = [
    *("x^2", "x^2 + y^2", "|x|", "|x - y|", "0*x", "x^2*y^2", "(y - x^2)^2", "x^x", "x*log(x)", "1/x^2", "cosh(x) - x"),
    *("x^4 - 1e6*x^2", "1e-20*x^2 - x", "1e-290*exp(x) - x^2 + exp(-x)", "exp(1.01x) - exp(x)", "exp(x^2) + exp(y^2) - x - y"),
    *(
        "atan(x)",
        "-atan(x)",
        "-tanh(x)",
        "exp(x)",
        "exp(-x)",
        "-x/(1 + |x|)",
        "-1/(1 + x^2)",
        "-exp(-x^2 - y^2)",
        "x*exp(-x^2)",
        "sin(x)/x",
    ),
    *("1/log(x^2 + 3)", "1/log(log(x^2 + 20))", "log(log(x^2 + 3))", "sqrt(1 + x^2) - x", "log(1 + exp(x)) - x", "log(1 + exp(-x))"),
    *("cos(x)", "sin(3x) + cos(y)", "1000 + sin(x)", "cos(sqrt(x^2 + y^2))", "cos(x) + exp(x)/(1 + exp(x))", "10 - 10cos(2pi*x) + x^2"),
    *("x^2 - 2x*y + y^2", "x^4 - 2x^2*y + y^2", "100|y - x^2| + (x - 1)^2", "x - log(1 + exp(x)) + exp(-x)"),
]


@pytest.mark.parametrize("text", FALLS)
def test_what_falls_without_end_is_seen(text):
    assert not formula(text).bounded_below


@pytest.mark.parametrize("text", STAYS)
def test_what_has_a_floor_is_seen(text):
    assert formula(text).bounded_below


@pytest.mark.parametrize(
    ("p", "q", "turn", "gentle"),
    [
        (42.508979890761054, -31.65016019255319, 2.374039445703675, 0.007701492296918979),  # beside a corner of the rings
        (-12.373055531774767, 40.46723772791694, 3.957472649490025, 0.05381124906107642),
        (47.40958749083151, -35.50691108202143, 4.315559617905661, 0.06846982371712361),  # where rounding happens to give 0 far out
        (5.0, -3.0, 0.0, 1e-4),
        (-0.5, 31.0, 1.0, 0.9),
        (20.0, 20.0, 5.8, 0.003),
    ],
)
def test_where_and_which_way_it_falls_does_not_matter(p, q, turn, gentle):
    c, s = np.cos(turn), np.sin(turn)
    ditch = formula("(s*(x - p) - c*(y - q))^2 - g*log(1 + (c*(x - p) + s*(y - q))^2)", p=p, q=q, c=c, s=s, g=gentle)
    assert not ditch.bounded_below
    assert ditch.with_parameters(g=-gentle).bounded_below


@given(TREES, st.floats(-100.0, 100.0), st.floats(-100.0, 100.0))
def test_no_error_is_larger_than_its_bound(tree, x, y):
    graph, root = built(tree)
    (value,), (error,) = with_errors(graph, root, np.array([x]), np.array([y]), {"a": 1.25})
    if not np.isfinite(value) or not error <= 1e-3 * abs(value):  # a bound of first order
        return
    with mpmath.workdps(60):
        try:
            (exact,) = multiple(graph, (root,), mpmath.mpf(x), mpmath.mpf(y), a=1.25)
        except (ValueError, ZeroDivisionError, OverflowError):
            return
        assert abs(value - exact) <= 2 * error
