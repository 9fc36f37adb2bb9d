"""The world of a unit trial as leaf functions: prototypes joined by a norm, turned and moved, with noise and curl on their gradient.

One set of leaves serves all trials, for they are told by numbers: ``world`` is (numbers, curves, begins, segments, starts, matrices), see
``unit_world``. What an optimizer sees is the gradient of one sample of the loss J, whose mean is known in closed form:

- additive noise: J(w) + w.n, whose mean is J; Cauchy noise alike, which has no mean, but has J for its median
- multiplicative noise: e^(sigma n) J, whose mean is e^(sigma^2 / 2) J
- a mask: J, or with the probability p nothing at all, (1 - p) J in the mean

and besides a curl, which belongs to no loss.
"""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"

import math

from gdsim.engine.circular import tan
from gdsim.engine.elementary import exp
from gdsim.engine.intrinsics import borrowed
from gdsim.engine.kinks import larger, sign
from gdsim.engine.powers import steep_root
from gdsim.engine.random import normals, uniforms
from gdsim.landscapes.motion import DRAW
from gdsim.landscapes.prototypes.leaves import l1_second, l2_second, largest_second
from gdsim.landscapes.prototypes.tabled import jet

MOST = 10
"""Weights at most."""

DIM, NORM, HEIGHT, SLOPE, KIND, LEVEL, SCALE_WALK, NOISE_WALK, OFFSET_WALK, DRIFT, CURL, TURN, EDDY = range(13)
"""What the numbers of a trial mean. TURN and EDDY say which matrix, and are negative for none."""

ALONE, L1, L2, MAX = range(4)
"""Norms; one curve alone has none."""

NOISELESS, ADDITIVE, MULTIPLICATIVE, MASK, CAUCHY = range(5)

PERIOD = 10
"""What is not stationary changes with every tenth look."""

GROWTH, LOUDNESS, OFFSET, PLACE, VALUE, PULL = 0, 1, 2, 2 + MOST, 2 + 2 * MOST, 2 + 3 * MOST
STATE = 2 + 4 * MOST
"""Where the numbers of a run lie: logarithms of what scale and noise are multiplied by, the offset of the optimum, and scratch."""

STREAM = 0


def lend(world):
    numbers, curves, begins, segments, starts, matrices = world
    return borrowed(numbers), borrowed(curves), borrowed(begins), borrowed(segments), borrowed(starts), borrowed(matrices)


def begin(world, trial, weights, state):
    numbers, _, _, _, starts, _ = world
    n = int(numbers[trial, DIM])
    for i in range(STATE):
        state[i] = 0.0
    for i in range(n):
        weights[i] = starts[trial, i]
    return n


