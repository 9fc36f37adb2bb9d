"""Values, gradients and Hessians of formulas against sympy, against differences in 60 digits and against the catalogue's own."""

import itertools
import math

import mpmath
import numpy as np
import pytest
import sympy
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy.parsing.sympy_parser import convert_xor, parse_expr, rationalize, standard_transformations

from gdsim.engine.intrinsics import bits
from gdsim.engine.specialise import specialise
from gdsim.landscapes import LANDSCAPES
from gdsim.landscapes.formula import parse
from gdsim.landscapes.formula.algebra import Algebra, Products
from gdsim.landscapes.formula.derived import derived
from gdsim.landscapes.formula.differentiate import derivative
from gdsim.landscapes.formula.evaluate import evaluate
from gdsim.landscapes.formula.writing import as_text
from tests.draws import fresh
from tests.landscapes.draw import points
from tests.landscapes.formula.table import PARAMETERS, WRITTEN
from tests.landscapes.formula.trees import TREES, built, multiple

X, Y = sympy.symbols("x y", real=True)
SYMPY = {
    name: getattr(sympy, name)
    for name in ["sin", "cos", "tan", "asin", "acos", "atan", "sinh", "cosh", "tanh", "exp", "log", "sqrt", "sign", "pi"]
} | {
    "x": X,
    "y": Y,
    "e": sympy.E,
    "abs": sympy.Abs,
    "min": sympy.Min,
    "max": sympy.Max,
    "log2": lambda u: sympy.log(u, 2),
    "log10": lambda u: sympy.log(u, 10),
    "sigmoid": lambda u: 1 / (1 + sympy.exp(-u)),
}
AT_KINKS = {"Heaviside": lambda u, *_: mpmath.mpf(u > 0), "DiracDelta": lambda *_: mpmath.mpf(0)}
BATCH = 12


def by_sympy(text):
    """``f(x, y, *parameters)`` giving J, Jx, Jy, Jxx, Jxy, Jyy, from the formula with every product written out."""
    parsed = parse(text)
    symbols = [sympy.Symbol(name, real=True) for name in parsed.parameters]
    names = SYMPY | dict(zip(parsed.parameters, symbols, strict=True))
    loss = parse_expr(as_text(parsed.graph, parsed.root), names, (*standard_transformations, convert_xor, rationalize))
    gx, gy = sympy.diff(loss, X), sympy.diff(loss, Y)
    wanted = [loss, gx, gy, sympy.diff(gx, X), sympy.diff(gx, Y), sympy.diff(gy, Y)]
    return sympy.lambdify([X, Y, *symbols], wanted, [AT_KINKS, "mpmath"], cse=True)


def values_of(parsed):
    return tuple(PARAMETERS[name] for name in parsed.parameters)


def both(leaves, x, y, params):
    return (*leaves.value_and_gradient(x, y, params), *leaves.second_derivatives(x, y, params))


@pytest.mark.parametrize("typed", WRITTEN)
def test_derivatives_are_those_of_sympy(typed):
    leaves, exact, params = derived(typed), by_sympy(typed), values_of(parse(typed))
    compared = 0
    for x, y in fresh().uniform(-2.0, 2.0, (12, 2)).tolist():
        with mpmath.workdps(40):
            expected = exact(mpmath.mpf(x), mpmath.mpf(y), *map(mpmath.mpf, params))
        got = both(leaves, x, y, params)
        if any(isinstance(value, mpmath.mpc) and value.imag for value in expected):
            assert math.isnan(got[0])  # no real number, such as a root of a negative one
            continue
        numbers = [float(mpmath.re(value)) for value in expected]
        scale = 1.0 + max(map(abs, numbers))
        np.testing.assert_allclose(got, numbers, rtol=1e-11, atol=1e-13 * scale, err_msg=f"{typed} at {x}, {y}")
        compared += 1
    assert compared


@given(TREES, st.floats(-3.0, 3.0), st.floats(-3.0, 3.0))
@settings(max_examples=150, deadline=None)
def test_derivatives_are_the_slopes_of_random_formulas(tree, x, y):
    """Simplified and differentiated, in 60 digits: no rounding stands between the rules and the differences."""
    graph, root = built(tree)
    simple = Algebra()
    (loss,) = simple.copied(graph, (root,))
    slopes = [derivative(simple, loss, axis) for axis in "xy"]
    final = Products()
    roots = final.copied(simple, (loss, *slopes))
    with mpmath.workdps(60):
        h = mpmath.mpf(10) ** -20
        x, y = mpmath.mpf(x) + mpmath.mpf("0.0123456789"), mpmath.mpf(y) + mpmath.mpf("0.0987654321")
        near = [(x, y), (x + h, y), (x - h, y), (x, y + h), (x, y - h)]
        try:
            seen = [multiple(graph, (root,), *at, a=1.5)[0] for at in near]
            value, gx, gy = multiple(final, roots, x, y, a=1.5)
        except (ValueError, ZeroDivisionError, OverflowError):
            assume(False)
        assume(max(map(abs, (*seen, gx, gy))) < 1e12)
        assume(simplest_is_exact(graph, root, simple, loss, x, y))
        assert abs(value - seen[0]) <= 1e-14 * (1 + abs(value))
        # A kink within the difference, or curvature beyond every bound, would be no error of the rules.
        for slope, after, before in ((gx, seen[1], seen[2]), (gy, seen[3], seen[4])):
            steeper = [(after - seen[0]) / h, (seen[0] - before) / h]
            if abs(steeper[0] - steeper[1]) < 1e-8 * (1 + abs(steeper[0])):
                assert abs(slope - (after - before) / (2 * h)) <= 1e-7 * (1 + abs(slope))


