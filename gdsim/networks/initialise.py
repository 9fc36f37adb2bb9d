"""Where a training starts: weights drawn from random numbers that (seed, stream) name."""

from typing import Any

from numpy.typing import NDArray

from gdsim.networks.network import Network


def draw(network: Network, seed: int, stream: int = 0) -> NDArray[Any]:
    """The flat vector of weights to begin with, in the network's precision.

    "default" is PyTorch's: weights and biases uniform within +-scale / sqrt(inputs of the layer). The others draw weights and leave
    biases 0: "normal" N(0, scale^2), "uniform" within +-scale, "xavier" uniform within +-scale sqrt(6 / (inputs + outputs)), "he"
    N(0, scale^2 2 / inputs). Batch normalisation begins with factors 1 and shifts 0.
    """
    raise NotImplementedError