def look(world, trial, state, weights, gradient, step, seed):
    """(loss, loss of the sample) at a step; fills in the gradient of the sample, and moves on what walks."""
    numbers, _, _, _, _, _ = world
    if step % PERIOD == 0:
        walk(numbers, trial, state, step // PERIOD, seed)
    loss = evaluate(world, trial, state, weights, gradient, step)
    seen = disturb(numbers, trial, state, weights, gradient, loss, step, seed)
    if numbers[trial, CURL] != 0.0:
        swirl(world, trial, weights, gradient)
    return loss, seen


def walk(numbers, trial, state, count, seed):
    """The ``count``-th change of what is not stationary: steps of random walks."""
    if numbers[trial, SCALE_WALK] != 0.0 or numbers[trial, NOISE_WALK] != 0.0:
        n, m = normals(seed, STREAM, count, DRAW)
        state[GROWTH] += numbers[trial, SCALE_WALK] * n
        state[LOUDNESS] += numbers[trial, NOISE_WALK] * m
    if numbers[trial, OFFSET_WALK] != 0.0:
        for i in range(int(numbers[trial, DIM])):
            n, m = normals(seed, STREAM, count, DRAW + 1 + i // 2)
            state[OFFSET + i] += numbers[trial, OFFSET_WALK] * (n if i % 2 == 0 else m)


def evaluate(world, trial, state, weights, gradient, step):
    """The loss at ``weights``; fills in its gradient."""
    numbers, curves, begins, segments, _, matrices = world
    n, turn = int(numbers[trial, DIM]), int(numbers[trial, TURN])
    drift = numbers[trial, DRIFT] * (step - 1.0)
    for i in range(n):
        u = weights[i] - (state[OFFSET + i] + drift)
        if turn >= 0:
            u = 0.5
            for j in range(n):
                u += matrices[turn, i, j] * (weights[j] - (state[OFFSET + j] + drift) - 0.5)
        state[PLACE + i] = u
    height, slope = numbers[trial, HEIGHT], numbers[trial, SLOPE] * exp(state[GROWTH])
    for i in range(n):
        curve = curves[trial, i]
        value, pull, _ = jet(state[PLACE + i], segments, begins[curve], begins[curve + 1])
        state[VALUE + i], state[PULL + i] = height + slope * value, slope * pull
    loss = join(int(numbers[trial, NORM]), n, state)
    for i in range(n):
        loss += 0.0 * weights[i]  # no loss is one, minus infinity included, where a weight is not finite
        gradient[i] = state[PULL + i]
    if turn >= 0:
        # Turned back with the transpose: the rotation itself would give the slope of no loss.
        for i in range(n):
            gradient[i] = 0.0
            for j in range(n):
                gradient[i] += matrices[turn, j, i] * state[PULL + j]
    return loss


def join(norm, n, state):
    """The norm of the curves' values; makes the derivatives of the norm of those of the curves."""
    if norm == ALONE:
        return state[VALUE]
    total = 0.0
    for i in range(n):
        value = state[VALUE + i]
        if norm == L1:
            total += abs(value)
        elif norm == L2:
            total += value * value
        else:
            total = larger(abs(value), total)
    inverse = steep_root(total)
    ties = 0.0
    for i in range(n):
        ties += 1.0 if abs(state[VALUE + i]) == total else 0.0
    for i in range(n):
        value, pull = state[VALUE + i], state[PULL + i]
        if norm == L1:
            state[PULL + i] = sign(value) * pull
        elif norm == L2:
            state[PULL + i] = value * pull * inverse
        else:
            # On a crease the mean of the slopes beside it stands for the slope.
            state[PULL + i] = sign(value) * pull / ties if abs(value) == total else 0.0
    return math.sqrt(total) if norm == L2 else total


def disturb(numbers, trial, state, weights, gradient, loss, step, seed):
    """Makes the gradient that of one sample, and gives the loss of that sample."""
    n, kind = int(numbers[trial, DIM]), int(numbers[trial, KIND])
    level = numbers[trial, LEVEL] * exp(state[LOUDNESS])
    seen = loss
    if kind in (ADDITIVE, CAUCHY):
        for i in range(n):
            if i % 2 == 0:
                a, b = normals(seed, STREAM, step, i // 2) if kind == ADDITIVE else cauchy(seed, step, i // 2)
            push = level * (a if i % 2 == 0 else b)
            gradient[i] += push
            seen += weights[i] * push
    elif kind == MULTIPLICATIVE:
        a, _ = normals(seed, STREAM, step, 0)
        factor = exp(level * a)
        for i in range(n):
            gradient[i] *= factor
        seen *= factor
    elif kind == MASK:
        a, _ = uniforms(seed, STREAM, step, 0)
        if a < level:
            for i in range(n):
                gradient[i] = 0.0
            seen = 0.0
    return seen


def cauchy(seed, step, draw):
    """Two independent numbers of the standard Cauchy distribution."""
    u, v = uniforms(seed, STREAM, step, draw)
    return tan(3.141592653589793 * (u - 0.5)), tan(3.141592653589793 * (v - 0.5))


def swirl(world, trial, weights, gradient):
    """Adds an eddy round the middle: a skew-symmetric matrix turns without a slope of its own."""
    numbers, _, _, _, _, matrices = world
    eddy = int(numbers[trial, EDDY])
    for i in range(int(numbers[trial, DIM])):
        push = 0.0
        for j in range(int(numbers[trial, DIM])):
            push += matrices[eddy, i, j] * (weights[j] - 0.5)
        gradient[i] += numbers[trial, CURL] * push


def value_and_gradient(x, y, values):
    """A trial of one or two weights, noiseless and stationary, as a landscape; ``values`` are (world, trial, state, weights, gradient)."""
    world, trial, state, weights, gradient = values
    weights[0], weights[1] = x, y
    gradient[1] = 0.0
    loss = evaluate(world, trial, state, weights, gradient, 1)
    return loss, gradient[0], gradient[1]


def second_derivatives(x, y, values):
    world, trial, state, weights, gradient = values
    numbers, curves, begins, segments, _, matrices = world
    weights[0], weights[1] = x, y
    evaluate(world, trial, state, weights, gradient, 1)
    height, slope = numbers[trial, HEIGHT], numbers[trial, SLOPE]
    f, p, h = jet(state[PLACE], segments, begins[curves[trial, 0]], begins[curves[trial, 0] + 1])
    norm, turn = int(numbers[trial, NORM]), int(numbers[trial, TURN])
    if norm == ALONE:
        return slope * h, 0.0, 0.0
    g, q, k = jet(state[PLACE + 1], segments, begins[curves[trial, 1]], begins[curves[trial, 1] + 1])
    f, p, h, g, q, k = height + slope * f, slope * p, slope * h, height + slope * g, slope * q, slope * k
    if norm == L1:
        uu, uv, vv = l1_second(f, p, h, g, q, k)
    elif norm == L2:
        uu, uv, vv = l2_second(f, p, h, g, q, k)
    else:
        uu, uv, vv = largest_second(f, p, h, g, q, k)
    if turn < 0:
        return uu, uv, vv
    c, s = matrices[turn, 0, 0], matrices[turn, 0, 1]
    mixed = 2.0 * s * c * uv
    return c * c * uu - mixed + s * s * vv, s * c * (uu - vv) + (c * c - s * s) * uv, s * s * uu + mixed + c * c * vv
