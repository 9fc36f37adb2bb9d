"""Where a training starts: weights drawn from random numbers that (seed, stream) name."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gdsim.engine.drawing import normal_numbers, uniform_numbers
from gdsim.networks.network import Network

STEP = 0
"""The step that weights are drawn at: before the first."""


def draw(network: Network, seed: int, stream: int = 0) -> NDArray[Any]:
    """The flat vector of weights to begin with, in the network's precision.

    "default" is PyTorch's: weights and biases uniform within +-scale / sqrt(inputs of the layer). The others draw weights and leave
    biases 0: "normal" N(0, scale^2), "uniform" within +-scale, "xavier" uniform within +-scale sqrt(6 / (inputs + outputs)), "he"
    N(0, scale^2 2 / inputs). Batch normalisation begins with factors 1 and shifts 0.

    Weight i of the flat vector comes from number i of (seed, stream), so that two ways to draw are each other's image. Sources: Glorot and
    Bengio (2010), AISTATS; He et al. (2015), arXiv:1502.01852; torch.nn.Linear.
    """
    one: NDArray[Any] = draw_many(network, np.array([seed]), np.array([network.scale]), stream)[0]
    return one


def draw_many(network: Network, seeds: NDArray[np.int64], scales: NDArray[np.float64], stream: int = 0) -> NDArray[Any]:
    """The weights (n, weights) of n networks that differ by seed and scale (n,) alone: each is to the bit what ``draw`` gives."""
    kind, layers = network.initialisation, network.layers
    named, which = np.unique(seeds, return_inverse=True)
    many = normal_numbers if kind in ("normal", "he") else uniform_numbers
    numbers = np.array([many(network.weights, int(seed), stream, STEP, 0) for seed in named])
    if kind not in ("normal", "he"):
        numbers = 2.0 * numbers - 1.0
    out = np.zeros((len(seeds), network.weights), dtype=network.precision)
    linear = {number for number, module in enumerate(network.modules) if module == "linear"}
    for part in network.parts:
        number, name = part.name.split(".")
        inputs, outputs = layers[part.layer : part.layer + 2]
        if int(number) not in linear:
            out[:, part.place] = 1.0 if name == "weight" else 0.0
            continue
        size = {
            "default": 1.0 / math.sqrt(inputs),
            "normal": 1.0,
            "uniform": 1.0,
            "xavier": math.sqrt(6.0 / (inputs + outputs)),
            "he": math.sqrt(2.0 / inputs),
            "zeros": 0.0,
        }[kind]
        if name == "weight" or kind == "default":
            out[:, part.place] = (scales * size)[:, np.newaxis] * numbers[which, part.place]
    return out
