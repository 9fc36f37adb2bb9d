"""Landscapes with optimizers: recorded and in a block, whole and in parts, compiled and slow, the same bits.

Each pair is compiled for itself, which takes a third of a second alone and more than a second in a block. So by default pairs are drawn,
fresh ones every time: every optimizer and half of the landscapes at least once alone, a sixth of these pairs in a block.
GDSIM_TEST_SEED brings a draw back, and GDSIM_TEST_EVERYTHING=1 asks for every pair.
"""

import itertools

import numpy as np
import pytest

from gdsim.engine import descend
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.fitness import misfit
from gdsim.simulation.many import Many, run_many
from gdsim.simulation.run import rule_of
from tests import naive
from tests.draws import EVERYTHING, SEED, fresh

STEPS = 150
RUNS = 40
# One setting an optimizer, with as much switched on as goes together: every line of the leaf runs.
SETTINGS = {
    "sgd": {"momentum": 0.7, "nesterov": True, "weight_decay": 1e-3},
    "adagrad": {"lr_decay": 1e-2, "initial_accumulator_value": 0.1, "weight_decay": 1e-3},
    "adadelta": {"rho": 0.8, "weight_decay": 1e-3},
    "rmsprop": {"alpha": 0.9, "momentum": 0.5, "centered": True, "weight_decay": 1e-3},
    "adam": {"beta1": 0.8, "beta2": 0.95, "amsgrad": True, "weight_decay": 1e-3},
    "adamw": {"beta1": 0.8, "beta2": 0.95, "amsgrad": True, "weight_decay": 1e-2},
    "adamax": {"beta1": 0.8, "beta2": 0.95, "weight_decay": 1e-3},
    "nadam": {"beta1": 0.8, "beta2": 0.95, "momentum_decay": 0.05, "weight_decay": 1e-3, "decoupled_weight_decay": True},
    "radam": {"beta1": 0.8, "beta2": 0.95, "weight_decay": 1e-3},
    "yogi": {"beta1": 0.8, "beta2": 0.95, "weight_decay": 1e-3},
    "adabelief": {"beta1": 0.8, "beta2": 0.95, "weight_decay": 1e-3},
    "qhadam": {"beta1": 0.8, "nu2": 0.7, "weight_decay": 1e-3},
    "adan": {"weight_decay": 1e-2},
    "adafactor": {"eps2": 0.1, "weight_decay": 1e-2},
    "rprop": {"weight_decay": 1e-3},
    "asgd": {"lambd": 0.3, "t0": 20.0, "weight_decay": 1e-3},
    "schedule_free_sgd": {"momentum": 0.7, "weight_decay": 1e-3},
    "qhm": {"momentum": 0.7, "weight_decay": 1e-3},
    "sign_sgd": {"weight_decay": 1e-3},
    "signum": {"momentum": 0.7, "weight_decay": 1e-3},
    "lion": {"weight_decay": 1e-2},
    "newton": {},
    "damped_newton": {"floor": 1e-2},
    "levenberg_marquardt": {"damping": 0.1},
    "bfgs": {"curvature": 0.5},
    "lbfgs": {"history": 3.0},
    "backtracking": {"shrink": 0.3},
    "barzilai_borwein": {"short": True},
    "polyak": {"least_loss": 1e-3},
    "conjugate_gradient": {"fletcher_reeves": True},
}
TOLERANCE = 1e-3


def covering(landscapes, optimizers, rng, times=2):
    """Pairs with every landscape at least once and every optimizer at least ``times`` (or with every landscape, if there are fewer)."""
    dealt = [str(name) for name in rng.permutation(optimizers)]
    pairs = list(zip(map(str, rng.permutation(landscapes)), itertools.cycle(dealt), strict=False))
    for optimizer in dealt:
        having = [landscape for landscape, other in pairs if other == optimizer]
        others = rng.permutation([name for name in landscapes if name not in having])
        pairs += [(str(name), optimizer) for name in others[: max(0, times - len(having))]]
    return sorted(pairs)


