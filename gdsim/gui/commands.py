"""What can be commanded by a key, a button or a menu, declared once: menus, tooltips and the list of shortcuts are made from it."""

from collections.abc import Callable
from dataclasses import dataclass

from gdsim.app import messages as m
from gdsim.app.changes import AddRun, ApplyPreset, DuplicateRun, Redo, RemoveRun, SetRandomStart, Undo
from gdsim.app.many_seeds import SEEDS, ShowManySeeds
from gdsim.app.mapping import ShowBasins
from gdsim.app.state import AppState
from gdsim.app.under_way import under_way
from gdsim.simulation.ensemble import meets_chance
from gdsim.simulation.step_noise import has_cloud

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
MOST_CARDS = 64


def neighbour(speed: float, up: bool) -> float:
    """The next of ``SPEEDS`` above or below ``speed``."""
    if up:
        return min((s for s in SPEEDS if s > speed), default=SPEEDS[-1])
    return max((s for s in SPEEDS if s < speed), default=SPEEDS[0])


def always(_state: AppState) -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """``text`` names it in a menu, ``tip`` says what it does, ``keys`` are its shortcuts (the first is shown).

    ``message`` makes what is sent; a command without one is carried out by the window, which has a method of that name. One that switches
    something on and off says whether it is ``on``.
    """

    name: str
    group: str
    text: str
    tip: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    message: Callable[[AppState], m.Message] | None = None
    enabled: Callable[[AppState], bool] = always
    on: Callable[[AppState], bool] | None = None


def _preset(preset: str) -> Callable[[AppState], m.Message]:
    return lambda state: ApplyPreset(state.selected, preset)


PLAYING, EDITING, FILES, WINDOW = "Playing", "Runs", "Files", "Window"

