"""A network to be trained on data, as a scenario says it: the keys of ``[problem]`` that name the data, and ``[problem.network]``."""

from collections.abc import Hashable, Iterable
from itertools import pairwise
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, ConfigDict, Field, SkipValidation, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from gdsim.landscapes import Landscape, StationaryPoint
from gdsim.networks.dataset import Dataset
from gdsim.networks.network import ACTIVATIONS, INITIALISATIONS, LOSSES, MOST_LAYERS, MOST_WEIGHTS, PRECISIONS, Network
from gdsim.networks.split import Split, Standardise, rows_of_parts
from gdsim.simulation import complaints
from gdsim.simulation.complaints import OURS, Allowed
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import Problem
from gdsim.simulation.table import Model, Number, item

WIDEST = 100_000
A_NETWORK = "a table such as { layers = [16, 16], activation = 'tanh' }"
A_LAYER = f"an array of up to {MOST_LAYERS - 2} whole numbers from 1 to {WIDEST:,}, the sizes of the hidden layers"

LOSSES_FOR = {"numbers": ("mse", "huber"), "two classes": ("bce", "cross_entropy"), "classes": ("cross_entropy",)}
"""The losses that go with each kind of targets; the first is the default."""


def _one_of(kind: str, names: Iterable[str]) -> Any:
    """A word that has to be one of ``names``; what was probably meant is suggested."""
    names = tuple(names)

    def known(name: str) -> str:
        if name not in names:
            raise PydanticCustomError(OURS, "{text}", {"text": complaints.unknown_name(kind, name, names)})
        return name

    word = Field(strict=True, json_schema_extra={"enum": list(names)})
    return Annotated[Annotated[str, word], AfterValidator(known), Allowed(f"one of {', '.join(names)}")]


Size = Annotated[int, Field(strict=True, ge=1, le=WIDEST)]
Penalty = Annotated[Number, Field(ge=0), Allowed("a number >= 0")]


class NetworkTable(Model):
    """A fully connected network: see ``gdsim.Network``. The sizes of its input and output follow from the data."""

    layers: Annotated[tuple[Size, ...], Field(max_length=MOST_LAYERS - 2), Allowed(A_LAYER)] = Field(
        description="sizes of the hidden layers, from the input on; [] is a linear model"
    )
    activation: _one_of("activation", ACTIVATIONS) = Field(default="tanh", description="function of every hidden unit")  # type: ignore[valid-type]
    loss: _one_of("loss", LOSSES) | None = Field(  # type: ignore[valid-type]
        default=None, description="what is minimised; without it mse for numbers, bce for two classes, cross_entropy for more"
    )
    output: _one_of("activation", ACTIVATIONS) = Field(default="identity", description="function of the output units")  # type: ignore[valid-type]
    dropout: Annotated[Number, Field(ge=0, lt=1), Allowed("a number >= 0 and < 1")] = Field(
        default=0.0, description="share of the hidden units that a training step leaves out"
    )
    batch_norm: Annotated[bool, Field(strict=True), Allowed("true or false")] = Field(
        default=False, description="batch normalisation before every hidden activation"
    )
    l1: Penalty = Field(default=0.0, description="l1 * sum |w| is added to the loss, over the weights of linear layers")
    l2: Penalty = Field(default=0.0, description="l2/2 * sum w^2 is added to the loss, over the weights of linear layers")
    initialisation: _one_of("initialisation", INITIALISATIONS) = Field(  # type: ignore[valid-type]
        default="default", description="how the first weights are drawn from the scenario's seed; default is PyTorch's"
    )
    scale: Annotated[Number, Field(ge=0, le=1e6), Allowed("a number >= 0 and <= 1e+06")] = Field(
        default=1.0, description="deviation of normal, half width of uniform, a factor for the other initialisations"
    )
    precision: _one_of("precision", PRECISIONS) = Field(default="float64", description="that of all arithmetic")  # type: ignore[valid-type]

    def shape(self, dataset: Dataset) -> Network:
        """The network for these data. Raises ValueError where there is none."""
        loss = self.loss or losses_for(dataset)[0]
        outputs = 1 if loss == "bce" else dataset.outputs
        others = {name: getattr(self, name) for name in type(self).model_fields if name not in ("layers", "loss")}
        return Network((dataset.inputs.shape[1], *self.layers, outputs), loss=loss, **others)


def losses_for(dataset: Dataset) -> tuple[str, ...]:
    """The losses that go with the targets of these data, the default first."""
    if not dataset.is_classification:
        return LOSSES_FOR["numbers"]
    return LOSSES_FOR["two classes" if len(dataset.classes) == 2 else "classes"]


