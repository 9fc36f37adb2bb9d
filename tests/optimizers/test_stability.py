"""Gradient descent on quadratics against theory: which learning rates are stable, and how fast a stable one contracts.

On curvature c with a = learning_rate * c a step is linear in (weight, velocity); its matrix has, after the first step,

    plain        x <- (1 - a) x                                          stable for 0 < a < 2
    heavy ball   trace 1 + m - a,           determinant m                stable for 0 < a < 2 (1 + m)
    Nesterov     trace (1 + m) (1 - a),     determinant m (1 - a)        stable for 0 < a < (2 + 2 m) / (1 + 2 m)

    quasi-hyp.   trace 1 + m - a (1 - n m), determinant m (1 - a (1 - n)) stable for 0 < a < 2 (1 + m) / (1 + m - 2 n m)

with momentum m (Polyak 1964; Sutskever et al. 2013 for Nesterov's form; Ma and Yarats 2019 with their nu as n).
"""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.engine import descend
from gdsim.optimizers import OPTIMIZERS
from tests.optimizers.driving import QUADRATIC, record, rule, step

CURVATURES = st.floats(1e-3, 1e3)
MOMENTA = st.floats(0.05, 0.95)
KINDS = ("plain", "heavy ball", "nesterov")


def settings_of(kind, momentum):
    return {} if kind == "plain" else {"momentum": momentum, "nesterov": kind == "nesterov"}


def limit(kind, momentum):
    """The largest stable a."""
    return {"plain": 2.0, "heavy ball": 2.0 * (1.0 + momentum), "nesterov": (2.0 + 2.0 * momentum) / (1.0 + 2.0 * momentum)}[kind]


def trace_and_determinant(kind, momentum, a):
    return {
        "plain": (1.0 - a, 0.0),
        "heavy ball": (1.0 + momentum - a, momentum),
        "nesterov": ((1.0 + momentum) * (1.0 - a), momentum * (1.0 - a)),
    }[kind]


def transition(kind, momentum, curvature, rate):
    """The matrix of one later step, (weight, velocity) to the same, as the kernel takes it."""
    bound, hyper = rule("sgd", {"learning_rate": rate} | settings_of(kind, momentum))
    params = (QUADRATIC, curvature, curvature)
    weights, kept = step(bound, hyper, params, (1.0, 0.0), [(0.0, 1.0)], (), 2)
    return np.array([weights, kept[0]])


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=60)
@given(curvature=CURVATURES, momentum=MOMENTA, share=st.floats(0.01, 1.5))
def test_a_step_has_the_matrix_of_theory(kind, curvature, momentum, share):
    a = share * limit(kind, momentum)
    matrix = transition(kind, momentum, curvature, a / curvature)
    if kind == "plain":
        matrix[1, 1] = 0.0  # no velocity is kept; the kernel leaves that number alone
    trace, determinant = trace_and_determinant(kind, momentum, a)
    assert np.trace(matrix) == pytest.approx(trace, abs=1e-12)
    assert np.linalg.det(matrix) == pytest.approx(determinant, abs=1e-12)
    assert (np.abs(np.linalg.eigvals(matrix)).max() < 1.0) == (share < 1.0) or abs(share - 1.0) < 1e-9


@pytest.mark.parametrize("kind", KINDS)
@settings(deadline=None, max_examples=25)
@given(curvature=CURVATURES, momentum=MOMENTA, weight=st.floats(0.1, 5.0))
def test_runs_inside_the_limit_end_and_runs_outside_escape(kind, curvature, momentum, weight):
    """1 % inside, 1 % outside; the other weight lies on a hundredth of the curvature, well inside."""
    steps = 4000
    for share, inside in ((0.99, True), (1.01, False)):
        rate = share * limit(kind, momentum) / curvature
        values = {"learning_rate": rate} | settings_of(kind, momentum)
        recording, _ = record("sgd", values, (QUADRATIC, curvature, 0.01 * curvature), (weight, weight), steps)
        last = np.abs(recording.positions[-1])
        if inside:
            assert recording.status == descend.RUNNING
            assert last[0] < 1e-6 * weight
        else:
            assert recording.status == descend.DIVERGED or last[0] > 1e6 * weight
            assert np.all(np.isfinite(recording.positions[:, 1]))
            assert last[1] <= 1.01 * weight * (1.0 + momentum)


@settings(deadline=None, max_examples=60)
@given(curvature=CURVATURES, momentum=MOMENTA, nu=st.floats(0.0, 1.0), share=st.floats(0.01, 1.5))
def test_quasi_hyperbolic_momentum_has_the_matrix_and_the_limit_of_theory(curvature, momentum, nu, share):
    values = {"momentum": momentum, "nu": nu}
    a = share * OPTIMIZERS["qhm"].stable_product(values)
    bound, hyper = rule("qhm", values | {"learning_rate": a / curvature})
    params = (QUADRATIC, curvature, curvature)
    weights, kept = step(bound, hyper, params, (1.0, 0.0), [(0.0, curvature)], (), 2)
    matrix = np.array([weights, kept[0] / curvature])
    assert np.trace(matrix) == pytest.approx(1.0 + momentum - a * (1.0 - nu * momentum), abs=1e-10)
    assert np.linalg.det(matrix) == pytest.approx(momentum * (1.0 - a * (1.0 - nu)), abs=1e-10)
    assert (np.abs(np.linalg.eigvals(matrix)).max() < 1.0) == (share < 1.0) or abs(share - 1.0) < 1e-9


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_schedule_free_ends_below_its_limit_in_the_long_run(momentum):
    """Its matrix changes with the step: the limit 2 / (1 - momentum) is where it goes, and the swings are wide before it gets there."""
    for share, inside in ((0.9, True), (1.02, False)):
        values = {"momentum": momentum, "learning_rate": share * 2.0 / (1.0 - momentum) / 5.0}
        recording, _ = record("schedule_free_sgd", values, (QUADRATIC, 5.0, 5.0), (1.0, -2.0), 3000)
        size = np.abs(recording.positions[:, 0])
        assert size[-1] < 1e-10 if inside else size[-1] > 1e10 * size[1000]
        assert momentum != 0.9 or size.max() > 1e6


