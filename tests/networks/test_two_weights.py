"""Landscapes of two weights made of data: against mpmath, closed forms and finite differences; equal to others only by their data."""

import mpmath
import numpy as np
import pytest

from gdsim.engine.evaluate import over_points
from gdsim.landscapes.transformed import transformed
from gdsim.networks.dataset import Dataset
from gdsim.networks.fitting import _far_out
from gdsim.networks.two_weights import LINE, NEURON, two_weights
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import run_many
from gdsim.simulation.minimise import minimise
from gdsim.simulation.surface import survey
from tests import naive
from tests.draws import SEED
from tests.networks.two_weight_data import MODELS, dataset

EVERY = [(model, inputs) for model in MODELS for inputs in (1, 2)]
every = pytest.mark.parametrize(("model", "inputs"), EVERY)


def made(model, inputs):
    rng = np.random.default_rng((SEED, EVERY.index((model, inputs))))
    data = dataset(model, inputs, rng)
    return data, two_weights(model, data), rng


@every
def test_losses_are_the_textbook_s(model, inputs):
    data, landscape, rng = made(model, inputs)
    for weights in rng.normal(0.0, 2.0, (5, 2)):
        wanted = naive.mean_loss(model, data.inputs, np.ravel(data.targets), weights)
        assert float(landscape.loss(*weights)) == pytest.approx(float(wanted), rel=1e-12, abs=1e-14), SEED


@every
def test_derivatives_are_those_of_the_loss(model, inputs):
    data, landscape, rng = made(model, inputs)
    targets = np.ravel(data.targets)
    for weights in rng.normal(0.0, 1.5, (3, 2)):
        loss = lambda a, b: naive.mean_loss(model, data.inputs, targets, (a, b))  # noqa: E731
        at = tuple(map(mpmath.mpf, map(float, weights)))
        gradient = [float(mpmath.diff(loss, at, order)) for order in ((1, 0), (0, 1))]
        hessian = [float(mpmath.diff(loss, at, order)) for order in ((2, 0), (1, 1), (0, 2))]
        assert landscape.gradient(*weights) == pytest.approx(gradient, rel=1e-7, abs=1e-9), SEED
        found = landscape.hessian(*weights)
        assert [found[0, 0], found[0, 1], found[1, 1]] == pytest.approx(hessian, rel=1e-6, abs=1e-8), SEED


@every
def test_the_loss_is_the_mean_of_the_points_losses(model, inputs):
    _, landscape, rng = made(model, inputs)
    x, y = rng.normal(size=2)
    each = over_points(landscape.term, landscape.values, landscape.data.array, x, y)
    assert each.mean(axis=1) == pytest.approx([float(landscape.loss(x, y)), *landscape.gradient(x, y)], rel=1e-13, abs=1e-15)
    assert landscape.value_and_gradient(x, y, landscape.given) == pytest.approx(each.mean(axis=1), rel=1e-13, abs=1e-15)


def test_the_lowest_loss_far_out_is_that_of_a_step_and_of_one_point_on_its_edge(rng):
    """Weights that grow along the line on which one point's z stays as it likes: all others are taken for 1 or -1."""
    x, y = rng.normal(size=(2, 7))
    targets = rng.uniform(-0.9, 0.9, 7)
    expected = []
    for k in range(7):
        for sign in (1.0, -1.0):
            far = np.sign(sign * (y[k] * x - x[k] * y))
            expected.append(sum((far[j] - targets[j]) ** 2 for j in range(7) if j != k) / 7)
    # That of the point on the edge is 0: tanh takes every target in between.
    for sign in (1.0, -1.0):
        assert _far_out(NEURON.terms, np.stack((x, y, sign * targets))) == pytest.approx(min(expected), abs=1e-4)
    assert _far_out(LINE.terms, np.stack((x, y, targets))) == np.inf


def test_a_neuron_that_had_better_be_a_step_has_no_global_minimum(rng):
    x = np.sort(rng.uniform(-1.0, 1.0, 30))
    targets = np.where(x > 0.2, 1.0, -1.0)
    targets[3] = 0.9  # so that it is not 0 at the end
    landscape = two_weights("neuron", Dataset.from_arrays(x, targets))
    assert all(point.kind == "local minimum" for point in landscape.minima)
    bias = 0.2
    assert all(point.loss > landscape.loss(1e6, -bias * 1e6) for point in landscape.minima)


@every
def test_minima_are_minima_inside_the_domain(model, inputs):
    _, landscape, rng = made(model, inputs)
    assert landscape.minima, SEED
    best = landscape.minima[0]
    assert best.kind == "global minimum"  # so much noise is on the targets that a step would be a bad fit
    for point in landscape.minima:
        assert np.abs(landscape.gradient(*point.position)).max() < 1e-12 * max(1.0, *np.abs(point.position))
        assert np.linalg.eigvalsh(landscape.hessian(*point.position))[0] > -1e-12, SEED  # a saturated neuron has next to none
        assert float(landscape.loss(*point.position)) == pytest.approx(point.loss, rel=1e-13)
    for (low, high), weight, start in zip(landscape.domain, best.position, landscape.start, strict=True):
        assert low < weight < high
        assert low < start < high
    ground = survey(landscape, resolution=48)
    assert ground.losses.min() >= best.loss - 1e-12
    size, angle = 10.0 ** rng.uniform(-2.0, 5.0, 4000), rng.uniform(0.0, 2.0 * np.pi, 4000)
    assert np.min(landscape.loss(size * np.cos(angle), size * np.sin(angle))) >= best.loss - 1e-12


