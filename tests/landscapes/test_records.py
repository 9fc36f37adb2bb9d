"""What every record must have: names, texts, a start, parameters; arrays of any shape; infinities and NaN without an exception."""

import itertools
import math
import re

import numpy as np
import pytest

from gdsim.landscapes import FAMILIES, LANDSCAPES, Landscape
from tests.landscapes.draw import coordinates, points, variants
from tests.landscapes.search import inside

every_landscape = pytest.mark.parametrize("landscape", LANDSCAPES.values(), ids=LANDSCAPES)
SADDLES = {"saddle", "monkey_saddle"}
CURVES = {"double_well", "shallow_slope", "narrow_valley"}
TOKEN = re.compile(r"(?P<number>\d+(?:\.\d+)?)|(?P<name>[A-Za-z_]\w*)|(?P<sign>[-+*/^()])|(?P<space> )|(?P<other>.)")
FUNCTIONS = {"sin", "cos", "exp", "log", "tanh", "sqrt", "abs"}


def test_the_mapping_is_read_only_and_holds_every_family_once():
    assert len(LANDSCAPES) >= 47
    assert {name for name, landscape in LANDSCAPES.items() if landscape.dim == 1} >= CURVES
    assert not {name for name in SADDLES if LANDSCAPES[name].minima or not LANDSCAPES[name].saddles}
    with pytest.raises(TypeError):
        LANDSCAPES["mine"] = LANDSCAPES["saddle"]
    records = [record for family in FAMILIES for record in family.LANDSCAPES]
    assert list(LANDSCAPES.values()) == records
    assert [record.name for record in records] == list(LANDSCAPES)
    for texts in ("name", "title", "formula", "latex", "notes"):
        assert len({getattr(record, texts) for record in records}) == len(records), texts


@every_landscape
def test_texts_are_there(landscape):
    assert re.fullmatch(r"[a-z][a-z_]*(_\d+)?", landscape.name)
    assert landscape.title[0].isupper()
    assert not landscape.title.endswith(".")
    assert (
        landscape.family
        == {record.name: family.__name__.rsplit(".", 1)[1] for family in FAMILIES for record in family.LANDSCAPES}[landscape.name]
    )
    assert landscape.source
    assert landscape.notes.endswith(".")
    assert 60 < len(landscape.notes) < 300
    for param in landscape.parameters:
        assert param.doc
        assert param.admits(param.default)
        assert not param.is_switch


@every_landscape
def test_formula_is_one_that_a_simple_grammar_reads(landscape):
    """Numbers, x, y, parameters, functions and signs, with every product written out."""
    tokens = [(match.lastgroup, match.group()) for match in TOKEN.finditer(landscape.formula) if match.lastgroup != "space"]
    allowed = {"x", "pi"} | ({"y"} if landscape.dim == 2 else set()) | {param.name for param in landscape.parameters}
    names = {text for kind, text in tokens if kind == "name"}
    assert names <= allowed | FUNCTIONS
    assert {param.name for param in landscape.parameters} <= names
    assert "other" not in {kind for kind, _ in tokens}
    for (kind, text), (next_kind, following) in itertools.pairwise(tokens):
        ends_operand = (kind in ("number", "name") and text not in FUNCTIONS) or text == ")"
        begins_operand = next_kind in ("number", "name") or following == "("
        assert not (ends_operand and begins_operand), f"{text} {following}"
        assert text not in FUNCTIONS or following == "("


@every_landscape
def test_latex_is_balanced_and_names_the_parameters(landscape):
    depth = 0
    for sign in landscape.latex.replace(r"\{", "").replace(r"\}", ""):
        depth += {"{": 1, "}": -1}.get(sign, 0)
        assert depth >= 0
    assert depth == 0
    assert landscape.latex.count(r"\left") == landscape.latex.count(r"\right")
    assert landscape.latex.count("(") == landscape.latex.count(")")
    assert "x" in landscape.latex
    for param in landscape.parameters:
        assert param.name in landscape.latex


@every_landscape
def test_start_and_domain_have_the_dimension_and_fit(landscape):
    assert landscape.dim in (1, 2)
    assert len(landscape.start) == len(landscape.domain) == landscape.dim
    assert all(low < high for low, high in landscape.domain)
    assert inside(landscape, np.array([landscape.start]))[0]
    assert np.linalg.norm(landscape.gradient(*landscape.start)) > 1e-3
    assert all(np.linalg.norm(np.subtract(landscape.start, point.position)) > 0.3 for point in landscape.minima)


@every_landscape
def test_loss_has_a_floor_exactly_where_it_says_so(landscape, rng):
    for variant in variants(landscape, rng):
        diagonals = list(itertools.product((-1.0, 1.0), repeat=variant.dim))  # down McCormick's stairs it is narrow
        directions = np.array([*diagonals, *rng.normal(size=(400, variant.dim))])
        directions /= np.linalg.norm(directions, axis=1, keepdims=True)
        far = variant.loss(*coordinates(1e4 * directions))
        assert (far.min() > -1e3) == variant.bounded_below


