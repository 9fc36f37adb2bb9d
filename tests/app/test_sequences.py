"""Whatever is sent, in whatever order: nothing raises, and what must hold holds."""

import math
from functools import partial
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from gdsim.app import messages as m
from gdsim.app.changes import (
    AddRun,
    ApplyPreset,
    DuplicateRun,
    Redo,
    RemoveRun,
    SetLabel,
    SetLandscape,
    SetLandscapeParam,
    SetOptimizer,
    SetParam,
    SetRandomStart,
    SetStart,
    SetSteps,
    SetTitle,
    Undo,
)
from gdsim.app.effects import Compute, FindRate
from gdsim.app.history import MOST_UNDO
from gdsim.app.under_way import under_way
from gdsim.app.update import initial, update
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import MOST_RUNS, Scenario
from tests.app.scenes import computed, scenario, whole

numbers = st.one_of(st.floats(-1e3, 1e3), st.sampled_from([0.0, -0.0, 1e308, math.inf, -math.inf, math.nan]))
indices = st.integers(-1, 5)
parameters = st.sampled_from(sorted({name for rule in OPTIMIZERS.values() for name in rule.defaults} | {"a", "b", "nothing"}))
positions = st.lists(numbers, min_size=0, max_size=3).map(tuple)
live = st.booleans()

EDITS = (
    st.builds(SetParam, indices, parameters, st.one_of(numbers, st.booleans()), live),
    st.builds(SetOptimizer, indices, st.sampled_from([*OPTIMIZERS, "nothing"])),
    st.builds(SetLabel, indices, st.text(max_size=100)),
    st.builds(SetStart, positions, st.one_of(st.none(), indices), live),
    st.builds(SetRandomStart, numbers, st.booleans()),
    st.builds(SetLandscape, st.sampled_from([*LANDSCAPES, "nothing"])),
    st.builds(SetLandscapeParam, parameters, numbers, live),
    st.builds(SetSteps, st.one_of(st.integers(1, 300), st.integers())),
    st.builds(SetTitle, st.text(max_size=10)),
    st.builds(AddRun, st.sampled_from([*OPTIMIZERS, "nothing"])),
    st.builds(DuplicateRun, indices),
    st.builds(RemoveRun, indices),
)
OTHERS = (
    st.builds(Undo),
    st.builds(Redo),
    st.builds(m.Play),
    st.builds(m.Pause),
    st.builds(m.StepBy, st.integers()),
    st.builds(m.Seek, numbers),
    st.builds(m.SetSpeed, numbers),
    st.builds(m.Tick, numbers),
    st.builds(m.SelectRun, indices),
    st.builds(m.SetTheme, st.sampled_from(["system", "light", "dark"])),
    st.builds(ApplyPreset, indices, st.sampled_from(["too small", "stable", "too large", "nothing"])),
    st.builds(m.NewScenario),
    st.builds(m.OpenFile, st.text(max_size=5)),
    st.builds(m.SaveFile),
    st.builds(m.DismissNotice),
    st.builds(m.Cancel),
    st.builds(m.ExportPicture, st.just(Path("a.gif")), st.sampled_from([None, "light", "dark"])),
    st.builds(m.Painting, st.floats(0.0, 1.0)),
    st.builds(m.Told, st.text(max_size=5)),
    st.builds(m.Failed, st.text(max_size=5), st.one_of(st.none(), st.integers(-1, 30))),
)


def answer(rows, state):
    """The worker's whole answer to the newest question."""
    return computed(state, rows)


def scrap(generation, run, rows, last, state):
    """An answer that may be stale."""
    chunk = whole(run, rows, state.scenario.landscape.dim)
    return update(state, m.Computed(state.generation - generation, chunk, last=last and generation > 0))[0]


def rate(run, value, state):
    """A found rate, for a run that may have changed since."""
    before = state.scenario.runs[min(max(run, 0), len(state.scenario.runs) - 1)]
    return update(state, m.RateFound(run, before, value))[0]


def message(sent, state):
    return update(state, sent)[0]


moves = st.one_of(
    *(edit.map(lambda sent: partial(message, sent)) for edit in EDITS + OTHERS),
    st.builds(partial, st.just(answer), st.integers(1, 60)),
    st.builds(partial, st.just(scrap), st.integers(0, 4), indices, st.integers(1, 60), st.booleans()),
    st.builds(partial, st.just(rate), indices, numbers),
)


def check(state):
    runs = len(state.scenario.runs)
    assert 1 <= runs <= MOST_RUNS
    assert 0 <= state.selected < runs
    assert len(state.tracks) == runs
    assert 0.0 <= state.playhead < math.inf
    assert state.computing or state.playhead <= state.last_step
    assert math.isfinite(state.speed)
    assert state.since <= state.generation
    assert set(state.sought.values()) <= {"too small", "stable", "too large"}
    progress = under_way(state)
    assert (progress is None) == (not state.computing and not state.sought and state.painting is None)
    assert progress is None or progress.share is None or 0.0 <= progress.share <= 1.0
    assert len(state.done) <= MOST_UNDO
    assert state.dirty == (state.scenario != state.saved)
    dim = state.scenario.landscape.dim
    for track in state.tracks:
        if track is not None:
            assert track.steps.positions.shape[1] == dim
            assert track.generation <= state.generation
    Scenario.model_validate(state.scenario.model_dump())


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 4), st.sampled_from(["himmelblau", "rosenbrock", "double_well"]), st.lists(moves, max_size=25))
def test_any_sequence(runs, landscape, sequence):
    state, _ = initial(scenario(landscape, runs=runs))
    for move in sequence:
        state = move(state)
        check(state)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(*EDITS), max_size=20))
def test_undo_all_the_way_and_redo_all_the_way(edits):
    first = computed(initial(scenario(runs=3))[0])
    state = first
    for edit in edits:
        state, effects = update(state, edit)
        for effect in effects:
            if isinstance(effect, FindRate):
                state, _ = update(state, m.RateFound(effect.run, effect.scenario.runs[effect.run], 0.125))
    last, steps = state.scenario, len(state.done)
    generations = [state.generation]
    for _ in range(steps):
        state, _ = update(state, Undo())
        check(state)
        generations.append(state.generation)
    assert state.scenario is first.scenario
    assert not state.dirty
    assert state.done == ()
    for _ in range(steps):
        state, _ = update(state, Redo())
        check(state)
        generations.append(state.generation)
    assert state.scenario is last
    assert state.undone == ()
    assert generations == sorted(generations)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.one_of(*EDITS), max_size=15))
def test_whatever_changes_the_numbers_is_asked_for_and_nothing_else(edits):
    state, _ = initial(scenario(runs=2))
    for edit in edits:
        before = state
        state, effects = update(before, edit)
        asked = [effect for effect in effects if isinstance(effect, Compute)]
        same = before.scenario.model_dump(exclude={"title": True, "runs": {"__all__": {"label"}}}) == state.scenario.model_dump(
            exclude={"title": True, "runs": {"__all__": {"label"}}}
        )
        assert bool(asked) == (not same)
        for effect in asked:
            assert (effect.generation, effect.scenario) == (state.generation, state.scenario)
            assert state.computing