@pytest.mark.parametrize("inputs", [1, 2])
def test_a_line_s_minimum_is_the_least_squares_solution(inputs):
    data, landscape, _ = made("line", inputs)
    columns = data.inputs if inputs == 2 else np.column_stack((data.inputs, np.ones(len(data))))
    solution, squares, *_ = np.linalg.lstsq(columns, data.targets[:, 0], rcond=None)
    assert landscape.minima[0].position == pytest.approx(solution, rel=1e-12)
    assert landscape.minima[0].loss == pytest.approx(float(squares[0]) / len(data), rel=1e-12)


def test_classes_that_a_line_divides_have_no_minimum():
    data = Dataset.from_arrays([-2.0, -1.0, 1.0, 2.0], [0, 0, 1, 1])
    landscape = two_weights("logistic", data)
    assert landscape.minima == ()
    assert minimise(landscape, learning_rate=1.0, steps=200).losses[-1] < 0.1


def test_inputs_that_are_all_the_same_leave_a_valley():
    landscape = two_weights("line", Dataset.from_arrays([1.0, 1.0, 1.0], [0.0, 1.0, 5.0]))
    assert landscape.minima[0].position == pytest.approx((1.0, 1.0))
    assert minimise(landscape, learning_rate=0.1, steps=300).losses[-1] == pytest.approx(np.var([0.0, 1.0, 5.0]))


def test_landscapes_are_equal_where_their_data_are():
    data, landscape, _ = made("line", 1)
    assert two_weights("line", data) == landscape
    assert hash(two_weights("line", data)) == hash(landscape)
    changed = np.array(data.targets)
    changed[3] = np.nextafter(changed[3], np.inf)
    assert two_weights("line", Dataset.from_arrays(data.inputs, changed)) != landscape


def test_other_data_compile_nothing():
    _, landscape, rng = made("line", 1)
    landscape.loss(0.0, 0.0)
    kernels = landscape.value_and_gradient, landscape.second_derivatives, landscape.term, landscape.residuals
    other = two_weights("line", dataset("line", 2, rng, count=31))
    assert (other.value_and_gradient, other.second_derivatives, other.term, other.residuals) == kernels


@pytest.mark.parametrize(("model", "inputs", "targets"), [
    ("line", [[0.0, 1.0, 2.0], [1.0, 2.0, 3.0]], [0.0, 1.0]),
    ("line", [0.0, 1.0], [0, 1]),
    ("logistic", [0.0, 1.0, 2.0], [0, 1, 2]),
    ("logistic", [0.0, 1.0], [0.5, 1.5]),
    ("line", [0.0, 1.0], [[0.0, 1.0], [1.0, 2.0]]),
])  # fmt: skip
def test_data_that_a_model_cannot_have_are_refused(model, inputs, targets):
    with pytest.raises(ValueError, match=f"{model} needs"):
        two_weights(model, Dataset.from_arrays(inputs, targets))


def test_two_classes_are_minus_one_and_one_for_a_neuron():
    landscape = two_weights("neuron", Dataset.from_arrays([-1.0, 2.0], [0, 1]))
    assert landscape.data.array[2].tolist() == [-1.0, 1.0]
    with pytest.raises(KeyError, match="lines"):
        two_weights("lines", Dataset.from_arrays([-1.0, 2.0], [0.0, 1.0]))


@pytest.mark.parametrize("optimizer", ["newton", "levenberg_marquardt"])
def test_methods_that_look_around_do_so_on_data(optimizer):
    _, landscape, _ = made("line", 1)
    path = minimise(landscape, optimizer, steps=30)
    assert path.positions[-1] == pytest.approx(landscape.minima[0].position, rel=1e-6, abs=1e-7)
    # A line is a parabola: one step of Newton's is enough.
    if optimizer == "newton":
        assert path.positions[1] == pytest.approx(landscape.minima[0].position, rel=1e-9)


def test_residuals_are_worth_all_points():
    for model in ("line", "neuron"):
        _, landscape, rng = made(model, 1)
        x, y = rng.normal(size=2)
        rows = np.array(landscape.residuals(x, y, landscape.given), dtype=float)
        assert float(np.sum(rows[:, 0] ** 2)) == pytest.approx(float(landscape.loss(x, y)), rel=1e-12)
        assert 2.0 * rows[:, 1:].T @ rows[:, 0] == pytest.approx(landscape.gradient(x, y), rel=1e-10, abs=1e-13)


def test_a_turned_landscape_of_data_keeps_its_points():
    _, landscape, rng = made("line", 1)
    turned = transformed(landscape, rotation=30.0, shift=(0.5, -0.25), factor=2.0)
    assert float(turned.loss(*turned.minima[0].position)) == pytest.approx(2.0 * landscape.minima[0].loss, rel=1e-12)
    x, y = rng.normal(size=2)
    each = over_points(turned.term, turned.values, turned.data.array, x, y)
    assert each.mean(axis=1) == pytest.approx([float(turned.loss(x, y)), *turned.gradient(x, y)], rel=1e-12)


def test_many_runs_end_where_single_ones_do():
    _, landscape, rng = made("line", 1)
    starts = rng.normal(size=(5, 2))
    ends = run_many(landscape, OPTIMIZERS["sgd"], starts, 40, learning_rate=0.1)
    alone = [minimise(landscape, start=start, learning_rate=0.1, steps=40) for start in starts]
    assert np.array_equal(ends.positions, [path.positions[-1] for path in alone])
    assert np.array_equal(ends.losses, [path.losses[-1] for path in alone])
