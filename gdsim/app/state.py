"""AppState: all that the window shows, as one frozen value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from gdsim.app.charted import Charted, Looked
from gdsim.harness.report import Report
from gdsim.simulation.answers import Answers
from gdsim.simulation.ensemble import Ensemble, meets_chance
from gdsim.simulation.loss_plane import Directions, LossPlane
from gdsim.simulation.ruler import Ruler
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import Surface
from gdsim.simulation.trajectory import Steps
from gdsim.simulation.unit_maps import UnitMaps
from gdsim.simulation.verdict import Verdict

ThemeChoice = Literal["system", "light", "dark"]


@dataclass(frozen=True, eq=False)
class Track:
    """What is known so far of one run: its recorded steps, and its verdict once it is whole."""

    generation: int
    steps: Steps
    verdict: Verdict | None = None
    converged_at: int | None = None
    diverged_at: int | None = None

    @property
    def last_step(self) -> int:
        return len(self.steps.losses) - 1


@dataclass(frozen=True, eq=False)
class Said:
    """What is known so far of what a network said on its way: its answers by the step before which it had these weights."""

    generation: int
    answers: Mapping[int, Answers]

    def near(self, step: float) -> Answers:
        """The answers that are known nearest to ``step``."""
        return self.answers[min(self.answers, key=lambda known: abs(known - step))]


@dataclass(frozen=True, eq=False)
class Unfoldings:
    """What is known so far of what the units of run ``run`` said on its way, by the step before which it had these weights."""

    generation: int
    run: int
    maps: Mapping[int, UnitMaps]

    def near(self, step: float) -> UnitMaps:
        """The maps that are known nearest to ``step``."""
        return self.maps[min(self.maps, key=lambda known: abs(known - step))]


@dataclass(frozen=True, eq=False)
class Planed:
    """The loss plane of run ``run``; ``whole`` if a finer one is not to come."""

    generation: int
    run: int
    directions: Directions
    plane: LossPlane
    whole: bool


@dataclass(frozen=True, eq=False)
class ManySeeds:
    """Whether the runs are shown with many seeds; ``asked`` is the generation for which an ensemble was asked for, ``share`` of it is
    computed (None: none is on its way), ``ensemble`` is the last that came.
    """

    on: bool = False
    asked: int = -1
    share: float | None = None
    ensemble: Ensemble | None = None

    def after(self, before: Scenario, edited: Scenario) -> "ManySeeds":
        """The same after an edit: an ensemble on another ground, of other runs, or of no chance any more is none."""
        if self.ensemble is None and self.share is None:
            return self
        same = before.problem.ground == edited.problem.ground and len(before.runs) == len(edited.runs)
        return replace(self, share=None, ensemble=self.ensemble if same and meets_chance(edited) else None)


@dataclass(frozen=True, eq=False)
class Trying:
    """Trials of an optimizer. ``subject`` is the run (its number) or the optimizer of the catalogue (its name) that the user chose, None:
    the selected run; ``question`` numbers what was asked last, ``share`` of it is answered (None: nothing is on its way), ``report`` is
    what is known.
    """

    subject: int | str | None = None
    quick: bool = True
    question: int = 0
    share: float | None = None
    report: Report | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """A line for the user that stays until it is dismissed or replaced."""

    text: str
    is_error: bool = False


@dataclass(frozen=True, eq=False)
class AppState:
    """``tracks`` has one entry a run of the scenario (None until its first chunk came); those of an older generation stay until the new
    ones arrive, so that nothing flickers. ``said`` has what networks said on their way, and ``seeds`` what became of the runs with many
    seeds, in the same manner. ``rulers`` tell of each run with all learning rates; they were asked for of the scenario ``ruled``,
    and the user waits for that of ``awaited``.
    ``map`` is the map of the view of that name, ``under`` the one under the trails, and ``looked`` what the user wants of them.
    ``unfoldings`` and ``planed`` are about the selected run's network, for the views that show them. ``directions`` are those that the
    loss plane is spanned by, ``given_up`` is the generation for which the user did not wait for it. ``cloud`` says whether the gradients of
    single points are drawn, ``exact_script`` whether scripts take first weights and batches from here. ``trying`` has the trials of an
    optimizer. ``playhead`` is a step, fractional while playing. ``speed`` multiplies the natural pace.
    ``computing`` says whether the runs are on their way, ``compiling`` whether kernels are being compiled, so that nothing moves.
    ``sketch`` is shown in place of ``surface``: the ground of a formula that is typed, or not surveyed yet.
    ``sought`` says for which runs a learning rate is looked for, and which (too small, stable, too large); ``painting`` is the share of a
    picture that is painted, None if there is none to paint. ``view`` names the view that the user chose; where it does not fit the problem,
    another is shown.
    """

    scenario: Scenario
    saved: Scenario
    path: Path | None = None
    surface: Surface | None = None
    sketch: Surface | None = None
    tracks: tuple[Track | None, ...] = ()
    said: tuple[Said | None, ...] = ()
    seeds: ManySeeds = ManySeeds()
    rulers: tuple[Ruler | None, ...] = ()
    ruled: Scenario | None = None
    awaited: Scenario | None = None
    looked: Looked = field(default_factory=Looked)
    map: Charted = field(default_factory=Charted)
    under: Charted = field(default_factory=Charted)
    trying: Trying = Trying()
    unfoldings: Unfoldings | None = None
    planed: Planed | None = None
    directions: Directions = "trajectory"
    given_up: int = -1
    generation: int = 0
    computing: bool = False
    compiling: bool = False
    held: bool = False
    sought: Mapping[int, str] = field(default_factory=dict)
    painting: float | None = None
    playhead: float = 0.0
    playing: bool = False
    speed: float = 1.0
    selected: int = 0
    undone: tuple[Scenario, ...] = ()
    done: tuple[Scenario, ...] = ()
    editing: str | None = None
    notice: Notice | None = None
    theme: ThemeChoice = "system"
    view: str | None = None
    cloud: bool = False
    exact_script: bool = True
    since: int = 0
    wanted: float = 0.0

    @property
    def dirty(self) -> bool:
        """Whether there is something that is not saved."""
        return self.scenario != self.saved

    @property
    def ground(self) -> Surface | None:
        """The surface to show."""
        return self.sketch or self.surface

    @property
    def last_step(self) -> int:
        """The last step that any run recorded: where the timeline ends."""
        return max((track.last_step for track in self.tracks if track is not None), default=0)
