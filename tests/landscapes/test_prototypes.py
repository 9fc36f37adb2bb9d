"""Prototypes: against their shapes in multiple precision, smooth where they should be, and the gradient is the gradient.

The leaves run as plain Python here, which has the same bits as the compiled code (tested below, for a curve and for two of them).
"""

import itertools
import math

import mpmath
import numpy as np
import pytest

import gdsim
from gdsim.landscapes.prototypes import COMBINATIONS, PROTOTYPES, SCALES, PrototypeError, prototype
from gdsim.landscapes.prototypes.leaves import jet
from gdsim.landscapes.prototypes.pieces import LINES, TURNING, concatenated
from gdsim.landscapes.prototypes.record import turned
from gdsim.landscapes.prototypes.text import parsed
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import run_many
from tests import naive
from tests.draws import fresh

STEEP = [name for name in PROTOTYPES if name not in ("bend", "relu")]


def drawn(rng, most=5):
    """The text of a random concatenation: bend only after relu, and after relu only bend."""
    pieces, flat = [], False
    for _ in range(rng.integers(1, most + 1)):
        name = "bend" if flat else str(rng.choice([*STEEP, "relu", *(["bend"] if not pieces else [])]))
        flat = name == "relu"
        pieces.append(name + (str(rng.choice(["", ":up", ":down"])) if name in TURNING else ""))
    return "-".join(pieces)


CASES = [*PROTOTYPES, "quad_convex-cliff-gauss_nonconvex", "relu-bend:up-laplace_bowl", "line-ridge:up-line", "cliff:down-exponential"]
every_case = pytest.mark.parametrize("text", CASES)
signs = pytest.mark.parametrize("sign", [-1.0, 1.0])


def kinks(segments):
    return [segment.end for segment in segments if segment.at_end]


def check(text, sign, xs):
    """Value, slope and curvature of the leaf at ``xs`` against the naive curve and its derivatives."""
    (pieces,) = parsed(text)
    segments = concatenated(pieces, sign)
    own = jet(segments)
    breaks = [k / len(pieces) for k in range(1, len(pieces))] + kinks(segments)
    with mpmath.workdps(60):
        for x in xs:
            if min([1.0, *(abs(x - b) for b in breaks)]) < 1e-6:
                continue
            got = own(float(x))
            exact = [mpmath.diff(lambda t: naive.prototype(pieces, t, sign), mpmath.mpf(x), n, h=mpmath.mpf(10) ** -25) for n in range(3)]
            scale = 1.0 + max(abs(segment.p0) + abs(segment.a) for segment in segments)
            for value, truth, size in zip(got, exact, (1.0, 10.0 * len(pieces), 100.0 * len(pieces) ** 2), strict=True):
                assert abs(value - truth) <= 1e-12 * (abs(truth) + size * scale), (text, sign, x, value, float(truth))


@signs
@every_case
def test_a_curve_is_the_shape_that_its_name_says(text, sign):
    check(text, sign, fresh().uniform(-0.4, 1.4, 6))


def test_any_concatenation_is():
    rng = fresh()
    for _ in range(15):
        check(drawn(rng), float(rng.choice([-1.0, 1.0])), rng.uniform(-0.2, 1.2, 2))


@signs
@every_case
def test_value_and_slope_go_on_from_piece_to_piece_and_kinks_count_their_mean(text, sign):
    rng = fresh()
    for joined in (text, *(f"{text}-{drawn(rng, 3)}" for _ in range(3) if not text.startswith(("relu", "bend")))):
        try:
            segments = concatenated(parsed(joined)[0], sign)
        except ValueError:
            continue
        own = jet(segments)
        pieces = len(parsed(joined)[0])
        at = sorted({segment.end for segment in segments[:-1]})
        size = 1.0 + max(abs(s.p0) + abs(s.a) for s in segments)
        for x in at:
            (f, p, _), (f0, p0, h0), (f1, p1, h1) = own(x), own(np.nextafter(x, -1.0)), own(np.nextafter(x, 2.0))
            assert abs(f - f0) + abs(f - f1) < 1e-10 * size
            if x in kinks(segments):
                assert p == pytest.approx(0.5 * (p0 + p1), rel=0.0, abs=1e-9 * (abs(p0) + abs(p1)))
            else:
                assert round(x * pieces, 9) == round(x * pieces)
                assert abs(p - p0) + abs(p - p1) < 1e-9 * (1.0 + abs(p)) + 1e-13 * size + 1e-15 * (abs(h0) + abs(h1))


