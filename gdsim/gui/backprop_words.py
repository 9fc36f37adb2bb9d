"""The chain rule with its numbers, in words: what comes into a unit, what it makes of it, and what goes back through it."""

import numpy as np

from gdsim.gui.numbers import number
from gdsim.networks.chain import Chain, Link
from gdsim.networks.network import Network
from gdsim.simulation.trajectory import Floats

DIGITS = 3
MOST_TERMS = 4

FORMULAS = {
    "identity": "z",
    "sigmoid": "1 / (1 + e⁻ᶻ)",
    "tanh": "tanh z",
    "relu": "max(0, z)",
    "leaky_relu": "max(0.01 z, z)",
    "gelu": "z Φ(z)",
    "softplus": "log(1 + eᶻ)",
}
LOSS_SLOPES = {
    "mse": "2 (a − y)",  # noqa: RUF001
    "huber": "a − y, from −1 to 1",  # noqa: RUF001
    "bce": "1 / (1 + e⁻ᵃ) − y",  # noqa: RUF001
    "cross_entropy": "softmax(a) − y",  # noqa: RUF001
}


def shown(value: float) -> str:
    return number(float(value), DIGITS)


def factor(value: float) -> str:
    """A number as the second factor of a product."""
    text = shown(value)
    return f"({text})" if value < 0.0 else text


def products(first: Floats, second: Floats) -> str:
    """A sum of products, written out; the first terms of many."""
    terms = [
        f"{factor(a) if k else shown(a)}·{factor(b)}" for k, (a, b) in enumerate(zip(first[:MOST_TERMS], second[:MOST_TERMS], strict=True))
    ]
    more = len(first) - len(terms)
    return " + ".join(terms) + (f" + … ({more:,} more)" if more else "")


def vector(values: Floats) -> str:
    more = ", …" if len(values) > MOST_TERMS else ""
    return f"({', '.join(shown(value) for value in values[:MOST_TERMS])}{more})"


def forward_told(network: Network, link: Link, unit: int) -> str:
    """What comes in, and what the unit makes of it."""
    name = network.output if link.layer == len(network.layers) - 2 else network.activation
    if len(link.sums) > 1:
        low, high = float(link.values[:, unit].min()), float(link.values[:, unit].max())
        return (
            f"z = w·a + b, mean {shown(link.sums[:, unit].mean())}\n"
            f"a = f(z) = {FORMULAS[name]}, mean {shown(link.values[:, unit].mean())}, from {shown(low)} to {shown(high)}"
        )
    total = products(link.weight[unit], link.before[0])
    return (
        f"z = w·a + b = {total} + {factor(link.bias[unit])} = {shown(link.sums[0, unit])}\n"
        f"a = f(z) = {FORMULAS[name]} = {shown(link.values[0, unit])}"
    )


def backward_told(network: Network, chain: Chain, link: Link, unit: int) -> str:
    """What goes back: dJ/da from what comes after, and delta through the unit's own slope."""
    after = chain.links[link.layer + 1] if link.layer + 1 < len(chain.links) else None
    if len(link.sums) > 1:
        source = "Σ w δ of the next layer" if after is not None else LOSS_SLOPES[network.loss]
        return (
            f"dJ/da = {source}, mean {shown(link.errors[:, unit].mean())}\n"
            f"δ = dJ/dz = dJ/da · f'(z), mean {shown(link.deltas[:, unit].mean())}"
        )
    target = ""
    if after is not None:
        source = f"Σ w δ = {products(after.weight[:, unit], after.deltas[0])}"
    else:
        outputs = network.layers[-1]
        share = f" / {outputs}" if outputs > 1 and network.loss != "cross_entropy" else ""
        source, target = f"{LOSS_SLOPES[network.loss]}{share}", f"  (y = {shown(chain.targets[0, unit])})"
    error, slope, delta = link.errors[0, unit], link.slopes[0, unit], link.deltas[0, unit]
    return f"dJ/da = {source} = {shown(error)}{target}\nδ = dJ/dz = dJ/da · f'(z) = {shown(error)}·{factor(slope)} = {shown(delta)}"


def gradient_told(network: Network, link: Link, unit: int) -> str:
    """What follows for the weights that come into the unit."""
    row, bias = link.weight_gradient[unit], link.bias_gradient[unit]
    penalty = ";  the penalties of l1 and l2 come on top" if network.l1 or network.l2 else ""
    penalty += ";  no unit is dropped here" if network.dropout else ""
    if len(link.sums) > 1:
        return f"dJ/dw = mean of δ a = {vector(row)}\ndJ/db = mean of δ = {shown(bias)}{penalty}"
    return f"dJ/dw = δ a = {shown(link.deltas[0, unit])}·{vector(link.before[0])} = {vector(row)}\ndJ/db = δ = {shown(bias)}{penalty}"


def share(values: Floats) -> Floats:
    """Values as shares of the largest of them, in [-1, 1]."""
    finite = np.where(np.isfinite(values), values, 0.0)
    return np.asarray(finite / (np.abs(finite).max(initial=0.0) or 1.0))