@every_landscape
@pytest.mark.parametrize(
    ("x_shape", "y_shape", "shape"),
    [((), (), ()), ((5,), (), (5,)), ((), (4,), (4,)), ((3, 1), (1, 4), (3, 4)), ((2, 3, 4), (4,), (2, 3, 4)), ((0,), (), (0,))],
)
def test_arrays_broadcast_and_every_entry_is_the_one_of_its_point(landscape, rng, x_shape, y_shape, shape):
    x, y = rng.normal(size=x_shape), rng.normal(size=y_shape)
    dim = landscape.dim
    loss, gradient, hessian = landscape.loss(x, y), landscape.gradient(x, y), landscape.hessian(x, y)
    assert (loss.shape, gradient.shape, hessian.shape) == (shape, (*shape, dim), (*shape, dim, dim))
    wide_x, wide_y = np.broadcast_arrays(x, y)
    for index in np.ndindex(shape):
        at = (wide_x[index], wide_y[index])
        assert loss[index] == landscape.loss(*at)
        assert np.array_equal(gradient[index], landscape.gradient(*at))
        assert np.array_equal(hessian[index], landscape.hessian(*at))
        assert np.array_equal(hessian[index], hessian[index].T)


@every_landscape
def test_lists_integers_and_single_precision_are_taken(landscape):
    assert landscape.loss(1) == landscape.loss(1.0)
    assert np.array_equal(landscape.loss([0, 1], [1, 2]), landscape.loss(np.array([0.0, 1.0]), np.array([1.0, 2.0])))
    assert landscape.loss(np.float32(0.5)) == landscape.loss(0.5)
    assert landscape.loss(np.arange(6.0)[::-2]).tolist() == [float(landscape.loss(x)) for x in (5.0, 3.0, 1.0)]


@every_landscape
def test_infinities_and_nan_give_numbers(landscape):
    strange = [math.inf, -math.inf, math.nan, 1e308, -1e308, 1e155, 5e-324, 0.0, -0.0]
    x, y = np.array(list(itertools.product(strange, strange))).T
    with np.errstate(all="ignore"):  # uncompiled leaves (NUMBA_DISABLE_JIT) compute with NumPy's scalars, which warn
        results = landscape.loss(x, y), landscape.gradient(x, y), landscape.hessian(x, y)
    for got in results:
        assert got.dtype == np.float64
        assert len(got) == len(x)
    assert np.isnan(landscape.loss(math.nan, 0.0))
    assert np.all(np.isfinite(landscape.loss(np.zeros(2), np.array([0.0, -0.0]))))


@every_landscape
def test_compiled_and_uncompiled_leaves_agree_to_the_bit(landscape, rng):
    for variant in variants(landscape, rng, count=1):
        for position in points(variant, rng, 20):
            x, y = (*map(float, position), 0.0)[:2]
            loss, *gradient = variant.value_and_gradient(x, y, variant.values)
            assert loss == variant.loss(x, y)
            assert gradient[: variant.dim] == variant.gradient(x, y).tolist()
            hxx, hxy, hyy = variant.second_derivatives(x, y, variant.values)
            full = np.array(((hxx, hxy), (hxy, hyy)))[: variant.dim, : variant.dim]
            assert np.array_equal(full, variant.hessian(x, y))


@pytest.mark.parametrize("landscape", [record for record in LANDSCAPES.values() if record.dim == 1], ids=lambda record: record.name)
def test_curves_ignore_y(landscape):
    for y in (0.0, 7.0, math.nan, math.inf):
        assert landscape.value_and_gradient(0.3, y, landscape.values) == landscape.value_and_gradient(0.3, 0.0, landscape.values)
        assert landscape.value_and_gradient(0.3, y, landscape.values)[2] == 0.0
        assert landscape.second_derivatives(0.3, y, landscape.values)[1:] == (0.0, 0.0)


@every_landscape
def test_leaves_take_their_mathematics_from_the_engine(landscape):
    """The functions of ``math`` do not vectorise; of that module only the square root may be used."""
    waiting = [landscape.value_and_gradient, landscape.second_derivatives]
    for leaf in waiting:
        names = set(leaf.__code__.co_names)
        shared = {name for name in names if getattr(leaf.__globals__.get(name), "__module__", "").startswith("gdsim.landscapes")}
        waiting += [leaf.__globals__[name] for name in shared]  # what several leaves of a family call
        names -= shared
        for name in names - {"math", "sqrt", "abs"}:
            assert leaf.__globals__[name].__module__.startswith("gdsim.engine.")
        groups = [c if isinstance(c, tuple) else (c,) for c in leaf.__code__.co_consts if c not in (None, leaf.__doc__)]
        assert {type(constant) for group in groups for constant in group} <= {float}, groups


def test_parameters_are_checked():
    rosenbrock = LANDSCAPES["rosenbrock"]
    assert rosenbrock.with_parameters(b=5.0).values == (1.0, 5.0)
    assert rosenbrock.values == (1.0, 100.0)
    with pytest.raises(KeyError, match="no parameter 'c'"):
        rosenbrock.with_parameters(c=1.0)
    for value in (0.0, -1.0, math.nan, math.inf):
        with pytest.raises(ValueError, match=r"rosenbrock: b is .* allowed is a number > 0"):
            rosenbrock.with_parameters(b=value)


@every_landscape
def test_records_are_frozen_and_hashable(landscape):
    assert {landscape: 1}[landscape.with_parameters()] == 1
    with pytest.raises(AttributeError):
        landscape.name = "other"
    assert isinstance(landscape, Landscape)