FITTING = {
    name: [other for other, landscape in LANDSCAPES.items() if misfit(landscape, record) is None] for name, record in OPTIMIZERS.items()
}


def drawn_pairs(rng):
    """Those that run alone, and those of them that run in a block."""
    places = [str(name) for name in rng.permutation(list(LANDSCAPES))[: len(LANDSCAPES) // 2]]
    alone = covering(places, [name for name in OPTIMIZERS if len(FITTING[name]) == len(LANDSCAPES)], rng, times=1)
    choosy = [name for name in OPTIMIZERS if len(FITTING[name]) < len(LANDSCAPES)]
    alone = sorted(alone + [(str(rng.choice(FITTING[name])), name) for name in choosy])
    return alone, sorted(alone[k] for k in rng.permutation(len(alone))[: len(alone) // 6])


EVERY_PAIR = [(landscape, optimizer) for optimizer in OPTIMIZERS for landscape in FITTING[optimizer]]
ALONE, IN_A_BLOCK = (EVERY_PAIR, EVERY_PAIR) if EVERYTHING else drawn_pairs(np.random.default_rng(SEED))


def parametrize(pairs):
    return pytest.mark.parametrize(("landscape", "optimizer"), pairs, ids=[f"{landscape}-{optimizer}" for landscape, optimizer in pairs])


def test_there_is_a_setting_for_every_optimizer():
    assert set(SETTINGS) >= set(OPTIMIZERS)


def cases(landscape, rng):
    """Starts in and around the domain, rates over six decades: some converge, some diverge, some run out of steps."""
    low, high = np.array(landscape.domain).T
    starts = 0.5 * (low + high) + rng.uniform(-0.7, 0.7, (RUNS, landscape.dim)) * (high - low)
    starts[0] = landscape.start
    return starts, 10.0 ** rng.uniform(-5, 1, RUNS)


def recorded(landscape, optimizer, start, values, parts):
    """A run recorded in ``parts`` (numbers of steps), as arrays of all its points, and its status."""
    hyper, on = optimizer.pack(values)
    rule = rule_of(landscape, optimizer, hyper, on)
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = start
    state = descend.State.start(weights, optimizer.initial_slots(hyper), optimizer.initial_shared)
    pieces = []
    for i, steps in enumerate(parts):
        closing = i == len(parts) - 1
        pieces.append(descend.record(rule, state, np.array(landscape.values), np.array(hyper), steps, closing=closing, tolerance=TOLERANCE))
        if pieces[-1].status != descend.RUNNING:
            break
    columns = [np.concatenate([getattr(piece, name) for piece in pieces]) for name in ("positions", "losses", "gradients")]
    return (*columns, pieces[-1].status)


def spent(landscape, optimizer, start, values):
    """Evaluations of a run recorded whole: one a step unless they are counted."""
    hyper, on = optimizer.pack(values)
    weights = np.zeros((2, 1))
    weights[: landscape.dim, 0] = start
    state = descend.State.start(weights, optimizer.initial_slots(hyper), optimizer.initial_shared)
    rule = rule_of(landscape, optimizer, hyper, on)
    piece = descend.record(rule, state, np.array(landscape.values), np.array(hyper), STEPS, tolerance=TOLERANCE)
    return len(piece.losses) - 1 if piece.evaluations is None else int(piece.evaluations.sum())


def same(a, b):
    """Bit for bit, NaN equal to NaN (whose sign and payload IEEE 754 leaves open)."""
    return np.array_equal(a, b, equal_nan=True) and np.array_equal(np.signbit(a[a == 0]), np.signbit(b[b == 0]))


@pytest.mark.parametrize(("landscapes", "optimizers"), [(47, 21), (47, 47), (5, 40), (40, 5), (1, 3), (3, 1), (2, 2)])
def test_the_draw_has_every_landscape_and_every_optimizer_twice(landscapes, optimizers):
    names, rules = [f"l{k}" for k in range(landscapes)], [f"o{k}" for k in range(optimizers)]
    pairs = covering(names, rules, fresh())
    assert len(set(pairs)) == len(pairs)
    assert {landscape for landscape, _ in pairs} == set(names)
    for rule in rules:
        assert sum(other == rule for _, other in pairs) >= min(2, landscapes)
    assert len(pairs) <= landscapes + 2 * optimizers


def of_pair(landscape, optimizer):
    """Starts, rates, the values of the other parameters and fresh random numbers: the same for a pair in both tests."""
    rng = np.random.default_rng((SEED, EVERY_PAIR.index((landscape, optimizer))))
    return *cases(LANDSCAPES[landscape], rng), SETTINGS[optimizer], rng


@parametrize(ALONE)
def test_a_run_is_the_same_in_parts_and_done_slowly(landscape, optimizer):
    starts, rates, values, rng = of_pair(landscape, optimizer)
    landscape, optimizer = LANDSCAPES[landscape], OPTIMIZERS[optimizer]
    for i in range(RUNS):
        said = f"GDSIM_TEST_SEED={SEED}, run {i}: start {starts[i]}, rate {rates[i]}"
        mine = values | {"learning_rate": rates[i]}
        positions, losses, gradients, _ = recorded(landscape, optimizer, starts[i], mine, [STEPS])
        cuts = np.sort(rng.integers(1, STEPS, 2))
        parts = [int(n) for n in np.diff([0, *cuts, STEPS]) if n]
        for whole, joined in zip((positions, losses, gradients), recorded(landscape, optimizer, starts[i], mine, parts)[:3], strict=True):
            assert same(whole, joined), said
        if i < 4:
            slow = naive.descend(landscape, optimizer, starts[i], mine, STEPS, TOLERANCE)
            assert len(slow) == len(positions), said
            assert same(np.array(slow), positions[:, : landscape.dim]), said


@parametrize(IN_A_BLOCK)
def test_a_run_is_the_same_alone_and_in_a_block(landscape, optimizer):
    starts, rates, values, _ = of_pair(landscape, optimizer)
    landscape, optimizer = LANDSCAPES[landscape], OPTIMIZERS[optimizer]
    summary = run_many(landscape, optimizer, starts, STEPS, TOLERANCE, threads=2, learning_rate=rates, **values)
    for i in range(RUNS):
        said = f"GDSIM_TEST_SEED={SEED}, run {i}: start {starts[i]}, rate {rates[i]}"
        positions, losses, _, status = recorded(landscape, optimizer, starts[i], values | {"learning_rate": rates[i]}, [STEPS])
        last = len(losses) - 1
        assert same(summary.positions[i], positions[-1][: landscape.dim]), said
        assert same(summary.losses[i : i + 1], losses[-1:]), said
        assert summary.best[i] == np.nanmin([np.inf, *losses]), said
        assert summary.evaluations[i] == spent(landscape, optimizer, starts[i], values | {"learning_rate": rates[i]}), said
        assert (summary.steps[i], summary.converged[i], summary.diverged[i]) == (
            last,
            status == descend.CONVERGED,
            status == descend.DIVERGED,
        ), said


def test_threads_pieces_and_block_width_change_nothing(monkeypatch):
    landscape, optimizer = LANDSCAPES["himmelblau"], OPTIMIZERS["adam"]
    rng = fresh()
    starts, rates = rng.uniform(-6, 6, (1000, 2)), 10.0 ** rng.uniform(-4, 1, 1000)

    def ends(threads=1, piece=1000, lanes=descend.LANES):
        monkeypatch.setattr(descend, "LANES", lanes)
        many = Many(landscape, optimizer, starts, 100, 1e-6, learning_rate=rates)
        many.piece = piece
        for _ in many.advance(threads):
            pass
        return many.summary()

    reference = ends()
    for threads, piece, lanes in [(1, 1, 128), (2, 7, 128), (3, 100, 128), (2, 1000, 64), (2, 128, 17)]:
        other = ends(threads, piece, lanes)
        for name in ("positions", "losses", "best", "steps", "converged", "diverged"):
            assert np.array_equal(getattr(reference, name), getattr(other, name), equal_nan=True), (threads, piece, lanes, name)


def test_hyper_parameters_that_differ_within_a_block():
    """Then the running products are kept for each run; the bits are those of the run alone."""
    landscape, optimizer = LANDSCAPES["rosenbrock"], OPTIMIZERS["adam"]
    rng = fresh()
    starts, beta1, beta2 = rng.uniform(-2, 2, (200, 2)), rng.uniform(0, 0.99, 200), rng.uniform(0.5, 0.9999, 200)
    summary = run_many(landscape, optimizer, starts, 120, TOLERANCE, learning_rate=0.01, beta1=beta1, beta2=beta2)
    for i in range(200):
        values = {"learning_rate": 0.01, "beta1": beta1[i], "beta2": beta2[i]}
        positions, *_ = recorded(landscape, optimizer, starts[i], values, [120])
        assert same(summary.positions[i], positions[-1]), values


def test_a_block_goes_on_where_it_stopped():
    landscape, optimizer = LANDSCAPES["himmelblau"], OPTIMIZERS["adam"]
    hyper, on = optimizer.pack({"learning_rate": 0.05})
    rule = rule_of(landscape, optimizer, hyper, on)
    starts = fresh().uniform(-5, 5, (2, 300))

    def block():
        state = descend.State.start(starts, optimizer.initial_slots(hyper), optimizer.initial_shared)
        params, columns = np.zeros((0, 300)), np.repeat(np.array(hyper)[:, None], 300, axis=1)
        return descend.Block(rule, state, params, columns, tolerance=1e-6)

    whole, parts = block(), block()
    whole.advance(0, 300, 500)
    for steps in (1, 200, 299):
        parts.advance(0, 300, steps)
        parts.move_on(steps)
    assert np.array_equal(whole.state.weights, parts.state.weights)
    for name in ("taken", "losses", "best", "status"):
        assert np.array_equal(getattr(whole.summaries, name), getattr(parts.summaries, name)), name


def test_divergence_ends_a_run_and_says_when():
    landscape, optimizer = LANDSCAPES["quadratic"], OPTIMIZERS["sgd"]
    factor = 1.0 - 0.5 * 10.0
    positions, losses, _, status = recorded(
        landscape.with_parameters(a=10.0, b=10.0), optimizer, (1.0, 0.0), {"learning_rate": 0.5}, [10**4]
    )
    assert status == descend.DIVERGED
    # The gradient norm 10 * 4^k leaves the square root of the largest float64 at the step that theory says.
    assert len(losses) - 1 == int(np.ceil(np.log(descend.STEEPEST / 10.0) / np.log(abs(factor))))
    assert np.all(np.isfinite(positions))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 1e308])
def test_a_start_that_is_no_number_is_a_result(bad):
    for landscape in (LANDSCAPES["rosenbrock"], LANDSCAPES["himmelblau"]):
        positions, _, _, status = recorded(landscape, OPTIMIZERS["sgd"], (bad, 0.0), {"learning_rate": 0.1}, [10])
        assert (len(positions), status) == (1, descend.DIVERGED)


def test_a_run_that_starts_at_the_minimum_has_converged_at_step_0():
    summary = run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], [[3.0, 2.0]], 100, 1e-9, learning_rate=0.01)
    assert (summary.steps[0], summary.converged[0]) == (0, True)


def test_nothing_to_do():
    assert run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], np.zeros((0, 2)), 10).losses.shape == (0,)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match=r"shape \(n, 2\), found \(3, 1\)"):
        run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], np.zeros((3, 1)), 10)
    with pytest.raises(KeyError, match="no parameter 'momentun'"):
        run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], np.zeros((3, 2)), 10, momentun=0.5)
