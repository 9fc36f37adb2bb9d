"""The textbook formula of every schedule, slow and obvious: one step at a time, with Python's own mathematics.

``rate(table, k, learning_rate, total)`` is the learning rate of step k, counted from 0, of a run of ``total`` steps; ``Plateau`` is the
schedule that looks at losses.
"""

import math


def rate(table, k, learning_rate, total):
    values = {key: value for key, value in table.items() if value is not None}
    return globals()[values.pop("name")](k, learning_rate, total, **values)


def constant(k, eta, total, factor=1.0 / 3.0, total_iters=5):
    return eta * factor if k < total_iters else eta


def linear(k, eta, total, start_factor=1.0 / 3.0, end_factor=1.0, total_iters=5):
    return eta * end_factor if k >= total_iters else eta * (start_factor + (end_factor - start_factor) * k / total_iters)


def step(k, eta, total, step_size, gamma=0.1):
    for at in range(1, k + 1):
        if at % step_size == 0:
            eta *= gamma
    return eta


def multi_step(k, eta, total, milestones, gamma=0.1):
    for milestone in milestones:
        if milestone <= k:
            eta *= gamma
    return eta


def exponential(k, eta, total, gamma):
    for _ in range(k):
        eta *= gamma
    return eta


def polynomial(k, eta, total, total_iters=5, power=1.0):
    return eta * (1.0 - min(k, total_iters) / total_iters) ** power


def cosine(k, eta, total, t_max=None, eta_min=0.0):
    return eta_min + (eta - eta_min) * (1.0 + math.cos(math.pi * k / (t_max or total))) / 2.0


def warmup(k, eta, total, steps):
    return eta * (k + 1) / steps if k < steps else eta


def warm_restarts(k, eta, total, t_0, t_mult=1, eta_min=0.0):
    period = t_0
    while k >= period:
        k, period = k - period, period * t_mult
    return cosine(k, eta, total, period, eta_min)


def one_cycle(
    k,
    eta,
    total,
    max_lr=None,
    total_steps=None,
    pct_start=0.3,
    anneal_strategy="cos",
    div_factor=25.0,
    final_div_factor=1e4,
    three_phase=False,
):
    top, steps = eta if max_lr is None else max_lr, total_steps or total
    foot = top / div_factor
    end = foot / final_div_factor
    turn = pct_start * steps - 1.0
    phases = [(turn, foot, top), (steps - 1.0, top, end)]
    if three_phase:
        phases = [(turn, foot, top), (2.0 * pct_start * steps - 2.0, top, foot), (steps - 1.0, foot, end)]
    k, begin = min(k, steps - 1), 0.0
    for until, low, high in phases:
        if k <= until or until == steps - 1.0:
            share = (k - begin) / (until - begin) if until != begin else 1.0
            bend = (1.0 - math.cos(math.pi * share)) / 2.0
            return low + (high - low) * (bend if anneal_strategy == "cos" else share)
        begin = until
    raise AssertionError


def cyclic(k, eta, total, max_lr, base_lr=None, step_size_up=2000, step_size_down=None, mode="triangular", gamma=1.0):
    base, down = eta if base_lr is None else base_lr, step_size_down or step_size_up
    at, cycle = k, 0
    while at >= step_size_up + down:
        at, cycle = at - step_size_up - down, cycle + 1
    height = at / step_size_up if at <= step_size_up else 1.0 - (at - step_size_up) / down
    height *= {"triangular": 1.0, "triangular2": 0.5**cycle, "exp_range": gamma**k}[mode]
    return base + (max_lr - base) * height


def points(k, eta, total, steps, rates, scale="linear"):
    if k <= steps[0]:
        return rates[0]
    for left, right, low, high in zip(steps[:-1], steps[1:], rates[:-1], rates[1:], strict=True):
        if left < k <= right:
            share = (k - left) / (right - left)
            if scale == "log":
                return math.exp(math.log(low) + share * (math.log(high) - math.log(low)))
            return low + share * (high - low)
    return rates[-1]


def chained(k, eta, total, parts):
    for part in parts:
        eta = rate(part, k, eta, total)
    return eta


def sequential(k, eta, total, milestones, parts):
    begins, ends = [0, *milestones], [*milestones, None]
    for part, begin, end in zip(parts, begins, ends, strict=True):
        if begin <= k and (end is None or k < end):
            return rate(part, k - begin, eta, max(1, (total if end is None else end) - begin))
    raise AssertionError


class Plateau:
    """Reduce on plateau, after torch's loop: ``rate`` is that of the next step, ``see(loss)`` comes after it."""

    def __init__(self, learning_rate, factor=0.1, patience=10, threshold=1e-4, threshold_mode="rel", cooldown=0, min_lr=0.0, eps=1e-8):
        self.rate, self.factor, self.patience, self.threshold, self.mode = learning_rate, factor, patience, threshold, threshold_mode
        self.cooldown, self.min_lr, self.eps = cooldown, min_lr, eps
        self.best, self.bad, self.waiting = math.inf, 0, 0

    def see(self, loss):
        if loss < (self.best * (1.0 - self.threshold) if self.mode == "rel" else self.best - self.threshold):
            self.best, self.bad = loss, 0
        else:
            self.bad += 1
        if self.waiting > 0:
            self.waiting -= 1
            self.bad = 0
        if self.bad > self.patience:
            lower = max(self.rate * self.factor, self.min_lr)
            if self.rate - lower > self.eps:
                self.rate = lower
            self.waiting, self.bad = self.cooldown, 0
