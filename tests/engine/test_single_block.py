"""Blocks in single precision on the processor: their numbers, their code, and steps that are counted in float32.

That their bits are those of the plain loop of ``cuda_templates``, leaf by leaf in Python, is tested in ``test_cuda``.
"""

import itertools
import re

import numpy as np
import pytest
from numba import config, njit

from gdsim.engine import descend
from gdsim.engine.precision import DOUBLE, SINGLE
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many, run_many
from tests.draws import fresh, some
from tests.engine.cuda_cases import CASES, made, run


def test_single_precision_follows_double():
    """Near a minimum every step shortens what rounding did before it to 0.85 at most, and adds some 1e-6 itself."""
    starts = np.array([3.0, 2.0]) + fresh().uniform(-0.2, 0.2, (1000, 2))
    single, double = (
        run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], starts, 12, learning_rate=0.01, precision=precision)
        for precision in ("float32", "float64")
    )
    assert single.positions.dtype == single.losses.dtype == single.best.dtype == np.float64
    assert np.max(np.abs(single.positions - double.positions)) < 1e-4
    assert not np.array_equal(single.positions, double.positions)
    assert np.array_equal(single.positions, single.positions.astype(np.float32))


CUT = ["noise", "motion", "batches", "batches alone", "a schedule that looks", "quasi-Newton"]


@pytest.mark.parametrize("name", some(CUT, 1))
def test_long_calls_are_cut_without_a_trace(monkeypatch, name):
    """Steps and evaluations are counted in float32, so a call takes many steps in parts."""
    whole = run(name, "cpu", runs=200, steps=(23, 40), precision="float32")
    monkeypatch.setattr(descend, "COUNTED_STEPS", 7)
    parts = run(name, "cpu", runs=200, steps=(23, 40), precision="float32")
    for key, values in whole.items():
        if not key.startswith("best") or name != "batches alone":  # the least loss at the ends of calls
            assert np.array_equal(values, parts[key], equal_nan=values.dtype.kind == "f"), key


@pytest.mark.parametrize(("name", "precision"), some(itertools.product(CUT, ["float64", "float32"]), 2))
def test_legs_of_one_call_are_those_of_one_call_each(monkeypatch, name, precision):
    legs = (23, 7, 0, 33)
    one, other = (made(name, "cpu", runs=200, steps=legs, precision=precision) for _ in range(2))
    if name != "batches alone":  # the least loss at the ends of calls
        monkeypatch.setattr(descend, "COUNTED_STEPS", 10)
    passed, seen = one.through(legs, losses=True)
    for row, leg in enumerate(legs):
        other.walk(leg)
        np.testing.assert_array_equal(passed[row], other.weights)
        np.testing.assert_array_equal(seen[row], other.losses)
    for key in ("positions", "losses", "best", "steps", "status", "evaluations"):
        np.testing.assert_array_equal(getattr(one.summary(), key), getattr(other.summary(), key), err_msg=key)
    one.walk(5)
    other.walk(5)
    np.testing.assert_array_equal(one.weights, other.weights)


def test_steps_are_counted_beyond_what_float32_can_count():
    """2^24 + 1 steps of one run, each of which moves nothing: a rate of 0."""
    counted = 2**24 + 1
    found = run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], [[1.0, 1.0]], counted, learning_rate=0.0, precision="float32")
    assert found.steps.tolist() == found.evaluations.tolist() == [counted]


@pytest.mark.skipif(bool(config.BOUNDSCHECK or config.DISABLE_JIT), reason="checked or interpreted loops are not vectorised")
def test_nothing_is_computed_in_double_precision():
    landscape, optimizer, given = CASES["noise"]
    many = Many(landscape, OPTIMIZERS[optimizer], np.ones((4, 2)), 2, precision="float32", **given)
    many.walk(2)
    kernel = many._block._kernel
    (arguments,) = kernel.overloads
    anew = njit(nogil=True, error_model="numpy")(kernel.py_func)
    anew.compile(arguments)
    (code,) = anew.inspect_llvm().values()
    assert re.search(r"<\d+ x float>", code)
    assert not re.search(r"\bf(add|mul|sub|div)\b[^\n]* double|@llvm\.(fma|sqrt)\.(v\d+)?f64", code)


@pytest.mark.parametrize(("precision", "steepest"), [(DOUBLE, 1e150), (SINGLE, 1e18)])
def test_a_run_has_diverged_where_its_square_would_leave_the_numbers(precision, steepest):
    small, large = precision.squares(1e-3, np.inf)
    assert type(small) is type(large) is precision.dtype
    assert np.isfinite(large)
    assert large == precision.dtype(steepest * steepest)
    assert precision.squares(None, 10.0) == (-1.0, 100.0)
