"""Verdicts on blocks of runs: those of the template run as plain Python, whatever ground lies beside a run's own."""

import numpy as np
import pytest

from gdsim.engine import descend
from gdsim.engine.descend import LANES
from gdsim.landscapes import LANDSCAPES
from gdsim.simulation.moments import SAMPLES, moments
from gdsim.simulation.sweep_plan import told_apart
from gdsim.simulation.sweep_verdict import Ends, Judged, frame_of, ground_of, judge
from tests.draws import fresh

STEPS = 40
LOOKED = moments(STEPS, SAMPLES)


def drawn(landscape, runs):
    """Ways that end anywhere, many of them near a stationary point, some far out or at no number; and how they ended."""
    rng = fresh()
    low, high = np.array(landscape.domain).T
    unit = frame_of(landscape.domain)[4]
    ways = np.zeros((len(LOOKED.steps), 2, runs))
    for way in ways:
        way[: landscape.dim] = rng.uniform(low, high, (runs, landscape.dim)).T
    *_, end = ways
    known = ground_of(landscape).points
    for way, near in ((end, known[rng.integers(0, len(known), runs), :2].T), *((way, end) for way in ways[1:-1])):
        chosen = rng.random(runs) < 0.7
        beside = near + unit * rng.normal(size=(2, runs)) * 10.0 ** rng.uniform(-3, 1, runs)
        way[: landscape.dim, chosen] = beside[: landscape.dim, chosen]
    end[0, rng.random(runs) < 0.1] *= rng.choice([30.0, 1e100, np.inf, np.nan])
    status = rng.choice([descend.RUNNING] * 4 + [descend.CONVERGED, descend.DIVERGED], runs).astype(np.int8)
    return ways, Ends(rng.choice([np.inf, 1e-3, 1.0], runs), rng.integers(0, STEPS, runs), status)


def of(ends, chosen):
    return Ends(ends.best[chosen], ends.taken[chosen], ends.status[chosen])


def assert_same(one, other):
    for name in ("verdict", "minimum", "numbers"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), strict=True)


@pytest.mark.parametrize("name", ["himmelblau", "rastrigin"])
def test_a_block_is_judged_as_by_plain_python(name):
    landscape = LANDSCAPES[name]
    runs = LANES + 5
    ways, ends = drawn(landscape, runs)
    rows = np.repeat(np.array(landscape.values)[:, np.newaxis], runs, axis=1).reshape(-1, runs)
    here = [ground_of(landscape)]
    whole = judge(landscape, here, np.zeros(runs, np.intp), rows, ways, LOOKED.cuts, ends)
    for i in range(runs):
        own = slice(i, i + 1)
        alone = judge(landscape, here, np.zeros(1, np.intp), rows[:, own], ways[:, :, own], LOOKED.cuts, of(ends, own), compiled=False)
        assert_same(Judged(whole.verdict[own], whole.minimum[own], whole.numbers[:, own]), alone)


def test_a_run_is_judged_by_its_own_ground_alone():
    landscape, runs = LANDSCAPES["rastrigin"], 3 * LANES + 1
    several = [landscape.with_parameters(A=height) for height in (3.0, 10.0, 14.0)]
    ways, ends = drawn(landscape, runs)
    ground = fresh().integers(0, len(several), runs)
    grounds = [ground_of(one) for one in several]
    rows = np.array([one.values for one in several])[ground].T.copy()
    whole = judge(landscape, grounds, ground, rows, ways, LOOKED.cuts, ends)
    for index, one in enumerate(grounds):
        chosen = np.flatnonzero(ground == index)
        part = ways[:, :, chosen].copy()
        alone = judge(landscape, [one], np.zeros(len(chosen), np.intp), rows[:, chosen], part, LOOKED.cuts, of(ends, chosen))
        for name in ("verdict", "minimum", "numbers"):
            np.testing.assert_array_equal(getattr(whole, name)[..., chosen], getattr(alone, name), strict=True)


def test_rows_are_told_apart():
    rng = fresh()
    sizes = rng.integers(1, 6, 3).tolist()
    columns = [rng.integers(0, size, 200) for size in sizes]
    several, which = told_apart(columns, sizes)
    expected, place = np.unique(np.stack(columns), axis=1, return_inverse=True)
    assert several == [tuple(column) for column in expected.T.tolist()]
    np.testing.assert_array_equal(which, place.ravel())
