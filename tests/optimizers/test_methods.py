"""The methods that look around: each step against its formula, conditions of line searches, closed forms, and what every one promises.

The leaves run as plain Python here, on every landscape; ``tests/engine/test_descend.py`` has that compiled ones give the same bits.
"""

import itertools
import json
import math
from dataclasses import replace

import numpy as np
import pytest

import gdsim
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.optimizers.line_search import TRIALS
from gdsim.simulation.fitness import misfit
from tests import naive
from tests.draws import fresh
from tests.golden.record_torch_lbfgs import FILE
from tests.golden.record_torch_lbfgs import steps as torch_steps
from tests.golden.settings import surface
from tests.optimizers.driving import STAGE

METHODS = [name for name, record in OPTIMIZERS.items() if not record.is_elementwise]
FALLING = ("backtracking", "conjugate_gradient", "bfgs", "lbfgs", "damped_newton", "levenberg_marquardt")
SEARCHING = {"bfgs": 0.9, "lbfgs": 0.9, "conjugate_gradient": 0.1}
"""Those whose steps satisfy the conditions of Wolfe, and the share of the slope that they leave."""
SMOOTH = ("rosenbrock", "himmelblau", "beale", "styblinski_tang", "mccormick", "trid")


class Steps:
    """The steps of a run as plain Python: points, losses, gradients and slots before each step, and evaluations of each."""

    def __init__(self, landscape, name, start, steps, tolerance=1e-7, **values):
        rule = OPTIMIZERS[name]
        hyper, on = rule.pack(values)
        self.calls = 0
        seen = replace(landscape, value_and_gradient=self.counted(landscape.value_and_gradient))
        take = naive.step_of.__wrapped__(seen, rule, on)
        x, y = (*map(float, start), 0.0)[:2]
        slots = rule.initial_slots(hyper), rule.initial_slots(hyper)
        self.points, self.losses, self.gradients, self.slots, self.evaluations, self.tried = [], [], [], [], [], []
        for step in range(1, steps + 2):
            loss, gx, gy = landscape.value_and_gradient(x, y, landscape.values)
            self.points.append((x, y))
            self.losses.append(loss)
            self.gradients.append((gx, gy))
            self.slots.append(slots)
            if step > steps or not math.isfinite(loss) or not tolerance < math.hypot(gx, gy) <= 1e150:
                break
            self.calls = 0
            x, y, *slots, evaluations = take(x, y, loss, gx, gy, *slots, (), hyper, landscape.values, step)
            self.evaluations.append(evaluations)
            self.tried.append(self.calls)
        self.points, self.losses, self.gradients = (np.array(rows) for rows in (self.points, self.losses, self.gradients))
        self.moves = np.diff(self.points, axis=0)

    def counted(self, leaf):
        def counting(x, y, params):
            self.calls += 1
            return leaf(x, y, params)

        return counting


def drawn_start(landscape, rng):
    return [rng.uniform(low, high) for low, high in landscape.domain]


@pytest.mark.parametrize("landscape", LANDSCAPES)
def test_on_every_landscape_a_run_ends_well_and_falls_where_it_promises(landscape):
    """Nothing raises, also far outside; a curve's y stands still; every evaluation is counted once."""
    landscape, rng = LANDSCAPES[landscape], fresh()
    for name in METHODS:
        if misfit(landscape, OPTIMIZERS[name]):
            continue
        for scale in (1.0, 30.0):
            start = scale * np.array(drawn_start(landscape, rng))
            run = Steps(landscape, name, start, 12)
            said = (name, list(start))
            assert np.all(np.isfinite(run.points[:-1])), said
            assert landscape.dim == 2 or not np.any(run.points[:, 1]), said
            if name in FALLING:
                assert np.all(np.diff(run.losses) <= 0.0), said
            second = name in ("newton", "damped_newton", "levenberg_marquardt")
            moved = np.any(run.moves != 0.0, axis=1)
            for evaluations, tried, went in zip(run.evaluations, run.tried, moved, strict=True):
                # The point that a step ends in is counted by the next one; a step too short for float64 may end where it began.
                assert evaluations - second in ((tried, tried + 1) if tried and not went else (max(1, tried),)), said


@pytest.mark.parametrize("name", METHODS)
def test_a_learning_rate_of_0_changes_nothing(name):
    run = Steps(LANDSCAPES["rosenbrock"], name, (-1.2, 1.0), 3, learning_rate=0.0)
    assert not np.any(run.moves)