@pytest.mark.parametrize(
    ("name", "normal", "rising"),
    [
        ("line", (-1.0, -1.0), (1.0, 1.0)),
        ("relu", (-1.0, 0.0), (1.0, 0.0)),
        ("abs", (-1.0, 1.0), (1.0, -1.0)),
        ("bend", (0.0, -1.0), (0.0, 1.0)),
        ("cliff", (-1.0, 10.0), (1.0, -10.0)),
        ("ridge", (-1.0, -10.0), (1.0, 10.0)),
        ("exponential", (-1.0, -1e-3), (1.0, 1e-3)),
        ("quad_convex", (-1.0, -0.1), (1.0, 10.0)),
        ("quad_bowl", (-1.0, 1.0), (1.0, -1.0)),
        ("gauss_bowl", (-1.0, 1.0), (1.0, -1.0)),
        ("laplace_bowl", (-1.0, 1.0), (1.0, -1.0)),
        ("gauss_convex", (-1.0, -math.sqrt(2.0) / 10.0 * math.exp(0.49)), None),
        ("laplace_nonconvex", (-1.0, -math.exp(7.0)), (1.0, math.exp(-7.0))),
        ("laplace_convex", (-1.0, -math.exp(0.9)), (1.0, math.exp(-0.9))),
        ("gauss_nonconvex", (-1.0, -math.exp(15.5) / math.sqrt(32.0)), None),
    ],
)
def test_slopes_at_both_ends(name, normal, rising):
    assert set(CASES) >= set(PROTOTYPES)
    for sign, expected in ((-1.0, normal), (1.0, rising)):
        if expected is not None:
            own = jet(concatenated(((name, ""),), sign))
            assert [own(x)[1] for x in (0.0, 1.0)] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("name", TURNING)
def test_a_kink_turns_the_way_that_is_asked(name):
    before = "relu-" if name == "bend" else ""
    for sign, (way, side) in itertools.product((-1.0, 1.0), (("up", 1.0), ("down", -1.0))):
        (pieces,) = parsed(f"{before}{name}:{way}")
        assert math.copysign(1.0, jet(concatenated(pieces, sign))(1.0)[1]) == side


def test_outside_the_first_and_the_last_piece_go_on():
    landscape = prototype("quad_bowl-abs", scale="flat")
    x = np.array([-3.0, -1.0])
    np.testing.assert_allclose(landscape.gradient(x)[:, 0], 0.1 * (-1.0 + 4.0 * x), rtol=1e-12)
    right = landscape.gradient(np.array([0.8, 1.0, 50.0]))[:, 0]
    np.testing.assert_allclose(right, right[0], rtol=1e-12)


NORMS = {"l1": lambda f, g: abs(f) + abs(g), "l2": lambda f, g: mpmath.sqrt(f**2 + g**2), "max": lambda f, g: max(abs(f), abs(g))}


