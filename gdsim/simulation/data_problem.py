"""Two weights fitted to data, as a scenario says it: the keys of ``[problem]`` that name the data, and ``model``."""

from collections.abc import Hashable
from functools import lru_cache
from typing import Annotated, Any, ClassVar, Literal, Self

from pydantic import Field, model_validator

from gdsim.landscapes import Landscape
from gdsim.networks.dataset import Dataset
from gdsim.networks.two_weights import MODELS, misfit_of_data, two_weights
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.data_source import DataSource
from gdsim.simulation.problem import Problem

MOST_TRAINED = 100_000
"""Points whose losses are summed at every place of the picture and every step."""

A_MODEL = f"one of {', '.join(MODELS)}, or a table [problem.network] in its place"


class DataProblem(DataSource, Problem):
    """The mean loss of a model of two weights over the training part of data: a landscape."""

    KEYS: ClassVar[tuple[str, ...]] = (*DataSource.DATA_KEYS, "model")
    SHARES: ClassVar[tuple[float, ...]] = (1.0, 0.0, 0.0)

    landscape: Annotated[None, Allowed("no landscape beside data")] = None
    model: Annotated[Literal[tuple(MODELS)], Allowed(A_MODEL)] = Field(  # type: ignore[valid-type]
        description="; ".join(f"{model.name}: {model.doc}" for model in MODELS.values())
    )

    @property
    def at_rest(self) -> Landscape:
        train = self.parts.train
        return _landscape(self.model, train, (train.name, train.features))

    @property
    def ground(self) -> Hashable:
        return self.model, self.parts.train

    @model_validator(mode="after")
    def _fits(self) -> Self:
        train = self.parts.train
        text = misfit_of_data(MODELS[self.model], train)
        if text is None and len(train) > MOST_TRAINED:
            text = f"found {len(train):,} training points; allowed: at most {MOST_TRAINED:,} (split takes a part of them)"
        if text is not None:
            raise complaints.together("problem", [complaints.line(("model",), text, self.model)])
        return self


@lru_cache(maxsize=8)
def _landscape(model: str, train: Dataset, _named: Any) -> Landscape:
    return two_weights(model, train)
