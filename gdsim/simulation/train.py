"""``train``: one training of a network in one call, for Python."""

import os
from collections.abc import Callable, Mapping
from typing import Any

from gdsim.networks.dataset import Dataset
from gdsim.networks.network import Network
from gdsim.networks.split import Split, split
from gdsim.simulation.checkpoint import Checkpoint
from gdsim.simulation.complaints import Complaint, ScenarioError
from gdsim.simulation.minimise import number, plain, validated_arguments
from gdsim.simulation.network_problem import GivenNetwork, losses_for
from gdsim.simulation.run import CHUNK_STEPS
from gdsim.simulation.training import stream_training
from gdsim.simulation.training_record import Training, TrainingSteps


def train(
    network: Network,
    dataset: Dataset | Split,
    optimizer: str = "adam",
    *,
    batch_size: int | str = 16,
    epochs: int = 20,
    seed: int = 0,
    learning_rate: float | None = None,
    validation: float = 0.0,
    test: float = 0.0,
    shuffle: bool = True,
    drop_last: bool = False,
    replacement: bool = False,
    early_stopping: Mapping[str, Any] | None = None,
    schedule: Mapping[str, Any] | None = None,
    batch_schedule: Mapping[str, Any] | None = None,
    lookahead: Mapping[str, Any] | None = None,
    clip_value: float | None = None,
    clip_norm: float | None = None,
    tolerance: float | None = None,
    checkpoint: str | os.PathLike[str] | None = None,
    every: int = 1,
    progress: Callable[[TrainingSteps], None] | None = None,
    label: str = "",
    **hyper_parameters: float | bool,
) -> Training:
    """Trains ``network`` for ``epochs`` with ``optimizer`` and returns all that was recorded, the verdict, and the network as ``.model``.

    ``dataset`` is a Dataset, of which the shares ``validation`` and ``test`` are set apart at random by ``seed``, or a ``Split`` whose
    parts are given. ``batch_size`` is a number or "full". What is left out of ``learning_rate`` and ``hyper_parameters`` has the
    optimizer's default. ``schedule``, ``batch_schedule``, ``lookahead`` and ``early_stopping`` are tables as in a scenario, such as
    ``{"name": "cosine", "t_max": 200}`` and ``{"patience": 10, "min_delta": 0.0}``, which looks at the validation part. Everything random
    is named by ``seed``.

    With a ``checkpoint``, that file is written after ``every`` epochs and at the end; where it is there already, the training goes on
    from it, to the same bits. ``progress`` hears what was recorded some fifty times a second, as ``TrainingSteps``.

    Raises ScenarioError (a ValueError) with everything that is wrong, WeightsError (another) for a checkpoint that is of something else,
    and OSError.
    """
    if not isinstance(network, Network) or not isinstance(dataset, Dataset | Split):
        raise TypeError(
            f"found {type(network).__name__} and {type(dataset).__name__}; needed: a gdsim.Network, then a gdsim.Dataset or gdsim.Split"
        )
    parts = dataset if isinstance(dataset, Split) else split(dataset, (1.0 - validation - test, validation, test), seed)
    if (text := misfit(network, parts.train)) is not None:
        raise ScenarioError("", [Complaint("network", text)])
    given: dict[str, Any] = {
        "label": label,
        "optimizer": optimizer,
        "learning_rate": learning_rate,
        "batch_size": batch_size,
        "epochs": epochs,
        "shuffle": shuffle,
        "drop_last": drop_last,
        "replacement": replacement,
        "clip_value": clip_value,
        "clip_norm": clip_norm,
        **hyper_parameters,
    }
    table = {name: number(value) for name, value in given.items() if value is not None}
    tables = {"early_stopping": early_stopping, "schedule": schedule, "batch_schedule": batch_schedule, "lookahead": lookahead}
    table |= {name: plain(value) for name, value in tables.items() if value is not None}
    problem = GivenNetwork(network=network, given=parts)
    scenario = validated_arguments({"seed": number(seed), "tolerance": number(tolerance), "problem": problem, "runs": [table]})
    for chunk in stream_training(scenario, 0, CHUNK_STEPS, None if checkpoint is None else Checkpoint(checkpoint, every)):
        if isinstance(chunk.trajectory, Training):
            return chunk.trajectory
        if progress is not None and isinstance(chunk.steps, TrainingSteps):
            progress(chunk.steps)
    raise AssertionError("a training ends with all that came out of it")


def misfit(network: Network, data: Dataset) -> str | None:
    """Why the network cannot be trained on these data, or None."""
    if network.loss not in (fitting := losses_for(data)):
        return f"its loss is {network.loss}, and for these data it has to be one of {', '.join(fitting)}"
    ends = data.inputs.shape[1], 1 if network.loss == "bce" else data.outputs
    if (network.layers[0], network.layers[-1]) != ends:
        return f"it has {network.layers[0]} inputs and {network.layers[-1]} outputs, and these data need {ends[0]} and {ends[1]}"
    return None