@pytest.mark.parametrize("combine", COMBINATIONS)
@pytest.mark.parametrize(("text", "scale"), [("quad_bowl|gauss_convex-abs", "flat"), ("laplace_bowl-quad_convex|exponential", "steep")])
def test_two_curves_with_a_norm_and_a_rotation(combine, text, scale):
    """Against the naive surface: a norm has the slope of what is in it (not 1), and it turns with the rotation (not its inverse)."""
    rng = fresh()
    angle, height, slope = (float(rng.uniform(*bounds)) for bounds in ((-180.0, 180.0), (-0.5, 0.5), (0.2, 2.0)))
    landscape = prototype(text, combine=combine, scale=scale, angle=angle).with_parameters(height=height, slope=slope)
    first, second = parsed(text)

    def surface(x, y):
        sine, cosine = mpmath.sin(mpmath.radians(angle)), mpmath.cos(mpmath.radians(angle))
        u, v = x - 0.5, y - 0.5
        f = height + slope * naive.prototype(first, 0.5 + cosine * u + sine * v, -1.0)
        g = height + slope * naive.prototype(second, 0.5 + cosine * v - sine * u, -1.0)
        return NORMS[combine](f, g)

    h = mpmath.mpf(10) ** -25
    done = 0
    with mpmath.workdps(60):
        for x, y in rng.uniform(0.0, 1.0, (8, 2)).tolist():
            u, v = turned((x, y), -angle)
            if min(abs(4 * w - round(4 * w)) for w in (u, v)) < 1e-3:
                continue
            done += 1
            loss, gx, gy = landscape.value_and_gradient(x, y, landscape.values)
            second_ = landscape.second_derivatives(x, y, landscape.values)
            exact = [mpmath.diff(surface, (x, y), n, h=h) for n in ((0, 0), (1, 0), (0, 1), (2, 0), (1, 1), (0, 2))]
            for got, truth in zip((loss, gx, gy, *second_), exact, strict=True):
                assert abs(got - truth) <= 1e-9 * (1.0 + abs(truth) + max(map(abs, exact))), (text, combine, angle, height, slope, x, y)
    assert done >= 4


@pytest.mark.parametrize("combine", COMBINATIONS)
def test_a_rotated_landscape_is_a_landscape(combine):
    """The gradient does no work on a way round: a rotation the wrong way about, or a slope of 1, would. And the start turns with it."""
    landscape = prototype("quad_bowl|gauss_bowl", combine=combine, angle=37.0)
    angles = np.linspace(0.0, 2.0 * np.pi, 4001)
    x, y = 0.4 + 0.3 * np.cos(angles), 0.55 + 0.3 * np.sin(angles)
    gradient = landscape.gradient(x[:-1], y[:-1])
    work = np.sum(0.3 * (gradient[:, 1] * np.cos(angles[:-1]) - gradient[:, 0] * np.sin(angles[:-1]))) * (2.0 * np.pi / 4000)
    assert abs(work) < 2e-3 * np.abs(gradient).max()
    level = prototype("quad_bowl|gauss_bowl", combine=combine)
    assert landscape.loss(*landscape.start) == pytest.approx(level.loss(*level.start), rel=1e-14)
    assert np.hypot(*landscape.gradient(*landscape.start)) == pytest.approx(np.hypot(*level.gradient(*level.start)), rel=1e-12)
    assert np.hypot(landscape.start[0] - 0.5, landscape.start[1] - 0.5) == pytest.approx(math.sqrt(0.5))


def test_on_the_crease_of_a_maximum_both_slopes_count_half():
    landscape = prototype("line", combine="max", scale="flat")
    x = np.linspace(-0.5, 1.5, 7)
    np.testing.assert_allclose(landscape.gradient(x, x), np.full((7, 2), -0.05))
    np.testing.assert_allclose(landscape.gradient(x, x + 1e-9), np.tile((-0.1, 0.0), (7, 1)))


def test_stationary_points_are_where_the_slope_turns():
    rng = fresh()
    grid = np.linspace(-0.2, 1.2, 4001)
    for text in (*CASES, *(drawn(rng) for _ in range(20))):
        for scale in ("flat", "saddle"):
            landscape = prototype(text, scale=scale)
            own = landscape.value_and_gradient
            losses = [own(x, 0.0, landscape.values)[0] for x in grid[::40].tolist()]
            size = 1e-11 * (1.0 + np.abs(losses).max())
            for point in landscape.points(landscape.values):
                (x,) = point.position
                before, after = (own(x + d, 0.0, landscape.values)[1] for d in (-1e-6, 1e-6))
                assert before * after <= 0.0, text
                assert (before < after) is (point.kind != "maximum"), (text, point)
                assert point.loss == pytest.approx(own(x, 0.0, landscape.values)[0], abs=size)
                if point.kind == "global minimum":
                    assert point.loss <= min(losses) + size, text
            ends = [[own(side * x, 0.0, landscape.values)[0] for x in (10.0, 20.0, 40.0)] for side in (-1.0, 1.0)]
            falls = any(
                third == -math.inf or (first - second > 0.0 and second - third > 1.5 * (first - second)) for first, second, third in ends
            )
            assert landscape.bounded_below is not falls, text