@pytest.mark.parametrize("name", METHODS)
def test_at_a_stationary_point_it_stays_and_outside_float64_it_is_a_result(name):
    landscape = LANDSCAPES["himmelblau"]
    run = Steps(landscape, name, (3.0, 2.0), 3, tolerance=-1.0)
    assert not np.any(run.moves)
    assert gdsim.minimise(landscape, name, start=(1e100, 1.0), steps=5).verdict.outcome == "diverged"


# --- Each step against its formula -------------------------------------------------------------------------------------------------


def runs_of(name, steps=25, **values):
    rng = fresh()
    for landscape in SMOOTH:
        if not misfit(LANDSCAPES[landscape], OPTIMIZERS[name]):
            for _ in range(3):
                yield LANDSCAPES[landscape], Steps(LANDSCAPES[landscape], name, drawn_start(LANDSCAPES[landscape], rng), steps, **values)


def hessian(landscape, point):
    xx, xy, yy = landscape.second_derivatives(*point, landscape.values)
    return np.array(((xx, xy), (xy, yy)))


def assert_along(move, direction, point):
    """``move`` is a positive multiple of ``direction``, unless it is so short beside the ``point`` that rounding turned it."""
    if np.linalg.norm(move) > 1e-7 * max(1.0, np.linalg.norm(point)):
        cosine = move @ direction / np.linalg.norm(move) / np.linalg.norm(direction)
        assert cosine == pytest.approx(1.0, abs=1e-8), point


@pytest.mark.parametrize("rate", [1.0, 0.3])
def test_newton_solves_for_the_stationary_point_of_the_quadratic_model(rate):
    for landscape, run in runs_of("newton", learning_rate=rate):
        for point, gradient, move in zip(run.points, run.gradients, run.moves, strict=False):
            second = hessian(landscape, point)
            wanted = -rate * np.linalg.solve(second, gradient)
            assert move == pytest.approx(wanted, rel=1e-11 * np.linalg.cond(second), abs=1e-12)


def test_damped_newton_goes_along_the_gradient_divided_by_the_sizes_of_the_curvatures():
    for landscape, run in runs_of("damped_newton", floor=0.01):
        for point, gradient, move in zip(run.points, run.gradients, run.moves, strict=False):
            values, vectors = np.linalg.eigh(hessian(landscape, point))
            sizes = np.maximum(np.abs(values), 0.01 * np.abs(values).max())
            assert_along(move, -vectors @ (vectors.T @ gradient / sizes), point)


def learnt(pairs, first):
    """The inverse Hessian that BFGS learns from (move, change of the gradient), beginning with ``first`` times the identity."""
    estimate = first * np.eye(2)
    for move, change in pairs:
        weight = 1.0 / (move @ change)
        left = np.eye(2) - weight * np.outer(move, change)
        estimate = left @ estimate @ left.T + weight * np.outer(move, move)
    return estimate


@pytest.mark.parametrize(("name", "history"), [("bfgs", 10**6), ("lbfgs", 1), ("lbfgs", 3), ("lbfgs", 5)])
def test_bfgs_goes_where_its_matrix_says(name, history):
    checked = 0
    for _, run in runs_of(name, tolerance=1e-3, **({"history": float(history)} if name == "lbfgs" else {})):
        pairs = []
        for k, move in enumerate(run.moves):
            if pairs:
                used = pairs[-history:]
                scale = pairs[0] if name == "bfgs" else pairs[-1]
                estimate = learnt(used, scale[0] @ scale[1] / (scale[1] @ scale[1]))
                if np.linalg.cond(estimate) < 1e6:
                    assert_along(move, -estimate @ run.gradients[k], run.points[k])
                    checked += 1
            else:
                assert_along(move, -run.gradients[k], run.points[k])
            change = run.gradients[k + 1] - run.gradients[k]
            if not move @ change > 1e-12 * np.linalg.norm(move) * np.linalg.norm(change):
                break  # it forgot, or learnt nothing: the slow version does not say what then
            pairs.append((move, change))
    assert checked > 50