def misfits(table: NetworkTable, dataset: Dataset) -> list[tuple[str, str]]:
    """Why the network cannot be trained on these data: pairs of the key that is wrong, and the complaint."""
    fitting = losses_for(dataset)
    if table.loss is not None and table.loss not in fitting:
        classes = len(dataset.classes)
        what = f"{classes} classes to tell apart" if classes else "numbers to predict"
        return [("loss", f"found {table.loss!r}, which does not go with these data: they have {what} (allowed: {', '.join(fitting)})")]
    sizes = (dataset.inputs.shape[1], *table.layers, dataset.outputs)
    if (count := sum((before + 1) * after for before, after in pairwise(sizes))) > MOST_WEIGHTS:
        return [("layers", f"found {list(sizes)}, which make {count:,} weights; allowed: at most {MOST_WEIGHTS:,}")]
    try:
        table.shape(dataset)
    except ValueError as error:
        return [("output" if "output" in str(error) else "", str(error))]
    return []


LOSS_FORMULAS = {
    "mse": "mean of (f(x, w) - y)^2",
    "huber": "mean of Huber's loss of f(x, w) - y",
    "bce": "mean of the cross entropy of sigmoid(f(x, w)) and y",
    "cross_entropy": "mean of the cross entropy of softmax(f(x, w)) and y",
}


class Learning(Problem):
    """What is minimised: the loss of a network over the training part of data. Subclasses say which."""

    landscape: Annotated[None, Allowed("no landscape beside data")] = None

    @property
    def shape(self) -> Network:
        """The network, with its input and output as the data have them."""
        raise NotImplementedError

    @property
    def parts(self) -> Split:
        """Training, validation and test part as the network sees them."""
        raise NotImplementedError

    @property
    def standardisation(self) -> Standardise | None:
        """What the parts were shifted and scaled by."""
        raise NotImplementedError

    @property
    def seen(self) -> tuple[str, ...]:
        """The features through which the network sees points with two inputs; none where it sees the inputs."""
        raise NotImplementedError

    @property
    def columns(self) -> tuple[str, ...]:
        """What the inputs are called, before features are made of them."""
        raise NotImplementedError

    @property
    def test_points(self) -> Dataset | None:
        """The test part as the data have it, before features and standardisation."""
        raise NotImplementedError

    @property
    def is_network(self) -> bool:
        return True

    @property
    def record(self) -> Landscape:
        """There is none: raises TypeError."""
        raise TypeError(f"a network of {self.shape.weights:,} weights is no landscape of one or two")

    @property
    def at_rest(self) -> Landscape:
        """There is none: raises TypeError."""
        return self.record

    @property
    def dim(self) -> int:
        return 0

    @property
    def title(self) -> str:
        return f"Network {'-'.join(map(str, self.shape.layers))} on {self.parts.train.name}"

    @property
    def formula_shown(self) -> str:
        return LOSS_FORMULAS[self.shape.loss]

    @property
    def minima(self) -> tuple[StationaryPoint, ...]:
        return ()

    @classmethod
    def conflicts(cls, data: Any, bad: set[str]) -> list[InitErrorDetails]:
        given = [key for key in ("noise", "motion") if item(data, key)]
        text = "a network has the noise of its batches and stands still; allowed: only with a landscape"
        return [complaints.line((key,), text, item(data, key)) for key in given]


class NetworkProblem(DataSource, Learning):
    """A network as a scenario file says it."""

    KEYS: ClassVar[tuple[str, ...]] = DataSource.DATA_KEYS

    network: Annotated[NetworkTable, Allowed(A_NETWORK)]

    @property
    def shape(self) -> Network:
        return self.network.shape(self.parts.train)

    @property
    def seen(self) -> tuple[str, ...]:
        return self.features or ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.loaded.features

    @property
    def test_points(self) -> Dataset | None:
        rows = rows_of_parts(self.loaded, self.shares, self.split_seed)[2]
        return None if rows is None else self.loaded.take(rows)

    @property
    def ground(self) -> Hashable:
        return self.loaded, self.features, self.network.layers

    @model_validator(mode="after")
    def _fits(self) -> Self:
        found = misfits(self.network, self.parts.train)
        if found:
            lines = [complaints.line(("network", key) if key else ("network",), text) for key, text in found]
            raise complaints.together("problem", lines)
        return self


class GivenNetwork(Learning):
    """A network and data that were handed over as records. No file can hold them."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    network: SkipValidation[Network]
    given: SkipValidation[Split]

    @property
    def shape(self) -> Network:
        return self.network

    @property
    def parts(self) -> Split:
        return self.given

    @property
    def standardisation(self) -> Standardise | None:
        return None

    @property
    def seen(self) -> tuple[str, ...]:
        return ()

    @property
    def columns(self) -> tuple[str, ...]:
        return self.given.train.features

    @property
    def test_points(self) -> Dataset | None:
        return self.given.test

    @property
    def ground(self) -> Hashable:
        return tuple(self.given), self.network.layers