def test_minima_of_two_curves():
    landscape = prototype("quad_bowl|abs-line", combine="l2", angle=20.0)
    (point,) = landscape.minima
    assert point.position == pytest.approx(turned((0.5, 0.25), 20.0))
    assert point.loss == pytest.approx(math.hypot(200.0 - 0.25, 200.0 - 0.25))
    x, y = fresh().uniform(-0.2, 1.2, (2, 500))
    assert landscape.loss(x, y).min() >= point.loss
    assert not prototype("abs", combine="max", scale="flat").with_parameters(height=0.0).minima
    # Two Laplace wells one after the other make two minima of each curve, and saddles between.
    kinds = {point.kind for point in prototype("abs-cliff:down-laplace_bowl", combine="l1").points((200.0, 1.0, 0.0))}
    assert {"saddle", "maximum"} <= kinds


@pytest.mark.parametrize(
    "landscape", [prototype("quad_convex-cliff-gauss_nonconvex"), prototype("laplace_bowl|abs", combine="l2", angle=30.0)]
)
def test_runs_have_the_same_bits_compiled_in_a_block_and_in_plain_python(landscape):
    rng = fresh()
    sgd = OPTIMIZERS["sgd"]
    starts, rates = rng.uniform(-0.2, 1.2, (6, landscape.dim)), 10.0 ** rng.uniform(-3.0, 0.0, 6)
    ends = run_many(landscape, sgd, starts, 50, learning_rate=rates)
    for k, (start, rate) in enumerate(zip(starts, rates, strict=True)):
        slow = np.array(naive.descend(landscape, sgd, start, {"learning_rate": rate}, 50))
        path = gdsim.minimise(landscape, learning_rate=rate, start=start, steps=50)
        assert np.array_equal(path.positions, slow)
        assert np.array_equal(ends.positions[k], slow[-1])


def test_values_of_parameters_compile_nothing():
    """Height, slope and angle are data: the leaves of one text are the same functions whatever they are."""
    one = prototype("quad_bowl|abs", angle=10.0)
    for other in (one.with_parameters(height=3.0), prototype("quad_bowl|abs", angle=70.0, scale="steep")):
        assert other.value_and_gradient is one.value_and_gradient


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": "quad_bow"}, "did you mean 'quad_bowl'"),
        ({"text": ""}, "no prototype named ''"),
        ({"text": "line--line"}, "no prototype named ''"),
        ({"text": "line|line|line"}, "found 3 curves"),
        ({"text": "-".join(["line"] * 13)}, "found 13 pieces"),
        ({"text": "line-" * 100}, "found a text of 500 characters"),
        ({"text": "line:up"}, "':up' or ':down', after bend, cliff, ridge"),
        ({"text": "cliff:left"}, "':up' or ':down'"),
        ({"text": "line-bend"}, "bend goes on from flat ground only"),
        ({"text": "relu-abs"}, "abs cannot go on from flat ground"),
        ({"text": "line", "combine": "l3"}, "no combination named 'l3' (allowed: l1, l2, max)"),
        ({"text": "line", "scale": "huge"}, "no scale named 'huge' (allowed: normal, steep, flat, saddle)"),
        ({"text": "line", "angle": 30.0}, "only with combine"),
        ({"text": "line|line", "angle": math.nan}, "found the angle nan"),
    ],
)
def test_what_is_wrong_is_said(arguments, words):
    with pytest.raises(PrototypeError) as raised:
        prototype(**arguments)
    assert words in str(raised.value)


def test_the_catalogue_has_its_fifteen_and_its_four():
    assert len(PROTOTYPES) == 15
    assert set(LINES) < set(PROTOTYPES)
    assert SCALES.keys() == {"normal", "steep", "flat", "saddle"}
    for name, (height, slope, sign) in SCALES.items():
        landscape = prototype("quad_bowl", scale=name)
        assert landscape.value_and_gradient(0.0, 0.0, landscape.values)[:2] == (height, sign * slope)
