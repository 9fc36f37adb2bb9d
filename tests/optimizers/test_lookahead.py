"""Lookahead round every elementwise rule: against the paper's algorithm, special cases, theory on a parabola, the same bits however run."""

import numpy as np
import pytest

import gdsim
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.optimizers.lookahead import lookahead
from gdsim.simulation.many import run_many
from gdsim.simulation.run import stream
from gdsim.simulation.scenario import Scenario
from tests import naive
from tests.draws import fresh
from tests.optimizers.driving import ELEMENTWISE

STEPS = 40


def path(name, start, k, share, rate=0.01, landscape="himmelblau", steps=STEPS, **values):
    """A run as plain Python, leaf by leaf."""
    numbers = values | {"learning_rate": rate, "lookahead_k": float(k), "lookahead_alpha": share}
    return np.array(naive.descend(LANDSCAPES[landscape], lookahead(OPTIMIZERS[name]), start, numbers, steps))


def slow_path(name, start, k, share, rate=0.01, landscape="himmelblau", steps=STEPS, **values):
    """The paper's two loops round the textbook steps."""
    record = LANDSCAPES[landscape]
    rule = naive.OPTIMIZERS[name](learning_rate=rate, **values)
    slow, points = list(start), [list(start)]
    while len(points) <= steps:
        fast = list(slow)
        for inner in range(1, k + 1):
            _, *gradient = record.value_and_gradient(*fast, record.values)
            fast = rule.step(fast, gradient)
            if inner == k:
                slow = [s + share * (f - s) for s, f in zip(slow, fast, strict=True)]
            points.append(list(slow if inner == k else fast))
    return np.array(points[: steps + 1])


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_the_paper_s_algorithm_round_the_textbook_step(name):
    rng = fresh()
    k, alpha, start = int(rng.integers(2, 8)), float(rng.uniform(0.1, 0.9)), (rng.uniform(-1.0, 1.0, 2) + 2.0).tolist()
    defaults = {} if name == "adafactor" else {n: v for n, v in OPTIMIZERS[name].defaults.items() if n != "learning_rate"}
    rate = 1e-3 if OPTIMIZERS[name].defaults["learning_rate"] != 1.0 else 1e-2
    one, other = (way(name, start, k, alpha, rate, **defaults) for way in (path, slow_path))
    assert one == pytest.approx(other, rel=1e-8, abs=1e-8), (k, alpha, start)


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_all_of_the_way_kept_is_the_rule_itself_and_none_of_it_goes_back(name):
    start = (0.5, -0.5)
    plain = np.array(naive.descend(LANDSCAPES["himmelblau"], OPTIMIZERS[name], start, {"learning_rate": 1e-3}, STEPS))
    assert path(name, start, 5, 1.0, 1e-3) == pytest.approx(plain, rel=1e-9, abs=1e-12)  # s + (w - s) may round
    back = path(name, start, 5, 0.0, 1e-3)
    assert np.array_equal(back[::5], np.tile(start, (STEPS // 5 + 1, 1)))
    assert np.array_equal(back[:5], plain[:5])


def test_a_return_after_every_step_is_a_smaller_learning_rate():
    assert path("sgd", (0.5, -0.5), 1, 0.25, 0.01) == pytest.approx(path("sgd", (0.5, -0.5), 9, 1.0, 0.0025), rel=1e-12)


@pytest.mark.parametrize(("k", "alpha"), [(5, 0.5), (4, 0.5), (3, 0.8), (1, 0.3)])
def test_on_a_parabola_it_shrinks_as_theory_says(k, alpha):
    """By 1 - alpha + alpha (1 - a)^k a cycle, a the rate times the curvature: rates beyond plain descent's limit of 2 may converge."""
    for a in (0.3, 1.0, 1.9, 2.1):
        points = path("sgd", (1.0, 1.0), k, alpha, a / 10.0, "quadratic", 5 * k)
        assert points[::k, 1] == pytest.approx((1.0 - alpha + alpha * (1.0 - a) ** k) ** np.arange(6), rel=1e-10, abs=1e-13)


@pytest.mark.parametrize("name", ["sign_sgd", "adam"])
def test_the_same_bits_alone_in_parts_in_a_block_and_done_slowly(name):
    rng = fresh()
    k, alpha, rate = int(rng.integers(2, 9)), rng.uniform(0.1, 0.9), 10.0 ** rng.uniform(-4, -1)
    starts = rng.uniform(-5, 5, (5, 2))
    record, rule = LANDSCAPES["himmelblau"], lookahead(OPTIMIZERS[name])
    block = run_many(record, rule, starts, STEPS, learning_rate=rate, lookahead_k=float(k), lookahead_alpha=alpha)
    for i, start in enumerate(starts):
        run = {"optimizer": name, "learning_rate": rate, "start": tuple(start), "lookahead": {"k": k, "alpha": alpha}}
        scenario = Scenario.model_validate({"problem": {"landscape": "himmelblau"}, "steps": STEPS, "runs": [run]})
        alone = gdsim.run(scenario).runs[0].positions
        parts = np.concatenate([chunk.steps.positions for chunk in stream(scenario, int(rng.integers(1, STEPS)))])
        assert np.array_equal(alone, parts, equal_nan=True)
        assert np.array_equal(alone[-1], block.positions[i], equal_nan=True)
        assert np.array_equal(alone, path(name, start, k, alpha, rate), equal_nan=True)


def test_it_says_no_to_methods_that_look_at_all_weights():
    with pytest.raises(ValueError, match="treat every weight on its own, and newton"):
        lookahead(OPTIMIZERS["newton"])
    with pytest.raises(ValueError, match="treat every weight on its own, and bfgs"):
        gdsim.minimise("rosenbrock", "bfgs", lookahead={"k": 5})


def test_the_record_is_the_rule_s_with_two_numbers_more():
    rule, wrapped = OPTIMIZERS["sgd"], lookahead(OPTIMIZERS["sgd"])
    assert wrapped is lookahead(rule)
    assert [p.name for p in wrapped.parameters] == [*rule.defaults, "lookahead_k", "lookahead_alpha"]
    assert wrapped.slot_names == (*rule.slot_names, "slow")
    assert wrapped.stable_product is None
    run = gdsim.minimise("quadratic", "sgd", learning_rate=0.21, lookahead={}, steps=200)
    assert (run.verdict.outcome.startswith("converged"), run.verdict.limit) == (True, None)
