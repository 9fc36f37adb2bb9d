"""Activations and losses: values against the textbook, slopes against differences of the values, in both precisions."""

import math
import re

import mpmath
import numpy as np
import pytest
from numba import config, njit

from gdsim.engine import elementary, error_function
from gdsim.engine.single import in_single
from gdsim.engine.specialise import specialise
from gdsim.networks import layers
from gdsim.networks.network import ACTIVATIONS, LOSSES
from tests import derive_coefficients, naive_networks
from tests.draws import fresh

COMPILED = pytest.mark.skipif(bool(config.DISABLE_JIT), reason="plain Python has no single precision")
POINTS = np.concatenate((np.linspace(-6.0, 6.0, 41), [-40.0, 40.0, 1e-9]))
OFF = 1e-5


def test_there_is_a_record_for_every_name():
    assert tuple(layers.ACTIVATIONS) == ACTIVATIONS
    assert tuple(layers.LOSSES) == LOSSES


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations(name):
    leaf, (value, slope) = layers.ACTIVATIONS[name].value_and_slope, naive_networks.ACTIVATIONS[name]
    got = np.array([leaf(z) for z in POINTS])
    assert got[:, 0] == pytest.approx(value(POINTS), rel=1e-14, abs=1e-15)
    assert got[:, 1] == pytest.approx(slope(POINTS), rel=1e-12, abs=1e-15)
    smooth = POINTS[abs(POINTS) > 2 * OFF]  # a kink has no slope
    differences = [(leaf(z + OFF)[0] - leaf(z - OFF)[0]) / (2 * OFF) for z in smooth]
    assert [leaf(z)[1] for z in smooth] == pytest.approx(differences, abs=1e-8)
    assert math.isnan(leaf(math.nan)[0])


@pytest.mark.parametrize("name", [name for name in LOSSES if layers.LOSSES[name].value_and_slope])
def test_losses(name):
    leaf, (value, slope) = layers.LOSSES[name].value_and_slope, naive_networks.LOSSES[name]
    for y in (0.0, 1.0, -0.7):
        got = np.array([leaf(z, y) for z in POINTS])
        assert got[:, 0] == pytest.approx(value(POINTS, y), rel=1e-13, abs=1e-15)
        assert got[:, 1] == pytest.approx(slope(POINTS, y), rel=1e-12, abs=1e-15)
        differences = [(leaf(z + OFF, y)[0] - leaf(z - OFF, y)[0]) / (2 * OFF) for z in POINTS]
        assert got[:, 1] == pytest.approx(differences, rel=1e-8, abs=2e-5 if name == "huber" else 1e-8)
    assert math.isnan(leaf(math.nan, 0.5)[0])


def ulps(got, exact, digits):
    exponent = mpmath.frexp(exact)[1]
    return float(abs(mpmath.mpf(float(got)) - exact) / mpmath.mpf(2) ** (exponent - digits)) if exact else float(got != 0.0)


@pytest.mark.parametrize("reach", [1.0, 6.5, 1e-300])
def test_error_function_to_two_ulp(reach):
    for x in fresh().uniform(-reach, reach, 500).tolist():
        with mpmath.workprec(1100 if reach < 1e-9 else 200):
            assert ulps(error_function.erf(x), mpmath.erf(x), 53) <= 2.0, x


def test_error_function_at_its_edges():
    for x, y in ((0.0, 0.0), (6.0, 1.0), (1e300, 1.0), (math.inf, 1.0)):
        assert (error_function.erf(x), error_function.erf(-x)) == (y, -y)
    assert math.copysign(1.0, error_function.erf(-0.0)) == -1.0
    assert math.isnan(error_function.erf(math.nan))


@pytest.mark.parametrize("half", ["near", "far"])
def test_coefficients_of_the_error_function_are_those_derived(half):
    wanted = derive_coefficients.APPROXIMATIONS[f"error function, {half}"]
    found = derive_coefficients.coefficients(wanted)
    leaf = error_function.erf_near if half == "near" else error_function.minus_log_of_rest
    assert set(found) <= set(leaf.__code__.co_consts)
    assert derive_coefficients.largest_error(wanted, found) < 2.0**-55


def over(x, out):
    for i in range(x.size):
        out[i] = function(x[i])  # noqa: F821


EXACT = {
    "exp": (mpmath.exp, elementary.exp, [(-1.0, 1.0), (-87.0, 88.7), (-103.9, -87.0)]),
    "log": (mpmath.log, elementary.log, [(0.5, 2.0), (0.99, 1.01), (1e-44, 1e-38), (1e-3, 1e30)]),
    "tanh": (mpmath.tanh, elementary.tanh, [(-1.0, 1.0), (0.5, 0.6), (-10.0, 10.0)]),
    "sigmoid": (lambda x: 1 / (1 + mpmath.exp(-x)), elementary.sigmoid, [(-5.0, 5.0), (-86.0, 20.0)]),
    "erf": (mpmath.erf, error_function.erf, [(-1.0, 1.0), (0.85, 0.95), (-4.5, 4.5)]),
}
SPECIAL = {
    "exp": [(0.0, 1.0), (89.0, math.inf), (-104.1, 0.0), (math.inf, math.inf), (-math.inf, 0.0), (math.nan, math.nan)],
    "log": [(1.0, 0.0), (0.0, -math.inf), (math.inf, math.inf), (-1.0, math.nan), (math.nan, math.nan)],
    "tanh": [(0.0, 0.0), (1e38, 1.0), (-math.inf, -1.0), (math.nan, math.nan)],
    "sigmoid": [(0.0, 0.5), (1e38, 1.0), (math.inf, 1.0), (-math.inf, 0.0), (math.nan, math.nan)],
    "erf": [(0.0, 0.0), (1e38, 1.0), (-math.inf, -1.0), (math.nan, math.nan)],
}


@COMPILED
@pytest.mark.parametrize("name", EXACT)
def test_single_precision_to_two_ulp_vectorised_and_without_doubles(name):
    exact, leaf, regions = EXACT[name]
    kernel = specialise(over, function=in_single(leaf))
    draw = fresh()
    for region in regions:
        x = draw.uniform(*region, 1000).astype(np.float32)
        out = np.empty_like(x)
        kernel(x, out)
        with mpmath.workprec(100):
            true = [exact(mpmath.mpf(float(at))) for at in x]
            spacing = [mpmath.mpf(2) ** max(mpmath.frexp(t)[1] - 24, -149) for t in true]
            errors = [float(abs(mpmath.mpf(float(got)) - t) / s) for got, t, s in zip(out, true, spacing, strict=True)]
        assert max(errors) <= 2.0, (region, x[int(np.argmax(errors))])
    x, wanted = np.array(SPECIAL[name], dtype=np.float32).T.copy()
    out = np.empty_like(x)
    kernel(x, out)
    assert np.array_equal(out, wanted, equal_nan=True)
    if not config.BOUNDSCHECK:
        again = njit(nogil=True, error_model="numpy")(kernel.py_func)
        again.compile("(float32[::1], float32[::1])")
        (code,) = again.inspect_llvm().values()
        assert re.search(r"call <\d+ x float> @llvm\.fma\.v\d+f32", code)
        assert "double" not in code.replace("doubleword", "")