@settings(deadline=None, max_examples=40)
@given(curvature=CURVATURES, a=st.floats(0.001, 1.999))
def test_plain_descent_contracts_by_1_minus_a(curvature, a):
    recording, _ = record("sgd", {"learning_rate": a / curvature}, (QUADRATIC, curvature, curvature), (1.0, -3.0), 50)
    wanted = (1.0 - a) ** np.arange(51)
    assert np.allclose(recording.positions[:, 0], wanted, rtol=1e-9, atol=1e-13)
    assert np.allclose(recording.positions[:, 1], -3.0 * wanted, rtol=1e-9, atol=1e-13)


def contraction(recording, state_velocity, first, last):
    """Mean factor a step by which (weight, step) shrinks between two steps."""
    moves = np.diff(recording.positions[:, 0])
    size = np.hypot(recording.positions[:-1, 0], state_velocity * moves)
    return (size[last] / size[first]) ** (1.0 / (last - first))


@pytest.mark.parametrize("momentum", [0.5, 0.8, 0.9])
@pytest.mark.parametrize("kind", ["heavy ball", "nesterov"])
def test_momentum_contracts_at_the_spectral_radius(kind, momentum):
    """Oscillating runs shrink by sqrt(determinant): sqrt(m) for the heavy ball, sqrt(m (1 - a)) for Nesterov."""
    for a in (0.3, 0.6, 0.9):
        trace, determinant = trace_and_determinant(kind, momentum, a)
        if trace**2 >= 4.0 * determinant:
            continue
        values = {"learning_rate": a / 3.0} | settings_of(kind, momentum)
        recording, _ = record("sgd", values, (QUADRATIC, 3.0, 3.0), (1.0, 1.0), 230)
        assert contraction(recording, 1.0, 20, 220) == pytest.approx(math.sqrt(determinant), rel=0.02)


@pytest.mark.parametrize("condition", [4.0, 25.0, 100.0])
def test_optimal_heavy_ball_contracts_as_polyak_found(condition):
    """Rate (2 / (sqrt(c1) + sqrt(cn)))^2 and momentum r^2 shrink both weights by r = (sqrt(k) - 1) / (sqrt(k) + 1) a step."""
    root = math.sqrt(condition)
    wanted = (root - 1.0) / (root + 1.0)
    values = {"learning_rate": (2.0 / (1.0 + root)) ** 2, "momentum": wanted**2}
    recording, _ = record("sgd", values, (QUADRATIC, 1.0, condition), (1.0, 1.0), 200)
    size = np.abs(recording.positions).max(axis=1)
    # Both eigenvalues coincide here, so k wanted^k and not wanted^k: the factor 200 / 100 is the k.
    assert (size[200] / size[100] / 2.0) ** 0.01 == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize(
    ("name", "values", "bound"),
    [
        ("rmsprop", {}, 2.0),
        ("adam", {"beta1": 0.9}, 38.0),
        ("adam", {"beta1": 0.5}, 6.0),
        ("adam", {"beta1": 0.0}, 2.0),
        ("adamw", {"weight_decay": 0.0}, 38.0),
        ("adamax", {"beta1": 0.5}, 6.0),
        ("yogi", {"beta1": 0.5}, 6.0),
        ("qhadam", {"beta1": 0.5, "nu1": 1.0}, 6.0),
        ("qhadam", {"beta1": 0.5, "nu1": 0.5}, 3.0),
        ("nadam", {"beta1": 0.5, "momentum_decay": 1e4}, 3.0),
        ("adan", {"beta1": 0.5, "beta2": 0.0}, 6.0),
    ],
)
def test_frozen_preconditioner_has_the_limit_of_its_momentum(name, values, bound):
    """With eps far above every gradient the division is one by eps: Adam's limit is 2 (1 + beta1) / (1 - beta1), RMSprop's 2, and where
    the step has a share of the gradient itself (NAdam's is that of Nesterov) that of quasi-hyperbolic momentum.

    Adam's first steps are longer, until its corrections have died out, so the growth is that of the later ones.
    """
    eps = 1e60
    for share, inside in ((0.99, True), (1.01, False)):
        settled = values | {"eps": eps, "learning_rate": share * bound * eps / 5.0}
        recording, _ = record(name, settled, (QUADRATIC, 5.0, 5.0), (1e-3, -2e-3), 400)
        early, late = np.abs(recording.positions[[200, 400]])
        assert np.all(late < 0.1 * early) if inside else np.all(late > 10.0 * early)
