"""Lesson: what a script for PyTorch has to say of a problem made of data, be it a network or a model of two weights."""

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.layers import ACTIVATIONS, LOSSES
from gdsim.networks.network import Network
from gdsim.networks.split import Split
from gdsim.networks.tensors import to_bytes
from gdsim.networks.two_weights import MODELS
from gdsim.networks.weights import state_dict
from gdsim.simulation.data_problem import DataProblem
from gdsim.simulation.network_problem import Learning
from gdsim.simulation.pytorch.exportable import ExportError
from gdsim.simulation.pytorch.writing import literal, number
from gdsim.simulation.run import SHARED_STREAM, start_of
from gdsim.simulation.scenario import Scenario

PARTS = ("train", "validation", "test")

TWO_WEIGHTS = {"line": ("mse", ()), "logistic": ("bce", ()), "neuron": ("mse", ("nn.Tanh()",))}
"""The loss of each model of two weights, and what follows its linear layer."""


@dataclass(frozen=True)
class Lesson:
    """``modules`` are the lines of the ``nn.Sequential``, ``first`` the statements that give its weights their first values (after its
    definition, in ``Network.__init__``), ``weights`` a file of first values in their place. ``columns`` are inputs and targets as texts.
    """

    title: str
    parts: Split
    modules: tuple[str, ...]
    loss: str
    first: tuple[str, ...] = ()
    weights: bytes | None = None
    l1: float = 0.0
    l2: float = 0.0
    random: bool = False
    batch_norm: bool = False
    precision: str = "float64"

    @property
    def criterion(self) -> str:
        return f"nn.{LOSSES[self.loss].torch}()"

    @property
    def is_classification(self) -> bool:
        return self.loss in ("bce", "cross_entropy")

    @property
    def points(self) -> bytes:
        """The parts as a CSV file: the name of the part, the inputs, the targets, with every digit."""
        train = self.parts.train
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        targets = 1 if train.targets.ndim == 1 else train.targets.shape[1]
        names = [*train.features, *([train.target] if targets == 1 else [f"{train.target} {i + 1}" for i in range(targets)])]
        # A name that breaks the line could pass for a point.
        writer.writerow(["part", *("".join(c if c.isprintable() else " " for c in name) for name in names)])
        for name, part in zip(PARTS, self.parts, strict=True):
            if part is not None:
                writer.writerows([name, *row] for row in _rows(part))
        return text.getvalue().encode("utf-8")


def lesson_of(scenario: Scenario, index: int, *, exact: bool) -> Lesson:
    """The lesson of a scenario whose problem is made of data. Raises ExportError."""
    problem = scenario.problem
    if isinstance(problem, Learning):
        start = scenario.runs[index].start
        return _network(problem, scenario.seed, start if isinstance(start, tuple) else None, exact)
    if isinstance(problem, DataProblem):
        return _two_weights(problem, start_of(scenario, index))
    raise ExportError("this problem is neither a formula nor made of data; allowed: one of them")


def _network(problem: Learning, seed: int, start: tuple[float, ...] | None, exact: bool) -> Lesson:
    network = problem.shape
    return Lesson(
        title=f"A network {'-'.join(map(str, network.layers))} that learns {problem.parts.train.name}",
        parts=problem.parts,
        modules=tuple(_modules(network)),
        loss=network.loss,
        first=() if exact or start else tuple(_drawn(network)),
        weights=_first_weights(network, seed, start) if exact or start else None,
        l1=network.l1,
        l2=network.l2,
        random=network.dropout > 0.0,
        batch_norm=network.batch_norm,
        precision=network.precision,
    )