COMMANDS = (
    Command(
        "play",
        PLAYING,
        "Play or pause",
        "Play the runs, or pause",
        "play",
        ("Space",),
        lambda state: m.Pause() if state.playing else m.Play(),
    ),
    Command("step_back", PLAYING, "Step back", "One step back", "skip-previous", ("Left",), lambda _: m.StepBy(-1)),
    Command("step_forward", PLAYING, "Step forward", "One step forward", "skip-next", ("Right",), lambda _: m.StepBy(1)),
    Command("to_start", PLAYING, "To the start", "Back to the first point", "skip-backward", ("Home",), lambda _: m.Seek(0.0)),
    Command(
        "to_end", PLAYING, "To the end", "On to the last point", "skip-forward", ("End",), lambda state: m.Seek(float(state.last_step))
    ),
    Command("faster", PLAYING, "Faster", "Play faster", "", ("+", "="), lambda state: m.SetSpeed(neighbour(state.speed, True))),
    Command("slower", PLAYING, "Slower", "Play slower", "", ("-",), lambda state: m.SetSpeed(neighbour(state.speed, False))),
    Command("too_small", EDITING, "Rate: too small", "Give the selected run a rate too small", "", ("1",), _preset("too small")),
    Command("stable", EDITING, "Rate: stable", "Give the selected run a stable rate", "", ("2",), _preset("stable")),
    Command("too_large", EDITING, "Rate: too large", "Give the selected run a rate too large", "", ("3",), _preset("too large")),
    Command(
        "random_start",
        EDITING,
        "Random start",
        "Start all runs from a random point",
        "dice-5-outline",
        ("R",),
        lambda _: SetRandomStart(),
    ),
    Command(
        "add",
        EDITING,
        "Add run",
        "Add a run",
        "plus",
        ("Ctrl+Return",),
        lambda _: AddRun(),
        lambda state: len(state.scenario.runs) < MOST_CARDS,
    ),
    Command(
        "duplicate",
        EDITING,
        "Duplicate run",
        "Duplicate the selected run",
        "content-copy",
        ("Ctrl+D",),
        lambda state: DuplicateRun(state.selected),
        lambda state: len(state.scenario.runs) < MOST_CARDS,
    ),
    Command(
        "remove",
        EDITING,
        "Remove run",
        "Remove the selected run",
        "close",
        ("Del",),
        lambda state: RemoveRun(state.selected),
        lambda state: len(state.scenario.runs) > 1,
    ),
    Command(
        "many_seeds",
        EDITING,
        "Many seeds",
        f"Run all with {SEEDS:,} seeds: where they end, the band of their losses, how many converge",
        "chart-bell-curve",
        ("M",),
        lambda state: ShowManySeeds(not state.seeds.on),
        lambda state: state.seeds.on or meets_chance(state.scenario),
        lambda state: state.seeds.on,
    ),
    Command("undo", EDITING, "Undo", "Undo the last change", "undo", ("Ctrl+Z",), lambda _: Undo(), lambda state: bool(state.done)),
    Command(
        "redo",
        EDITING,
        "Redo",
        "Do again what was undone",
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        lambda _: Redo(),
        lambda state: bool(state.undone),
    ),
    Command("new", FILES, "New", "Begin anew with the demonstration", "file-outline", ("Ctrl+N",)),
    Command("open", FILES, "Open…", "Open a scenario", "folder-open-outline", ("Ctrl+O",)),
    Command("save", FILES, "Save", "Save the scenario", "content-save-outline", ("Ctrl+S",)),
    Command("save_as", FILES, "Save as…", "Save the scenario under another name", "", ("Ctrl+Shift+S",)),
    Command("export", FILES, "Export picture…", "Export the picture (PNG, SVG, PDF, or an animated GIF)", "image-outline", ("Ctrl+E",)),
    Command(
        "save_script",
        FILES,
        "Save PyTorch script…",
        "Save the selected run as a script for PyTorch, with the files that it reads beside it",
        "",
        ("Ctrl+Shift+E",),
    ),
    Command(
        "save_map",
        FILES,
        "Save map…",
        "Save what is in view of the map: a picture, or every run as a table",
        "",
        enabled=lambda state: state.map.picture is not None,
    ),
    Command("theme", WINDOW, "Light or dark", "Change between light and dark", "theme-light-dark", ("Ctrl+T",)),
    Command("shortcuts", WINDOW, "Keyboard and about", "Keyboard shortcuts, and about gdsim", "help-circle-outline", ("F1",)),
    Command("landscape", WINDOW, "Choose landscape", "Choose a landscape", "", ("L",)),
    Command("fit", WINDOW, "Whole landscape", "Show the whole landscape after zooming", "", ("F",)),
    Command(
        "cloud",
        WINDOW,
        "Gradient cloud",
        "Show the gradients of single points, of the batch and of all, and the noise between them",
        "",
        ("G",),
        lambda state: m.ShowCloud(not state.cloud),
        lambda state: has_cloud(state.scenario),
    ),
    Command(
        "basins",
        WINDOW,
        "Basins",
        "Colour the ground by what becomes of the selected run from every start",
        "",
        ("B",),
        lambda state: ShowBasins(not state.looked.basins),
        lambda state: not state.scenario.is_network and state.scenario.landscape.dim == 2,
    ),
    Command("next_view", WINDOW, "Next view", "Show the next view; Ctrl+1, Ctrl+2, ... show each", "", ("Ctrl+Tab",)),
    Command(
        "hold",
        PLAYING,
        "Pause computing",
        "Halt what is being computed, or let it go on",
        "pause-circle-outline",
        ("P",),
        lambda state: m.HoldComputing(not state.held),
        lambda state: state.computing,
    ),
    # One key for two: what is under way is given up first.
    Command(
        "cancel",
        WINDOW,
        "Cancel",
        "Give up what is being computed or painted",
        "",
        ("Esc",),
        lambda _: m.Cancel(),
        lambda state: under_way(state) is not None,
    ),
    Command(
        "dismiss",
        WINDOW,
        "Dismiss message",
        "Dismiss the message",
        "",
        ("Esc",),
        lambda _: m.DismissNotice(),
        lambda state: under_way(state) is None,
    ),
    Command("quit", WINDOW, "Quit", "Close the window", "", ("Ctrl+Q",)),
)