@pytest.mark.parametrize("fletcher_reeves", [True, False])
def test_conjugate_gradients_turn_as_their_formula_says(fletcher_reeves):
    checked = 0
    for _, run in runs_of("conjugate_gradient", fletcher_reeves=fletcher_reeves):
        direction, before = None, None
        for k, (gradient, move) in enumerate(zip(run.gradients, run.moves, strict=False)):
            if not np.any(move):
                break
            turn = 0.0
            if direction is not None:
                turn = gradient @ (gradient if fletcher_reeves else gradient - before) / (before @ before)
            turned = -gradient if direction is None else max(turn, 0.0) * direction - gradient
            direction, before = (turned if turned @ gradient < 0.0 else -gradient), gradient
            assert_along(move, direction, run.points[k])
            checked += turn > 0.0
    assert checked > 50


@pytest.mark.parametrize("short", [True, False])
def test_barzilai_and_borwein_steps_have_the_length_of_their_formula(short):
    for _, run in runs_of("barzilai_borwein", short=short):
        for k in range(1, len(run.moves)):
            move, change = run.moves[k - 1], run.gradients[k] - run.gradients[k - 1]
            if abs(move @ change) > 1e-6 * np.linalg.norm(move) * np.linalg.norm(change) > 1e-9:
                length = (move @ change / (change @ change) if short else move @ move / (move @ change)) if move @ change > 0.0 else 1e-3
                assert run.moves[k] == pytest.approx(-length * run.gradients[k], rel=1e-6)


def test_polyak_steps_reach_the_least_loss_of_the_tangent_plane():
    for _, run in runs_of("polyak", least_loss=-0.5):
        for move, loss, gradient in zip(run.moves, run.losses, run.gradients, strict=False):
            wanted = -(loss + 0.5) / (gradient @ gradient) * gradient if loss > -0.5 else 0.0 * gradient
            assert move == pytest.approx(wanted, rel=1e-9, abs=1e-14)


def test_polyak_comes_closer_with_every_step_on_convex_ground():
    for rate in (0.2, 1.0, 1.9):
        run = Steps(LANDSCAPES["booth"], "polyak", (-7.0, 6.0), 60, learning_rate=rate)
        assert np.all(np.diff(np.hypot(*(run.points - (1.0, 3.0)).T)) < 0.0)


def test_backtracking_takes_the_first_length_that_lowers_the_loss_enough():
    for landscape, run in runs_of("backtracking", steps=8, learning_rate=3.0, shrink=0.4, sufficient_decrease=0.2):
        for k, move in enumerate(run.moves):
            square = run.gradients[k] @ run.gradients[k]
            lengths = 3.0 * 0.4 ** np.arange(60)
            ends = [landscape.value_and_gradient(*(run.points[k] - s * run.gradients[k]), landscape.values)[0] for s in lengths]
            first = next(s for s, end in zip(lengths, ends, strict=True) if end <= run.losses[k] - 0.2 * s * square)
            assert move == pytest.approx(-first * run.gradients[k], rel=1e-9)
            assert run.evaluations[k] == 1 + list(lengths).index(first)


def test_levenberg_marquardt_solves_the_damped_equations_and_follows_the_gain():
    for landscape, run in runs_of("levenberg_marquardt", damping=0.05):
        for k, move in enumerate(run.moves):
            rows = np.array(landscape.residuals(*run.points[k], landscape.values))
            r, slopes = rows[:, 0], rows[:, 1:]
            assert r @ r == pytest.approx(run.losses[k], rel=1e-12, abs=1e-25)
            assert 2.0 * slopes.T @ r == pytest.approx(run.gradients[k], rel=1e-9, abs=1e-9)
            normal = slopes.T @ slopes
            damping = run.slots[k][0][0] if k else 0.05 * normal.diagonal().max()
            failures = run.tried[k] - 1
            damping *= 2.0 ** (failures * (failures + 1) / 2)  # factors 2, 4, 8, ...
            damped = normal + damping * np.eye(2)
            wanted = -np.linalg.solve(damped, slopes.T @ r)
            assert move == pytest.approx(wanted, rel=1e-9 * np.linalg.cond(damped), abs=1e-12)
            kept = run.slots[k + 1][0][0] / damping
            model = -(move @ (slopes.T @ r)) + damping * move @ move
            gain = (run.losses[k] - run.losses[k + 1]) / model
            assert kept == pytest.approx(max(1.0 / 3.0, 1.0 - (2.0 * gain - 1.0) ** 3), rel=1e-5, abs=1e-9)