def _two_weights(problem: DataProblem, start: tuple[float, ...]) -> Lesson:
    if problem.noise or problem.motion:
        raise ExportError(f"found a problem with {'noise' if problem.noise else 'motion'}, which torch has not; allowed: one without")
    parts = problem.parts
    loss, after = TWO_WEIGHTS[problem.model]
    if len(parts.train.features) == 1:
        linear, w = "nn.Linear(1, 1)", [[start[0]]]
        first = [
            f"self.layers[0].weight.copy_(torch.tensor({literal(w)}))",
            f"self.layers[0].bias.copy_(torch.tensor({literal([start[1]])}))",
        ]
    else:
        linear = "nn.Linear(2, 1, bias=False)"
        first = [f"self.layers[0].weight.copy_(torch.tensor({literal([list(start)])}))"]
    parts = Split(*(_for_two_weights(part, problem.model) if part else None for part in parts))  # type: ignore[arg-type]
    return Lesson(
        title=f"{MODELS[problem.model].title} on {parts.train.name}",
        parts=parts,
        modules=(linear, *after),
        loss=loss,
        first=("with torch.no_grad():", *(f"    {line}" for line in first)),
    )


def _for_two_weights(part: Dataset, model: str) -> Dataset:
    """Classes as the numbers that the model is fitted to."""
    classes = MODELS[model].classes
    if classes is None or not part.is_classification:
        return part
    return Dataset.from_arrays(
        part.inputs, np.array(classes)[part.targets.astype(np.int64)], features=part.features, target=part.target, name=part.name
    )


def _modules(network: Network) -> Iterable[str]:
    layer = -1
    for kind in network.modules:
        layer += kind == "linear"
        before, after = network.layers[layer], network.layers[layer + 1]
        match kind:
            case "linear":
                yield f"nn.Linear({before}, {after})"
            case "batch_norm":
                yield f"nn.BatchNorm1d({after})"
            case "dropout":
                yield f"nn.Dropout({number(network.dropout)})"
            case _:
                yield f"nn.{ACTIVATIONS[kind].torch}()"


def _drawn(network: Network) -> Iterable[str]:
    """Statements that draw the first weights, unless they are PyTorch's own."""
    scale = number(network.scale)
    weight = {
        "normal": f"nn.init.normal_(layer.weight, std={scale})",
        "uniform": f"nn.init.uniform_(layer.weight, -{scale}, {scale})",
        "xavier": "nn.init.xavier_uniform_(layer.weight)"
        if network.scale == 1.0
        else f"nn.init.xavier_uniform_(layer.weight, gain={scale})",
        "he": 'nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")'
        if network.scale == 1.0
        else f"nn.init.normal_(layer.weight, std={scale} * (2 / layer.in_features) ** 0.5)",
        "zeros": "nn.init.zeros_(layer.weight)",
    }
    if network.initialisation == "default":
        if network.scale == 1.0:
            return
        inner = [
            f"bound = {scale} / layer.in_features**0.5",
            "nn.init.uniform_(layer.weight, -bound, bound)",
            "nn.init.uniform_(layer.bias, -bound, bound)",
        ]
    else:
        inner = [weight[network.initialisation], "nn.init.zeros_(layer.bias)"]
    yield "for layer in self.layers:"
    yield "    if isinstance(layer, nn.Linear):"
    yield from (f"        {line}" for line in inner)


def _first_weights(network: Network, seed: int, start: tuple[float, ...] | None) -> bytes:
    sizes = {part.name: (1.0 if part.name.endswith("running_var") else 0.0) for part in network.buffers}
    buffers = np.concatenate([np.full(part.size, sizes[part.name]) for part in network.buffers]) if sizes else None
    weights = draw(network, seed, SHARED_STREAM) if start is None else np.array(start, dtype=network.precision)
    return to_bytes(state_dict(network, weights, buffers))


def _rows(part: Dataset) -> Iterable[list[object]]:
    """Inputs and targets of each point."""
    targets: list[Any] = part.targets.reshape(len(part), -1).tolist()
    for inputs, target in zip(part.inputs.tolist(), targets, strict=True):
        yield [*inputs, *target]
