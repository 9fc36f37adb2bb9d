"""RMSprop with eps inside the root. It claims to be rmsprop."""

import numpy as np


def step(weights, gradient, state, learning_rate=0.01, alpha=0.99, eps=1e-8):
    square = np.zeros_like(weights) if state is None else state["square"]
    square = alpha * square + (1.0 - alpha) * gradient**2
    return weights - learning_rate * gradient / np.sqrt(square + eps), {"square": square}
