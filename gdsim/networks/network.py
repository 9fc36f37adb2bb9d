"""Network: the shape of a fully connected network and where each of its weights lies in one flat vector."""

from collections.abc import Sequence
from dataclasses import dataclass

ACTIVATIONS = ("identity", "sigmoid", "tanh", "relu", "leaky_relu", "gelu", "softplus")
LOSSES = ("mse", "bce", "cross_entropy", "huber")
INITIALISATIONS = ("default", "normal", "uniform", "xavier", "he", "zeros")


@dataclass(frozen=True, slots=True)
class Part:
    """One tensor of the network: ``name`` is PyTorch's in an ``nn.Sequential`` ("0.weight"), ``shape`` PyTorch's, ``at`` its first place in
    the flat vector, in which it lies row by row. ``layer`` is the number of its linear layer, from 0.
    """

    name: str
    shape: tuple[int, ...]
    at: int
    layer: int


@dataclass(frozen=True)
class Network:
    """A fully connected network as ``torch.nn.Sequential`` would hold it: Linear [BatchNorm1d] activation [Dropout] for every hidden layer,
    then Linear and the output's activation (mostly the identity: bce and cross_entropy take logits).

    ``layers`` are the sizes from inputs to outputs, such as (2, 16, 16, 1). ``loss`` is the mean over points (and outputs) as in PyTorch;
    huber has delta 1. ``l1`` and ``l2`` add l1 * sum |w| and l2/2 * sum w^2 over linear weights (not biases, not batch normalisation).
    ``dropout`` is the share of hidden units that a training step leaves out. Weights are drawn by ``initialisation`` with ``scale``
    (the standard deviation of "normal", the half width of "uniform", a factor for the others). ``precision`` is that of all arithmetic.
    """

    layers: tuple[int, ...]
    activation: str = "tanh"
    loss: str = "mse"
    output: str = "identity"
    dropout: float = 0.0
    batch_norm: bool = False
    l1: float = 0.0
    l2: float = 0.0
    initialisation: str = "default"
    scale: float = 1.0
    precision: str = "float64"

    def __init__(self, layers: Sequence[int], **others: object) -> None:
        raise NotImplementedError

    @property
    def parts(self) -> tuple[Part, ...]:
        """All trained tensors in PyTorch's order: of each layer weight, bias, then those of batch normalisation."""
        raise NotImplementedError

    @property
    def buffers(self) -> tuple[Part, ...]:
        """Running means and variances of batch normalisation, with places of their own vector."""
        raise NotImplementedError

    @property
    def weights(self) -> int:
        """Length of the flat vector."""
        raise NotImplementedError
