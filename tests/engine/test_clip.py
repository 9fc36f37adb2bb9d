"""Gradient clipping against torch.nn.utils (recorded, and live), the slow version, and at extremes."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.engine.clip import clip_by_both, clip_by_norm, clip_by_value, clipping
from tests import naive
from tests.golden import record_torch

SLOPES = st.floats(-1e150, 1e150)
LIMITS = st.floats(1e-12, 1e12)


@pytest.mark.parametrize(("gradient", "limit", "by_value", "by_norm"), json.loads(record_torch.FILE.read_text())["clipped"])
def test_torch_cuts_the_same(gradient, limit, by_value, by_norm):
    assert list(clip_by_value(*gradient, (limit,))) == by_value
    assert clip_by_norm(*gradient, (limit,)) == pytest.approx(by_norm, rel=1e-15)


@pytest.mark.torch
def test_live_torch_cuts_the_same():
    pytest.importorskip("torch")
    for gradient, limit, by_value, by_norm in record_torch.clipped(seed=None):
        assert list(clip_by_value(*gradient, (limit,))) == by_value
        assert clip_by_norm(*gradient, (limit,)) == pytest.approx(by_norm, rel=1e-15)


@given(gx=SLOPES, gy=SLOPES, value=LIMITS, norm=LIMITS)
def test_the_slow_version_cuts_the_same(gx, gy, value, norm):
    for limits in ((value, None), (None, norm), (value, norm)):
        leaf, numbers = clipping(*limits)
        assert leaf(gx, gy, numbers) == pytest.approx(naive.clipped([gx, gy], *limits), rel=1e-14, abs=1e-300)


@given(gx=SLOPES, gy=SLOPES, value=LIMITS, norm=LIMITS)
def test_limits_are_kept_and_short_gradients_left_alone(gx, gy, value, norm):
    cut = clip_by_both(gx, gy, (value, norm))
    assert max(map(abs, cut)) <= value
    assert math.hypot(*cut) <= norm * (1.0 + 4e-16)
    size = math.hypot(gx, gy)
    assert clip_by_norm(gx, gy, (size * 1.0001 + 2e-6,)) == (gx, gy)
    assert clip_by_value(gx, gy, (max(abs(gx), abs(gy)),)) == (gx, gy)


@pytest.mark.parametrize("slope", [0.0, 5e-324, 1.0, -1e150, 1e300, math.inf, -math.inf])
def test_an_infinite_limit_changes_nothing(slope):
    for leaf, limits in ((clip_by_value, (math.inf,)), (clip_by_norm, (math.inf,)), (clip_by_both, (math.inf, math.inf))):
        assert leaf(slope, -slope, limits) == (slope, -slope)


def test_no_limit_is_no_leaf():
    assert clipping(None, None) == (None, ())
