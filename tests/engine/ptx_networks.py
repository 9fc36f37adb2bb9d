"""Kernels that train networks, compiled for graphics cards that need not be there: the second table of ``tests.engine.ptx_table``."""

import numpy as np

from gdsim.engine.cuda_layout import CardLayout
from gdsim.networks.dataset import Dataset
from gdsim.networks.layers import ACTIVATIONS, LOSSES
from gdsim.networks.many import ManyLearners
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from tests.engine.ptx_table import CAPABILITIES, assembled
from tests.engine.test_descend import SETTINGS

POINTS = 16
ROWS = (
    *[("sgd", activation, "mse") for activation in ACTIVATIONS],
    *[("sgd", "tanh", loss) for loss in LOSSES if loss != "mse"],
    *[(name, "tanh", "mse") for name, record in OPTIMIZERS.items() if record.is_elementwise and name != "sgd"],
)
"""Optimizer, activation and loss."""


def trained(optimizer, activation="tanh", loss="mse", precision="float64"):
    """Model and rule of a 16-16-1 network (of two outputs for classes) that ``optimizer`` trains with its switches on."""
    record = OPTIMIZERS[optimizer]
    _, on = record.pack(SETTINGS[optimizer])
    several, classes = loss == "cross_entropy", loss in ("cross_entropy", "bce")
    network = Network([16, 16, 2 if several else 1], activation=activation, loss=loss, precision=precision)
    targets = np.arange(POINTS) % 2 if classes else np.zeros((POINTS, 1))
    lanes = ManyLearners(
        network, Dataset(np.zeros((POINTS, 16)), targets, FEATURES, classes=("a", "b") if classes else ()), record, on
    ).lanes
    return lanes.model, lanes.rule


FEATURES = tuple(f"x{k}" for k in range(16))


def examined(optimizer, activation, loss, capability, precision="float64"):
    """The kernel of ``trained``."""
    from gdsim.engine import cuda, cuda_learning

    function = cuda_learning.function(*trained(optimizer, activation, loss, precision))
    return assembled(cuda.ptx_of(function, cuda_learning.signature(precision), capability), capability)


def lines():
    """The table in Markdown; the last columns are bytes of the memory that the threads of a training share, in double and single."""
    heads = [f"{major}.{minor}" for major, minor in CAPABILITIES]
    registers = " | ".join(f"registers, {head}" for head in heads)
    yield f"| optimizer | activation | loss | {registers} | single, 9.0 | spilled bytes | shared bytes | single |"
    yield "| --- | --- | --- |" + " ---: |" * (len(heads) + 4)
    for row in ROWS:
        found = [examined(*row, capability) for capability in CAPABILITIES]
        found.append(examined(*row, CAPABILITIES[-1], precision="float32"))
        numbers = [one.registers for one in found]
        shared = [CardLayout(*trained(*row, precision), POINTS).shared_bytes for precision in ("float64", "float32")]
        yield "| " + " | ".join(map(str, (*row, *numbers, max(one.spilled for one in found), *shared))) + " |"
