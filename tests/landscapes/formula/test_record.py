"""The landscape of a formula: a record like any other, the same object for the same words, compiled once for all processes."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

import gdsim
from gdsim.landscapes.formula import FormulaError, formula, preview
from tests.landscapes.formula.table import PARAMETERS, WRITTEN


def given(text):
    from gdsim.landscapes.formula import parse

    return {name: PARAMETERS[name] for name in parse(text).parameters}


@pytest.mark.parametrize("text", WRITTEN)
def test_the_record_is_complete(text):
    landscape = formula(text, **given(text))
    assert landscape.formula == WRITTEN[text]
    assert len(landscape.start) == len(landscape.domain) == landscape.dim
    assert all(low <= at <= high for at, (low, high) in zip(landscape.start, landscape.domain, strict=True))
    slope = landscape.value_and_gradient(*landscape.start, *(0.0,) * (2 - landscape.dim), landscape.values)
    assert all(map(math.isfinite, slope))
    assert math.hypot(*slope[1:]) > 0.0
    assert {landscape: 1}[formula(text, **given(text))] == 1
    constants = [c for leaf in (landscape.value_and_gradient, landscape.second_derivatives) for c in leaf.__code__.co_consts]
    assert {type(constant) for constant in constants if constant is not None} <= {float, tuple}


def test_it_is_public():
    assert gdsim.formula is formula
    assert gdsim.FormulaError is FormulaError
    assert issubclass(FormulaError, ValueError)


def test_arrays_gradient_and_hessian():
    landscape = formula("a x^2 + sin(y)", a=3)
    x, y = np.array([[1.0], [2.0]]), np.array([0.0, 0.5, 1.0])
    np.testing.assert_allclose(landscape.loss(x, y), 3.0 * x**2 + np.sin(y), rtol=1e-15)
    np.testing.assert_allclose(landscape.gradient(1.0, 0.0), (6.0, 1.0), rtol=1e-15)
    np.testing.assert_allclose(landscape.hessian(1.0, 0.0), ((6.0, 0.0), (0.0, 0.0)), rtol=1e-15)
    np.testing.assert_allclose(landscape.with_parameters(a=-1.0).loss(2.0, 0.0), -4.0)
    run = gdsim.minimise(landscape, learning_rate=0.1, start=(1.0, 0.0), steps=200)
    np.testing.assert_allclose(run.positions[-1], (0.0, -math.pi / 2.0), atol=1e-6)
    assert run.verdict.outcome in (gdsim.Outcome.CONVERGED, gdsim.Outcome.LOCAL_MINIMUM)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"text": "a x"}, "no value for 'a'"),
        ({"text": "x", "a": 1}, "no 'a' in this formula"),
        ({"text": "a x", "a": math.nan}, "allowed is a finite number"),
        ({"text": "x", "domain": [[1, 0]]}, "low < high"),
        ({"text": "x", "domain": [[0, math.inf]]}, "low < high"),
        ({"text": "x", "domain": [[1, 1 + 1e-9]]}, "not too narrow"),
        ({"text": "x", "domain": [[0, 1], [0, 1]]}, "one interval"),
        ({"text": "x + y", "domain": [[0, 1]]}, "two intervals"),
        ({"text": "log(x)", "domain": [[-2, -1]]}, r"nowhere on \[-2, -1\]"),
        ({"text": "x + y/0"}, "nowhere"),
    ],
)
def test_what_is_wrong_is_said(arguments, words):
    with pytest.raises(FormulaError, match=words):
        formula(arguments.pop("text"), **arguments)


def test_the_domain_is_where_things_are_looked_for():
    landscape = formula("cos(x)", domain=[[0, 20]])
    assert [round(point.position[0] / math.pi) for point in landscape.minima] == [1, 3, 5]
    assert landscape.domain == ((0.0, 20.0),)


@pytest.mark.parametrize("text", WRITTEN)
def test_a_preview_shows_the_loss(text):
    seen = preview(text, given(text), resolution=16)
    landscape = formula(text, **given(text))
    assert seen.losses.shape == ((16, 16) if landscape.dim == 2 else (128,))
    i, j = (3, 11) if landscape.dim == 2 else (11, 0)
    at = (seen.x[j], seen.y[i]) if landscape.dim == 2 else (seen.x[i], 0.0)
    expected = landscape.value_and_gradient(*map(float, at), landscape.values)[0]
    np.testing.assert_allclose(seen.losses[i, j] if landscape.dim == 2 else seen.losses[i], expected, rtol=1e-11, atol=1e-12)


SCRIPT = """
from gdsim.engine import evaluate, templates
from gdsim.engine.gather import gather
from gdsim.engine.specialise import specialise
from gdsim.landscapes.formula import formula
landscape = formula("exp(-a x^2) + sigmoid(x y)", a=2)
print(repr(landscape.loss([0.5, 1.0], 0.25).tolist()))
bound = {"values_of": templates.parameters, "gather_params": gather(1)}
kernel = specialise(templates.at_points, three_numbers=landscape.value_and_gradient, **bound)
print(sum(kernel.stats.cache_hits.values()))
"""


@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT", "0") != "0", reason="nothing is compiled")
def test_a_second_process_finds_the_kernel_on_disk(tmp_path):
    answers = [
        subprocess.run(
            [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, env=os.environ | {"GDSIM_CACHE": str(tmp_path)}
        ).stdout.split("\n")
        for _ in range(2)
    ]
    assert [answer[1] for answer in answers] == ["0", "1"]
    assert answers[0][0] == answers[1][0]


LARGEST = "+".join(f"tanh({k}x+sin(y*{k}))*exp(-x^2*{k})" for k in range(2, 29))


def test_a_preview_of_a_large_formula(benchmark):
    """Measured, not judged: a hundredth of a second is usual, a tenth the most that typing should wait."""
    from gdsim.landscapes.formula import parse

    seen = benchmark.pedantic(preview, (LARGEST,), setup=parse.cache_clear, rounds=5)
    assert np.all(np.isfinite(seen.losses))
