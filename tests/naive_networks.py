"""Networks in plain NumPy, layer by layer as a textbook has them: the oracle of every kernel."""

import math

import mpmath
import numpy as np

from gdsim.engine.random import LOW_32, philox
from tests import naive

EPS, MOMENTUM, DROPOUT_DRAW = 1e-5, 0.1, 0xC000_0000


def gaussian_share(z):
    return np.vectorize(lambda x: float((1 + mpmath.erf(x / mpmath.sqrt(2))) / 2))(z)


ACTIVATIONS = {
    "identity": (lambda z: z, lambda z: np.ones_like(z)),
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z: np.exp(-z) / (1 + np.exp(-z)) ** 2),
    "tanh": (np.tanh, lambda z: 1 / np.cosh(z) ** 2),
    "relu": (lambda z: np.maximum(z, 0), lambda z: (z > 0).astype(float)),
    "leaky_relu": (lambda z: np.where(z > 0, z, 0.01 * z), lambda z: np.where(z > 0, 1.0, 0.01)),
    "gelu": (
        lambda z: z * gaussian_share(z),
        lambda z: gaussian_share(z) + z * np.exp(-z * z / 2) / math.sqrt(2 * math.pi),
    ),
    "softplus": (lambda z: np.logaddexp(0, z), lambda z: 1 / (1 + np.exp(-z))),
}
LOSSES = {
    "mse": (lambda z, y: (z - y) ** 2, lambda z, y: 2 * (z - y)),
    "bce": (lambda z, y: np.logaddexp(0, z) - y * z, lambda z, y: 1 / (1 + np.exp(-z)) - y),
    "huber": (
        lambda z, y: np.where(abs(z - y) <= 1, (z - y) ** 2 / 2, abs(z - y) - 0.5),
        lambda z, y: np.clip(z - y, -1, 1),
    ),
}


def data_loss(network, outputs, targets):
    """(mean loss, its derivatives by the outputs)."""
    if network.loss == "cross_entropy":
        shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
        shares /= shares.sum(axis=1, keepdims=True)
        right = np.arange(len(targets)), targets
        slopes = shares.copy()
        slopes[right] -= 1
        return -np.log(shares[right]).mean(), slopes / len(targets)
    value, slope = LOSSES[network.loss]
    wanted = np.asarray(targets, dtype=float).reshape(len(targets), -1)
    if wanted.shape[1] < outputs.shape[1]:
        wanted = (wanted == np.arange(outputs.shape[1])).astype(float)
    return value(outputs, wanted).mean(), slope(outputs, wanted) / outputs.size


def penalties(network, tensors):
    linear = [tensor for tensor in tensors.values() if tensor.ndim == 2]
    return sum(network.l1 * abs(w).sum() + network.l2 / 2 * (w**2).sum() for w in linear)


def word(seed, stream, step, draw):
    return philox(step & LOW_32, (step >> 32) & LOW_32, draw & LOW_32, stream & LOW_32, seed & LOW_32, (seed >> 32) & LOW_32)[0]


def kept_units(network, points, layer, seed, stream, step):
    """Factors (points, units) of hidden layer ``layer``: 0 for units left out, 1 / (1 - dropout) for the others."""
    hidden = network.layers[1:-1]
    share = round(network.dropout * 2**32)
    out = np.empty((points, hidden[layer]))
    for i in range(points):
        for u in range(hidden[layer]):
            draw = DROPOUT_DRAW + i * sum(hidden) + sum(hidden[:layer]) + u
            out[i, u] = 2**32 / (2**32 - share) if word(seed, stream, step, draw) >= share else 0.0
    return out


