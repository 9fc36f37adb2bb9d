"""Adagrad that is right until it is saved: what it would bring back lacks the sum of squares."""

import numpy as np


class Adagrad:
    def __init__(self, params, lr=0.01, eps=1e-10):
        self.params, self.lr, self.eps = list(params), lr, eps
        self.totals = [np.zeros_like(parameter.data) for parameter in self.params]

    def step(self):
        for parameter, total in zip(self.params, self.totals, strict=True):
            total += parameter.grad**2
            parameter.data -= self.lr * parameter.grad / (np.sqrt(total) + self.eps)

    def state_dict(self):
        return {"lr": self.lr}

    def load_state_dict(self, kept):
        self.lr = kept["lr"]