def simplest_is_exact(graph, root, simple, loss, x, y):
    """Whether folding constants in float64 cost no more than a rounding or two: 0.1*3 - 0.3 is nothing but its rounding errors."""
    (before,), (after,) = multiple(graph, (root,), x, y, a=1.5), multiple(simple, (loss,), x, y, a=1.5)
    return abs(before - after) <= 1e-14 * (1 + abs(before))


@pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
def test_the_catalogues_formulas_are_its_landscapes(landscape, rng):
    leaves = derived(landscape.formula)
    by_name = dict(zip((param.name for param in landscape.parameters), landscape.values, strict=True))
    params = tuple(by_name[name] for name in leaves.parameters)
    assert parse(landscape.formula).dim == landscape.dim
    for position in points(landscape, rng, 20):
        x, y = (*map(float, position), 0.0)[:2]
        expected = (*landscape.value_and_gradient(x, y, landscape.values), *landscape.second_derivatives(x, y, landscape.values))
        scale = 1.0 + max(map(abs, expected))
        np.testing.assert_allclose(both(leaves, x, y, params), expected, rtol=1e-9, atol=1e-12 * scale)


def each(x, y, params, out):
    for i in range(x.size):
        values = leaves(x[i], y[i], params)  # noqa: F821
        for k in range(COUNT):  # noqa: F821
            out[k, i] = values[k]


def batches():
    texts = list(WRITTEN)
    return [texts[begin : begin + BATCH] for begin in range(0, len(texts), BATCH)]


@pytest.mark.parametrize("texts", batches(), ids=lambda texts: texts[0])
def test_compiled_leaves_have_the_bits_of_python(texts):
    """A batch of formulas as one leaf, which compiles once."""
    from gdsim.landscapes.formula.emit import leaf

    graph = Products()
    roots = [root for text in texts for root in graph.copied(derived(text).graph, derived(text).roots)]
    function = leaf(graph, roots, tuple(PARAMETERS), "batch")
    strange = [0.0, -0.0, 1.0, -1.0, 1e200, -1e-200, math.inf, -math.inf, math.nan]
    x, y = np.array([*itertools.product(strange, strange), *fresh().normal(0.0, 2.0, (60, 2)).tolist()]).T.copy()
    out = np.empty((len(roots), x.size))
    params = tuple(PARAMETERS.values())
    specialise(each, leaves=function, COUNT=len(roots))(x, y, params, out)
    for i, at in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        for got, expected in zip(out[:, i].tolist(), function(*at, params), strict=True):
            assert (math.isnan(got) and math.isnan(expected)) or bits(got) == bits(float(expected)), at


@pytest.mark.parametrize("typed", WRITTEN)
def test_numpy_sees_the_same(typed):
    leaves = derived(typed)
    x, y = fresh().uniform(-2.0, 2.0, (2, 20))
    params = values_of(parse(typed))
    named = dict(zip(leaves.parameters, params, strict=True))
    columns = np.array(evaluate(leaves.graph, leaves.roots, x, y, named))
    (plain,) = evaluate(parse(typed).graph, (parse(typed).root,), x, y, named)
    for i, at in enumerate(zip(x.tolist(), y.tolist(), strict=True)):
        expected = np.array(both(leaves, *at, params))
        scale = 1.0 + np.max(np.abs(np.nan_to_num(expected)))
        np.testing.assert_allclose(columns[:, i], expected, rtol=1e-11, atol=1e-13 * scale)
        np.testing.assert_allclose(plain[i], expected[0], rtol=1e-11, atol=1e-13 * scale)


# At a kink, a tip and an infinite slope: J, Jx, Jy, Jxx, Jxy, Jyy.
KINKS = [
    ("|x|", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("|x - 1| + 2|y|", 1.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("sqrt(x^2 + y^2)", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("sqrt(x)", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("x^0.5", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("(x^2)^(1/3)", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("x^1.5", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("|x|^p", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("min(x, 3x)", 0.0, 0.0, (0, 2, 0, 0, 0, 0)),
    ("max(x, 0) + max(-y, y)", 0.0, 0.0, (0, 0.5, 0, 0, 0, 0)),
    ("relu(x)^2", 0.0, 0.0, (0, 0, 0, 0.5, 0, 0)),
    ("sign(x) + y", 0.0, 0.0, (0, 0, 1, 0, 0, 0)),
    ("asin(x)", 1.0, 0.0, (math.pi / 2, 0, 0, 0, 0, 0)),
    ("x^3", 0.0, 0.0, (0, 0, 0, 0, 0, 0)),
    ("(-2)^x", 3.0, 0.0, (-8, math.nan, 0, math.nan, 0, 0)),
    ("1/x", 0.0, 0.0, (math.inf, -math.inf, 0, math.inf, 0, 0)),
    ("sqrt(x)", -1.0, 0.0, (math.nan, math.nan, 0, math.nan, 0, 0)),
    ("log(x)", 0.0, 0.0, (-math.inf, math.inf, 0, -math.inf, 0, 0)),
]


@pytest.mark.parametrize(("text", "x", "y", "expected"), KINKS)
def test_kinks_have_the_slopes_documented(text, x, y, expected):
    np.testing.assert_allclose(both(derived(text), x, y, values_of(parse(text))), expected, rtol=1e-15)