def loss_and_gradient(network, weights, inputs, targets, buffers=None, dropping=None):
    """J and dJ/dW of a batch, in training. ``buffers`` are moved on; ``dropping`` is (seed, stream, step)."""
    tensors, last = network.views(weights), len(network.layers) - 2
    names = {"linear": [], "batch_norm": []}
    for number, module in enumerate(network.modules):
        if module in names:
            names[module].append(number)
    running = network.views(buffers, network.buffers) if buffers is not None else None
    a, back = inputs, []
    for layer in range(last + 1):
        n = names["linear"][layer]
        z = a @ tensors[f"{n}.weight"].T + tensors[f"{n}.bias"]
        kept = {"a": a, "n": n, "factors": 1.0}
        if network.batch_norm and layer < last:
            m = names["batch_norm"][layer]
            mean, variance = z.mean(axis=0), z.var(axis=0)
            if running is not None:
                running[f"{m}.running_mean"][:] = (1 - MOMENTUM) * running[f"{m}.running_mean"] + MOMENTUM * mean
                unbiased = variance * len(z) / (len(z) - 1)
                running[f"{m}.running_var"][:] = (1 - MOMENTUM) * running[f"{m}.running_var"] + MOMENTUM * unbiased
            kept |= {"m": m, "inverse": 1 / np.sqrt(variance + EPS)}
            kept["scaled"] = (z - mean) * kept["inverse"]
            z = tensors[f"{m}.weight"] * kept["scaled"] + tensors[f"{m}.bias"]
        value, slope = ACTIVATIONS[network.activation if layer < last else network.output]
        kept["slope"] = slope(z)
        a = value(z)
        if dropping and network.dropout > 0 and layer < last:
            kept["factors"] = kept_units(network, len(z), layer, *dropping)
            a = a * kept["factors"]
        back.append(kept)
    loss, error = data_loss(network, a, targets)
    slopes = {}
    for kept in reversed(back):
        error = error * kept["factors"] * kept["slope"]
        if "m" in kept:
            scaled, count = kept["scaled"], len(error)
            slopes[f"{kept['m']}.weight"], slopes[f"{kept['m']}.bias"] = (error * scaled).sum(axis=0), error.sum(axis=0)
            error = error * tensors[f"{kept['m']}.weight"]
            error = kept["inverse"] / count * (count * error - error.sum(axis=0) - scaled * (error * scaled).sum(axis=0))
        w = tensors[f"{kept['n']}.weight"]
        slopes[f"{kept['n']}.weight"] = error.T @ kept["a"] + network.l1 * np.sign(w) + network.l2 * w
        slopes[f"{kept['n']}.bias"] = error.sum(axis=0)
        error = error @ w
    return loss + penalties(network, tensors), network.flat(slopes).astype(float)


def predict(network, weights, buffers, inputs):
    """Outputs in use: running statistics, nothing left out."""
    tensors, running, a = network.views(weights), network.views(buffers, network.buffers), inputs
    layer = -1
    for number, module in enumerate(network.modules):
        if module == "linear":
            a = a @ tensors[f"{number}.weight"].T + tensors[f"{number}.bias"]
            layer += 1
        elif module == "batch_norm":
            a = (a - running[f"{number}.running_mean"]) / np.sqrt(running[f"{number}.running_var"] + EPS)
            a = a * tensors[f"{number}.weight"] + tensors[f"{number}.bias"]
        elif module != "dropout":
            a = ACTIVATIONS[module][0](a)
    return a


def train(network, weights, buffers, dataset, batches, rule, steps, seed, stream=0, rates=None, clip_norm=None, clip_value=None):
    """A whole training; ``rule`` is one of ``naive.OPTIMIZERS`` made ready, for two weights at a time. Rows of (loss, gradient norm, weight
    norm, step length), and the weights in the end.
    """
    weights, rules, rows = weights.copy(), [rule() for _ in range(-(-len(weights) // 2))], []
    for step in range(1, steps + 1):
        chosen = naive.batch_rows(batches, step, seed, stream)
        loss, gradient = loss_and_gradient(network, weights, dataset.inputs[chosen], dataset.targets[chosen], buffers, (seed, stream, step))
        size = np.linalg.norm(gradient)
        if clip_value is not None:
            gradient = np.clip(gradient, -clip_value, clip_value)
        if clip_norm is not None:
            gradient = gradient * min(1.0, clip_norm / (np.linalg.norm(gradient) + 1e-6))
        after = weights.copy()
        for k, each in enumerate(rules):
            if rates is not None:
                each.learning_rate = rates[step - 1]
            pair = np.zeros(2), np.zeros(2)
            held = len(weights[2 * k : 2 * k + 2])
            pair[0][:held], pair[1][:held] = weights[2 * k : 2 * k + 2], gradient[2 * k : 2 * k + 2]
            after[2 * k : 2 * k + 2] = np.asarray(each.step(list(pair[0]), list(pair[1])))[:held]
        rows.append((loss, size, np.linalg.norm(weights), np.linalg.norm(after - weights)))
        weights = after
    return np.array(rows), weights


OPTIMIZERS = naive.OPTIMIZERS
