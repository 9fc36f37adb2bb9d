"""What can happen, as plain data: playing, the application, the worker's answers (``changes.py`` has what changes the scenario)."""

from dataclasses import dataclass
from pathlib import Path

from gdsim.app.effects import Effect
from gdsim.app.state import ThemeChoice
from gdsim.networks.dataset import Dataset
from gdsim.simulation.answers import Answers
from gdsim.simulation.scenario import Run, Scenario
from gdsim.simulation.surface import Surface
from gdsim.simulation.trajectory import Chunk


class Message:
    """Something that happened: the user did it, time passed, or the worker answered."""


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
class Compiling(Message):
    """Whether kernels are being compiled by now: nothing moves meanwhile."""

    on: bool


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
