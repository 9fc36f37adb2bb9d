"""Messages that change the scenario, as plain data.

``live`` marks a step of a drag: consecutive live changes of the same thing are one undo.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gdsim.app.messages import Message


@dataclass(frozen=True)
class SetParam(Message):
    """A parameter of run ``run``'s optimizer. What does not go together with it gives way (see ``Optimizer.reconciled``)."""

    run: int
    name: str
    value: float | bool
    live: bool = False


@dataclass(frozen=True)
class SetSchedule(Message):
    """How run ``run``'s learning rate changes: the table of a schedule as a scenario has it, or None for a rate that stays."""

    run: int
    table: Mapping[str, Any] | None
    live: bool = False


@dataclass(frozen=True)
class SetLimit(Message):
    """The limit ``clip_value`` or ``clip_norm`` of run ``run``'s gradient, or None for none."""

    run: int
    name: str
    value: float | None
    live: bool = False


@dataclass(frozen=True)
class SetLookahead(Message):
    """Lookahead round run ``run``'s optimizer: its table as a scenario has it, or None for none."""

    run: int
    table: Mapping[str, Any] | None
    live: bool = False


@dataclass(frozen=True)
class SetOptimizer(Message):
    """Another optimizer for a run. Chosen parameters of the same name are kept where allowed; the learning rate too where it means about
    the same to both rules, else a stable one is looked for.
    """

    run: int
    name: str


@dataclass(frozen=True)
class SetLabel(Message):
    run: int
    label: str


@dataclass(frozen=True)
class SetStart(Message):
    """Where runs begin: all of them (``run`` None), or one."""

    position: tuple[float, ...]
    run: int | None = None
    live: bool = False


@dataclass(frozen=True)
class SetRandomStart(Message):
    """All runs begin at one point drawn from N(0, deviation^2) with the scenario's seed; ``reroll`` takes the next seed first. The weights
    of a network are drawn as it says itself.
    """

    deviation: float = 1.0
    reroll: bool = True


@dataclass(frozen=True)
class SetLandscape(Message):
    """Another landscape, with its default parameters and start. Runs keep their optimizers, and what their learning rate was (too small,
    stable, too large), for which one is looked for there.
    """

    name: str


@dataclass(frozen=True)
class SetFormula(Message):
    """A typed formula in place of the landscape. Parameters of the same name keep their values, new ones are 1; the domain, the start,
    noise and motion stay where the formula has as many weights as what was there before.
    """

    text: str


@dataclass(frozen=True)
class SketchFormula(Message):
    """A formula is being typed: its ground is shown, and nothing else changes. None: it was given up."""

    text: str | None


@dataclass(frozen=True)
class SetPrototype(Message):
    """Prototypes in place of the landscape: the text of a scenario's key ``prototype``, the norm that combines them, their scale."""

    text: str
    combine: str | None = None
    scale: str = "normal"


@dataclass(frozen=True)
class SetNoise(Message):
    """All noise on the gradient: the tables as a scenario has them, one a kind."""

    tables: tuple[Mapping[str, Any], ...]
    live: bool = False


@dataclass(frozen=True)
class SetMotion(Message):
    """How the landscape moves: the table as a scenario has it, or None."""

    table: Mapping[str, Any] | None
    live: bool = False


@dataclass(frozen=True)
class SetLandscapeParam(Message):
    name: str
    value: float
    live: bool = False


@dataclass(frozen=True)
class SetDataset(Message):
    """Made data in place of the problem, with their default parameters; the model stays where it can have them."""

    name: str


@dataclass(frozen=True)
class OpenCsv(Message):
    """The points of a CSV file in place of the problem, once they are read; ``target`` is the column to be predicted (None: the last)."""

    path: str
    target: str | None = None


@dataclass(frozen=True)
class SetDataParam(Message):
    """A parameter of made data, or their seed."""

    name: str
    value: float
    live: bool = False


@dataclass(frozen=True)
class SetData(Message):
    """A key of [problem] that speaks of data, such as ``split``, ``standardise`` or ``target``."""

    name: str
    value: Any
    live: bool = False


@dataclass(frozen=True)
class SetModel(Message):
    """What learns from the data: the name of a model of two weights, or ``network``."""

    name: str


@dataclass(frozen=True)
class SetNetwork(Message):
    """A key of [problem.network], such as ``layers`` or ``activation``."""

    name: str
    value: Any
    live: bool = False


@dataclass(frozen=True)
class SetBatches(Message):
    """A key of run ``run`` that speaks of its batches: ``batch_size``, ``batch_schedule`` (a table), ``epochs``, ``shuffle``, ..."""

    run: int
    name: str
    value: int | bool | str | Mapping[str, Any] | None
    live: bool = False


@dataclass(frozen=True)
class EditPoints(Message):
    """Makes data of at most 500 points the user's own: a list of points in the scenario, which can be edited one by one."""


@dataclass(frozen=True)
class AddPoint(Message):
    """``point`` as a scenario has it: [x, target] or [x1, x2, class]."""

    point: tuple[float | int | str, ...]


@dataclass(frozen=True)
class RemovePoint(Message):
    point: tuple[float | int | str, ...]


@dataclass(frozen=True)
class MovePoint(Message):
    """``point`` takes the place ``to``."""

    point: tuple[float | int | str, ...]
    to: tuple[float | int | str, ...]
    live: bool = False


@dataclass(frozen=True)
class SetSteps(Message):
    steps: int


@dataclass(frozen=True)
class SetTitle(Message):
    title: str


@dataclass(frozen=True)
class AddRun(Message):
    optimizer: str = "sgd"


@dataclass(frozen=True)
class DuplicateRun(Message):
    run: int


@dataclass(frozen=True)
class RemoveRun(Message):
    """Removes a run; the last one stays."""

    run: int


@dataclass(frozen=True)
class ApplyPreset(Message):
    """Sets run ``run``'s learning rate to one that is ``too small``, ``stable`` or ``too large`` at this start on this landscape."""

    run: int
    preset: str


@dataclass(frozen=True)
class Undo(Message): ...


@dataclass(frozen=True)
class Redo(Message): ...