# --- Line searches -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SEARCHING)
@pytest.mark.parametrize("curvature", [None, 0.5, 1e-3])
def test_every_step_satisfies_the_strong_conditions_of_wolfe(name, curvature):
    share = SEARCHING[name] if curvature is None else curvature
    checked = 0
    for _, run in runs_of(name, tolerance=1e-4, **({} if curvature is None else {"curvature": curvature})):
        for k, move in enumerate(run.moves):
            if run.tried[k] < TRIALS and np.any(move):
                slope, left = move @ run.gradients[k], move @ run.gradients[k + 1]
                rounding = 4e-16 * abs(run.losses[k])
                assert slope < 0.0
                assert run.losses[k + 1] <= run.losses[k] + 1e-4 * slope + rounding
                assert abs(left) <= -share * slope * (1.0 + 1e-6) + rounding
                checked += 1
    assert checked > 50


@pytest.mark.parametrize("name", ["backtracking", "damped_newton"])
def test_every_step_satisfies_the_condition_of_armijo(name):
    for _, run in runs_of(name, sufficient_decrease=0.3):
        for k, move in enumerate(run.moves):
            assert run.losses[k + 1] <= run.losses[k] + 0.3 * move @ run.gradients[k] + 4e-16 * abs(run.losses[k])


def test_a_search_that_finds_nothing_stays_where_it_is():
    """Where the tip of a cone is, no length lowers the loss, whatever the gradient says."""
    tip = replace(LANDSCAPES["sphere"], value_and_gradient=lambda x, y, params: (abs(x) + abs(y), 1.0, 1.0))
    for name, values in itertools.product(SEARCHING, ({}, {"learning_rate": 1e-3})):
        run = Steps(tip, name, (0.0, 0.0), 2, **values)
        assert not np.any(run.moves)
        assert run.evaluations == [TRIALS + 1] * 2
    run = Steps(tip, "backtracking", (0.0, 0.0), 2)
    assert (run.moves.any(), run.evaluations) == (False, [61, 61])


# --- Closed forms ------------------------------------------------------------------------------------------------------------------


def bowl(rng):
    return LANDSCAPES["ellipsoid"].with_parameters(kappa=10.0 ** rng.uniform(0.0, 3.0), angle=rng.uniform(0.0, 90.0), x0=0.5, y0=-1.5)


@pytest.mark.parametrize("name", ["newton", "damped_newton"])
def test_newton_needs_one_step_on_a_parabola(name):
    rng = fresh()
    for _ in range(20):
        run = Steps(bowl(rng), name, rng.uniform(-5, 5, 2), 1)
        assert run.points[1] == pytest.approx((0.5, -1.5), abs=1e-11)


@pytest.mark.parametrize("name", ["bfgs", "lbfgs", "conjugate_gradient"])
def test_two_exact_steps_suffice_on_a_parabola(name):
    """The search is exact if it leaves none of the slope; Fletcher and Reeves's rule is then Polak and Ribière's."""
    rng = fresh()
    for _ in range(20):
        landscape = bowl(rng)
        values = {"curvature": 1e-9, "sufficient_decrease": 1e-10}
        if name == "conjugate_gradient":
            values["fletcher_reeves"] = bool(rng.integers(2))
        run = Steps(landscape, name, rng.uniform(-5, 5, 2), 2, **values)
        assert np.hypot(*run.gradients[-1]) <= 1e-5 * np.hypot(*run.gradients[0])


@pytest.mark.parametrize(("landscape", "minimum"), [("rosenbrock", (1.0, 1.0)), ("himmelblau", (3.0, 2.0)), ("beale", (3.0, 0.5))])
@pytest.mark.parametrize("name", ["newton", "damped_newton"])
def test_near_a_minimum_newton_doubles_the_digits(name, landscape, minimum):
    rng = fresh()
    for _ in range(5):
        run = Steps(LANDSCAPES[landscape], name, minimum + rng.uniform(-0.02, 0.02, 2), 12, tolerance=1e-13)
        errors = np.hypot(*(run.points - minimum).T)
        assert errors[-1] < 1e-10
        close = (errors[:-1] < 1e-3) & (errors[:-1] > 1e-6)
        # The factor is at most that of the third and the second derivatives, on Rosenbrock 1200 / 0.4 / 2.
        assert np.all(errors[1:][close] <= 3000.0 * errors[:-1][close] ** 2)


def test_newton_halves_the_distance_with_half_the_rate():
    run = Steps(LANDSCAPES["booth"], "newton", (-7.0, 6.0), 20, learning_rate=0.5)
    assert run.points - (1.0, 3.0) == pytest.approx(np.outer(0.5 ** np.arange(21), (-8.0, 3.0)), abs=1e-12)


