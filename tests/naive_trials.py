"""The slow, obvious version of the unit trials: one run after the other, one weight after the other, straight from the protocol."""

import math

import numpy as np

from gdsim.engine.circular import tan
from gdsim.engine.elementary import exp
from gdsim.engine.random import normals, uniforms
from gdsim.harness.unit_world import eddy, rotation
from gdsim.landscapes.prototypes import SCALES
from gdsim.landscapes.prototypes.pieces import concatenated
from gdsim.landscapes.prototypes.text import parsed

LEVELS = {"low": (0.01, 0.1, 0.1), "normal": (0.1, 1.0, None), "high": (10.0, 10.0, 0.9)}
WALK_DRAW = 1 << 16


class Run:
    """One run of a trial under way: where the weights are, and what the optimizer sees there."""

    def __init__(self, trial, seed):
        self.trial, self.seed, self.n = trial, seed, len(trial.curves)
        self.scale = SCALES[trial.scale]
        self.curves = [concatenated(parsed(text)[0], self.scale.sign) for text in trial.curves]
        self.turn = rotation(trial) if trial.structure == "rotated" else None
        self.eddy = eddy(trial) if trial.structure == "curled" else None
        self.growth, self.loudness, self.offset = 0.0, 0.0, [0.0] * self.n
        self.weights = [0.0] * self.n
        if self.turn is not None:
            self.weights = [float(w) for w in 0.5 - 0.5 * self.turn.sum(axis=0)]

    def change(self, step):
        """Every tenth step the scale, the noise or the optimum has walked on."""
        if step % 10:
            return
        n, m = normals(self.seed, 0, step // 10, WALK_DRAW)
        if self.trial.change == "scale":
            self.growth += 0.1 * n
        if self.trial.change == "noise":
            self.loudness += 0.5 * m
        if self.trial.change == "offset":
            for i in range(self.n):
                self.offset[i] += 0.1 * normals(self.seed, 0, step // 10, WALK_DRAW + 1 + i // 2)[i % 2]

    def loss_and_gradient(self, step):
        drift = 0.01 * (step - 1.0) if self.trial.change == "drift" else 0.0
        places = [w - (off + drift) for w, off in zip(self.weights, self.offset, strict=True)]
        if self.turn is not None:
            centred = [w - (off + drift) - 0.5 for w, off in zip(self.weights, self.offset, strict=True)]
            places = [running(0.5, [q * c for q, c in zip(map(float, row), centred, strict=True)]) for row in self.turn]
        slope = self.scale.slope * exp(self.growth)
        values, pulls = [], []
        for segments, x in zip(self.curves, places, strict=True):
            value, pull = curve(segments, x)
            values.append(self.scale.height + slope * value)
            pulls.append(slope * pull)
        loss, pulls = norm(self.trial.norm, values, pulls)
        if self.turn is not None:
            pulls = [running(0.0, [float(self.turn[j, i]) * pulls[j] for j in range(self.n)]) for i in range(self.n)]
        return loss if all(math.isfinite(w) for w in self.weights) else math.nan, pulls

    def sample(self, step, loss, gradient):
        """Loss and gradient as one sample has them, and the curl."""
        name = self.trial.noise
        level = exp(self.loudness)
        if name.startswith("gauss_add") or name == "cauchy":
            level = (1.0 if name == "cauchy" else LEVELS[name[10:]][0]) * level
            for i in range(self.n):
                if name == "cauchy":
                    z = tan(3.141592653589793 * (uniforms(self.seed, 0, step, i // 2)[i % 2] - 0.5))
                else:
                    z = normals(self.seed, 0, step, i // 2)[i % 2]
                gradient[i] += level * z
                loss += self.weights[i] * (level * z)
        elif name.startswith("gauss_mul"):
            factor = exp(LEVELS[name[10:]][1] * level * normals(self.seed, 0, step, 0)[0])
            loss, gradient = loss * factor, [g * factor for g in gradient]
        elif name.startswith("mask") and uniforms(self.seed, 0, step, 0)[0] < LEVELS[name[5:]][2] * level:
            loss, gradient = 0.0, [0.0] * self.n
        if self.eddy is not None:
            for i in range(self.n):
                push = running(0.0, [float(self.eddy[i, j]) * (self.weights[j] - 0.5) for j in range(self.n)])
                gradient[i] += 0.5 * self.scale.slope * push
        return loss, gradient


def running(total, terms):
    for term in terms:
        total += term
    return total


def curve(segments, x):
    """Value and slope of the first segment that reaches as far as x."""
    segment = next((s for s in segments if x < s.end or (s.at_end and x == s.end)), segments[-1])
    t = x - segment.origin
    value, slope = segment.p0 + t * (segment.p1 + t * segment.p2), segment.p1 + 2.0 * segment.p2 * t
    if segment.a:
        bump = segment.a * exp(-t * (segment.k1 + segment.k2 * t))
        value, slope = value + bump, slope - (segment.k1 + 2.0 * segment.k2 * t) * bump
    return value, slope


def norm(name, values, pulls):
    signs = [math.copysign(1.0, v) if v else 0.0 for v in values]
    if name == "":
        return values[0], pulls
    if name == "l1":
        return running(0.0, [abs(v) for v in values]), [s * p for s, p in zip(signs, pulls, strict=True)]
    if name == "l2":
        square = running(0.0, [v * v for v in values])
        inverse = 1.0 / math.sqrt(square) if square > 0.0 else 0.0 if square == 0.0 else math.nan
        return math.sqrt(square) if square >= 0.0 else math.nan, [v * p * inverse for v, p in zip(values, pulls, strict=True)]
    if any(math.isnan(v) for v in values):
        return math.nan, pulls
    largest = max(abs(v) for v in values)
    ties = sum(abs(v) == largest for v in values)
    return largest, [s * p / ties if abs(v) == largest else 0.0 for v, s, p in zip(values, signs, pulls, strict=True)]


def final_loss(trial, optimizer, values, seed, steps=100):
    """The loss where a run ends: infinite once it is no number or above 1e10; -1e10 from there down."""
    hyper, on = optimizer.pack(values)
    run = Run(trial, seed)
    slots, shared = [optimizer.initial_slots(hyper)] * run.n, optimizer.initial_shared
    for step in range(1, steps + 2):
        run.change(step)
        loss, gradient = run.loss_and_gradient(step)
        if math.isnan(loss) or loss > 1e10:
            return math.inf
        if loss <= -1e10:
            return -1e10
        if step > steps:
            return loss
        _, gradient = run.sample(step, loss, gradient)
        shared = optimizer.advance(shared, hyper, step)
        for i in range(run.n):
            run.weights[i], slots[i] = optimizer.update(run.weights[i], gradient[i], slots[i], shared, hyper, on, step)
    raise AssertionError


def verdict(losses, start, best):
    """(word, v) by the thresholds of the protocol. The mean of noise cancels in v."""
    total = best - start
    clipped = sorted(losses)
    middle = len(clipped) // 2
    median = clipped[middle] if len(clipped) % 2 else (clipped[middle - 1] + clipped[middle]) / 2.0
    if math.isinf(median):
        return "diverged", -math.inf
    v = round((median - start) / total, 9)
    failed = sum(math.isinf(loss) for loss in losses)
    slow = sum(math.isinf(loss) or round((loss - start) / total, 9) <= 0.1 for loss in losses)
    if v <= 0.1:
        return "insufficient", v
    if failed or slow > len(losses) / 4:
        return "unreliable", v
    return ("excellent" if v > 2.0 else "good"), v


def best_rate(trial, optimizer, seeds, rates):
    """(rate, median loss) of the constant rate that ends lowest."""
    medians = [(float(np.median([final_loss(trial, optimizer, {"learning_rate": rate}, seed) for seed in seeds])), rate) for rate in rates]
    loss, rate = min(medians)
    return rate, loss
