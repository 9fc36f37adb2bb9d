"""What can happen (messages) and what is to be done about it (effects), as plain data."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gdsim.app.state import ThemeChoice
from gdsim.networks.dataset import Dataset
from gdsim.simulation.answers import Answers
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.surface import Surface
from gdsim.simulation.training_record import Snapshots
from gdsim.simulation.trajectory import Chunk


class Message:
    """Something that happened: the user did it, time passed, or the worker answered."""


class Effect:
    """Something to be done outside ``update``: by the worker, or by the window."""


# The scenario is edited. ``live`` marks a step of a drag: consecutive live edits of the same thing are one undo.


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
    """A key of run ``run`` that speaks of its batches: ``batch_size``, ``epochs``, ``shuffle``, ..."""

    run: int
    name: str
    value: int | bool | str | None
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


# The recording is played.


@dataclass(frozen=True)
class Play(Message):
    """Plays on; from the start if the playhead is at the end."""


@dataclass(frozen=True)
class Pause(Message): ...


@dataclass(frozen=True)
class StepBy(Message):
    """Pauses and moves the playhead by whole steps, forward or back."""

    steps: int


@dataclass(frozen=True)
class Seek(Message):
    """Moves the playhead (clamped to the recording); keeps playing if it plays."""

    step: float


@dataclass(frozen=True)
class SetSpeed(Message):
    speed: float


@dataclass(frozen=True)
class Tick(Message):
    """``seconds`` went by."""

    seconds: float


# The application.


@dataclass(frozen=True)
class SelectRun(Message):
    run: int


@dataclass(frozen=True)
class ShowView(Message):
    """Shows the view of this name wherever it fits the problem."""

    name: str


@dataclass(frozen=True)
class ShowCloud(Message):
    """Whether the gradients of single points are drawn over a loss that is made of data."""

    shown: bool


@dataclass(frozen=True)
class SetTheme(Message):
    theme: ThemeChoice


@dataclass(frozen=True)
class NewScenario(Message):
    """The demonstration that the window starts with."""


@dataclass(frozen=True)
class OpenFile(Message):
    """A path, or the name of a shipped scenario."""

    source: str


@dataclass(frozen=True)
class SaveFile(Message):
    """Saves to ``path``, or to where the scenario came from."""

    path: Path | None = None


@dataclass(frozen=True)
class ExportPicture(Message):
    """``theme`` is the one that the window shows (None: the state's)."""

    path: Path
    theme: ThemeChoice | None = None


@dataclass(frozen=True)
class Cancel(Message):
    """Gives up what is computed, looked for or painted; what was recorded so far stays."""


@dataclass(frozen=True)
class HoldComputing(Message):
    """Halts what is computed where it is, or lets it go on; an edit begins anew and is not held."""

    on: bool


@dataclass(frozen=True)
class DismissNotice(Message): ...


# The worker answers.


@dataclass(frozen=True)
class Surveyed(Message):
    generation: int
    surface: Surface


@dataclass(frozen=True)
class Computed(Message):
    """All of a run so far: ``chunk`` begins with its first step, and is whole if it has a trajectory. ``last`` with the final one of the
    scenario.
    """

    generation: int
    chunk: Chunk
    last: bool = False


@dataclass(frozen=True)
class Predicted(Message):
    """What the network of run ``run`` says with its weights before step ``step``."""

    generation: int
    run: int
    step: int
    answers: Answers


@dataclass(frozen=True)
class RateFound(Message):
    """The learning rate that ``FindRate`` asked for, meant for ``before``, the run as it was then. If that has changed, or nobody looks for
    a rate of this run any more, it is dropped.
    """

    run: int
    before: Run
    rate: float


@dataclass(frozen=True)
class Painting(Message):
    """So much of a picture is painted; 1: it is written."""

    share: float


@dataclass(frozen=True)
class CsvRead(Message):
    path: str
    target: str | None
    dataset: Dataset


@dataclass(frozen=True)
class Opened(Message):
    scenario: Scenario
    path: Path | None


@dataclass(frozen=True)
class Saved(Message):
    scenario: Scenario
    path: Path


@dataclass(frozen=True)
class Failed(Message):
    """Something went wrong, in words for the user. ``generation`` None: it was not a computation. ``effect`` is what was to be done."""

    text: str
    generation: int | None = None
    effect: Effect | None = None


@dataclass(frozen=True)
class Told(Message):
    """Something the user should know that is not an error."""

    text: str


# Effects.


@dataclass(frozen=True)
class Compute(Effect):
    """Run the scenario (and survey its landscape unless ``survey`` is off), dropping what is under way.

    With ``live`` (a step of a drag) what is under way gets a moment to be finished, or a drag that is faster than the computation would
    never show anything.
    """

    generation: int
    scenario: Scenario
    survey: bool = True
    live: bool = False


@dataclass(frozen=True)
class Predict(Effect):
    """Find what networks say with weights that were kept on the way; the answers are many ``Predicted``.

    ``wanted`` has a run's snapshots and the numbers of those that are wanted, in the order in which they are; what is nearest to ``step``
    comes first.
    """

    generation: int
    scenario: Scenario
    wanted: Mapping[int, tuple[Snapshots, tuple[int, ...]]]
    step: float


@dataclass(frozen=True)
class FindRate(Effect):
    """Find a learning rate of run ``run`` that is ``too small``, ``stable`` or ``too large``; the answer is ``RateFound``."""

    scenario: Scenario
    run: int
    preset: str


@dataclass(frozen=True)
class Stop(Effect):
    """Give up computations, searches for learning rates and pictures. Files are read and written to their end."""


@dataclass(frozen=True)
class Hold(Effect):
    """Computations wait, or go on. The next one does not wait."""

    on: bool


@dataclass(frozen=True)
class Read(Effect):
    source: str


@dataclass(frozen=True)
class ReadCsv(Effect):
    path: str
    target: str | None


@dataclass(frozen=True)
class Write(Effect):
    scenario: Scenario
    path: Path


@dataclass(frozen=True)
class Render(Effect):
    """Paint the scenario's picture into a file."""

    scenario: Scenario
    path: Path
    theme: ThemeChoice
