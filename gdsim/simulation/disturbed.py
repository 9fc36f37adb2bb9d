"""Noise and motion as a scenario says them: ``[problem.noise]`` (or several ``[[problem.noise]]``) and ``[problem.motion]``."""

from collections.abc import Callable, Iterable
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import Field, SerializeAsAny, TypeAdapter, WrapValidator, create_model
from pydantic_core import InitErrorDetails

from gdsim.landscapes.motion import MOTIONS, Motion
from gdsim.landscapes.noise import NOISES, Noise
from gdsim.simulation import complaints
from gdsim.simulation.complaints import Allowed
from gdsim.simulation.table import Model, by_name, fields, item

MOST_NOISES = 4
A_NOISE = f'a table [problem.noise] with kind = "..." ({", ".join(NOISES)}) and its parameters, or up to {MOST_NOISES} of them'
A_MOTION = f'a table [problem.motion] with kind = "..." ({", ".join(MOTIONS)}) and its parameters'


class NoiseTable(Model):
    """One kind of noise. Its parameters are fields of the model made by ``noise_model``."""

    kind: Annotated[Annotated[str, Field(strict=True)], Allowed(f"one of {', '.join(NOISES)}")]

    @property
    def record(self) -> Noise:
        return NOISES[self.kind].with_parameters(**self.model_dump(exclude={"kind"}))


class MotionTable(Model):
    """One kind of motion. Its parameters are fields of the model made by ``motion_model``."""

    kind: Annotated[Annotated[str, Field(strict=True)], Allowed(f"one of {', '.join(MOTIONS)}")]

    @property
    def record(self) -> Motion:
        return MOTIONS[self.kind].with_parameters(**self.model_dump(exclude={"kind"}))


@cache
def noise_model(name: str) -> type[NoiseTable]:
    own: dict[str, Any] = {"kind": (Literal[name], ...), **fields(NOISES[name].parameters)}
    return create_model(f"{name}_noise", __base__=NoiseTable, __doc__=NOISES[name].doc, **own)


@cache
def motion_model(name: str) -> type[MotionTable]:
    own: dict[str, Any] = {"kind": (Literal[name], ...), **fields(MOTIONS[name].parameters)}
    return create_model(f"{name}_motion", __base__=MotionTable, __doc__=MOTIONS[name].doc, **own)


@cache
def any_noise_model() -> type[NoiseTable]:
    """Checks what can be checked while nobody knows which noise is meant: its kind."""
    return create_model("any_noise", __base__=NoiseTable, **_of_any(record.parameters for record in NOISES.values()))


@cache
def any_motion_model() -> type[MotionTable]:
    return create_model("any_motion", __base__=MotionTable, **_of_any(record.parameters for record in MOTIONS.values()))


def _of_any(parameters: Iterable[Any]) -> Any:
    return {param.name: (Any, None) for some in parameters for param in some}


AnyNoise = Annotated[SerializeAsAny[NoiseTable], by_name("kind", NOISES, noise_model, any_noise_model)]
ONE_NOISE: TypeAdapter[NoiseTable] = TypeAdapter(AnyNoise)


def _one_or_several(value: Any, plain: Callable[[Any], Any]) -> Any:
    """A table stands for an array of one."""
    return (ONE_NOISE.validate_python(value),) if isinstance(value, dict | NoiseTable) else plain(value)


SomeNoise = Annotated[
    Annotated[tuple[AnyNoise, ...], Field(max_length=MOST_NOISES)],
    WrapValidator(_one_or_several),
    Allowed(A_NOISE),
    Field(description="noise on the gradient that optimizers see, one kind or several in turn"),
]
SomeMotion = Annotated[
    Annotated[SerializeAsAny[MotionTable], by_name("kind", MOTIONS, motion_model, any_motion_model)] | None,
    Allowed(A_MOTION),
    Field(description="how the landscape changes while a run goes down it"),
]


def impossible(data: Any, dim: int, name: str) -> list[InitErrorDetails]:
    """A complaint for each noise in the table ``data`` that a landscape of ``dim`` weights cannot have."""
    given = item(data, "noise")
    several = isinstance(given, list | tuple)
    found = []
    for index, noise in enumerate(given if several else (given,)):
        record = NOISES.get(str(item(noise, "kind")))
        if record is not None and record.planar and dim == 1:
            keys = ("noise", index, "kind") if several and len(given) > 1 else ("noise", "kind")
            found.append(complaints.line(keys, f"found {record.name!r}, which needs two weights; {name} has one", record.name))
    return found
