"""Adagrad that forgets its state: the sum of squares begins anew in every step. It claims to be adagrad."""

import numpy as np


def step(weights, gradient, state, learning_rate=0.01, eps=1e-10):
    total = np.zeros_like(weights)
    total += gradient**2
    return weights - learning_rate * gradient / (np.sqrt(total) + eps), total