def test_barzilai_and_borwein_outrun_plain_descent_where_it_creeps():
    landscape = LANDSCAPES["quadratic"].with_parameters(a=1.0, b=1000.0)
    run = Steps(landscape, "barzilai_borwein", (-4.0, 2.0), 100)
    assert len(run.losses) < 40


# --- What becomes of a run ---------------------------------------------------------------------------------------------------------


def test_newton_is_drawn_to_saddles_and_damped_newton_is_not():
    saddle = LANDSCAPES["himmelblau"].saddles[1].position
    start = (saddle[0] + 0.05, saddle[1] + 0.05)
    drawn = gdsim.minimise("himmelblau", "newton", start=start, steps=20)
    assert drawn.verdict.outcome == "stuck at a saddle"
    assert drawn.verdict.limit is None
    assert list(drawn.evaluations) == [2] * 20 + [0]
    assert gdsim.minimise("himmelblau", "damped_newton", start=start, steps=40).verdict.outcome.startswith("converged")


@pytest.mark.parametrize("name", METHODS)
def test_all_come_to_a_minimum_of_himmelblau(name):
    run = gdsim.minimise("himmelblau", name, start=(4.0, 3.0), steps=60)
    assert run.verdict.outcome.startswith("converged")
    assert run.verdict.rate == "stable"
    assert len(run.evaluations) == 61
    assert run.evaluations[-1] == 0
    assert np.all(run.evaluations[:-1] >= 1)


def test_what_does_not_go_together_is_refused_in_a_sentence():
    with pytest.raises(ValueError, match="cannot do so with clipping"):
        gdsim.minimise("rosenbrock", "bfgs", clip_norm=1.0)
    with pytest.raises(ValueError, match=r"sum of squares, which ackley is not \(allowed: .*rosenbrock"):
        gdsim.minimise("ackley", "levenberg_marquardt")
    with pytest.raises(ValueError, match="sum of squares, which the formula"):
        gdsim.Scenario.model_validate({"problem": {"formula": "x^2"}, "runs": [{"optimizer": "levenberg_marquardt"}]})
    with pytest.raises(ValueError, match="cannot do so with noise"):
        gdsim.minimise(LANDSCAPES["rosenbrock"].with_noise("gaussian"), "newton")


# --- torch.optim.LBFGS -------------------------------------------------------------------------------------------------------------


def assert_follows_torch(case):
    """Every step from torch's own state, until a pair is so small that torch forgets it (move . change <= 1e-10)."""
    params, path = tuple(case["params"]), np.array(case["path"])
    rule = OPTIMIZERS["lbfgs"]
    hyper, on = rule.pack({"learning_rate": case["learning_rate"], "history": float(case["history"])})
    take = naive.step_of(replace(STAGE, values=params), rule, on)
    gradients = np.array([surface(*point, params)[1:] for point in path.tolist()])
    pairs = [(np.zeros(2), np.zeros(2))] * 5
    for k, point in enumerate(path[:-1].tolist()):
        kept = [tuple(float(pair[what][axis]) for what in (0, 1) for pair in pairs[:5]) for axis in (0, 1)]
        x, y, *_ = take(*point, *surface(*point, params), *kept, (), hyper, params, k + 1)
        move, change = path[k + 1] - path[k], gradients[k + 1] - gradients[k]
        assert np.hypot(x - path[k + 1, 0], y - path[k + 1, 1]) <= 1e-9 * np.hypot(*move) + 1e-13, (case["params"], path[0], k)
        if move @ change <= 1e-10:
            return k
        pairs.insert(0, (move, change))
    return len(path) - 1


def test_lbfgs_follows_torch():
    compared = [assert_follows_torch(case) for case in json.loads(FILE.read_text())["cases"]]
    assert len(compared) == 40
    assert sum(compared) > 700


@pytest.mark.torch
def test_lbfgs_follows_torch_from_anywhere():
    pytest.importorskip("torch")
    rng = fresh()
    for params in ((0.0, 1.0, 12.0), (1.0, 0.0, 0.0), (2.0, 0.0, 0.0)):
        for _ in range(10):
            history, rate = int(rng.integers(1, 6)), float(10.0 ** rng.uniform(-0.5, 0.5))
            path = list(torch_steps(params, tuple(rng.uniform(-3.0, 3.0, 2).tolist()), history, rate))
            assert_follows_torch({"params": params, "history": history, "learning_rate": rate, "path": path})
