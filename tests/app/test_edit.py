"""Edits: what each message makes of the scenario, and when something is computed again."""

import math
from dataclasses import replace
from pathlib import Path

import pytest

from gdsim.app import messages as m
from gdsim.app.changes import (
    AddRun,
    ApplyPreset,
    DuplicateRun,
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
from gdsim.app.effects import Compute, Effect, FindRate, Hold, Render, Stop
from gdsim.app.presets import same_scale
from gdsim.app.update import HANDLERS, initial, update
from gdsim.app.work import HANDLERS as WORK
from gdsim.app.worker import URGENCY
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.scenario import MOST_RUNS, NormalStart
from gdsim.simulation.verdict import Outcome, Rate, Verdict
from tests.app.scenes import after, begun, scenario


def test_every_message_and_every_effect_is_handled():
    assert set(HANDLERS) == set(m.Message.__subclasses__())
    assert set(WORK) == set(URGENCY) == set(Effect.__subclasses__()) - {Stop, Hold}  # which are no work


def compute(effects):
    return [effect for effect in effects if isinstance(effect, Compute)]


def test_the_application_starts_computing_and_playing():
    state, effects = initial(scenario())
    assert effects == (Compute(1, scenario(), survey=True),)
    assert state.computing
    assert state.playing
    assert not state.dirty
    assert state.tracks == (None, None)


@pytest.mark.parametrize(
    ("message", "look", "value"),
    [
        (SetParam(0, "learning_rate", 0.02), lambda s: s.runs[0].learning_rate, 0.02),
        (SetParam(1, "amsgrad", True), lambda s: s.runs[1].amsgrad, True),
        (SetStart((1.0, 2.0)), lambda s: s.start, (1.0, 2.0)),
        (SetStart((1.0, 2.0), run=1), lambda s: s.runs[1].start, (1.0, 2.0)),
        (SetSteps(77), lambda s: s.steps, 77),
        (SetLandscape("rosenbrock"), lambda s: s.problem.landscape, "rosenbrock"),
        (SetRandomStart(2.0), lambda s: (s.start, s.seed), (NormalStart(normal=2.0), 1)),
        (SetRandomStart(2.0, reroll=False), lambda s: (s.start, s.seed), (NormalStart(normal=2.0), 0)),
        (SetOptimizer(0, "adam"), lambda s: s.runs[0].optimizer, "adam"),
        (AddRun("adam"), lambda s: (len(s.runs), s.runs[2].optimizer), (3, "adam")),
        (DuplicateRun(1), lambda s: s.runs[2].changed(label="Adam"), scenario().runs[1]),
        (RemoveRun(0), lambda s: s.runs, scenario().runs[1:]),
    ],
)
def test_an_edit_of_numbers_computes_them_again(message, look, value):
    before = begun()
    state, effects = update(before, message)
    assert look(state.scenario) == value
    assert state.notice is None
    assert state.generation == before.generation + 1
    assert [(e.generation, e.scenario) for e in compute(effects)] == [(state.generation, state.scenario)]
    assert state.computing
    assert state.dirty
    assert len(state.tracks) == len(state.scenario.runs)
    assert state.done == (before.scenario,)
    assert update(state, Undo())[0].scenario is before.scenario


def test_a_landscapes_parameter():
    before = begun(scenario("rosenbrock"))
    state, effects = update(before, SetLandscapeParam("b", 10.0))
    assert state.scenario.landscape.values == (1.0, 10.0)
    assert compute(effects)[0].survey
    assert update(state, SetLandscape("rosenbrock"))[0].scenario == before.scenario


@pytest.mark.parametrize("message", [SetLabel(0, "mine"), SetTitle("Mine")])
def test_words_are_not_computed(message):
    state, effects = update(begun(), message)
    assert effects == ()
    assert not state.computing
    assert state.dirty
    assert state.generation == 1


@pytest.mark.parametrize(
    "message",
    [
        SetParam(0, "learning_rate", math.nan),
        SetParam(0, "learning_rate", -1.0),
        SetParam(0, "learning_rate", math.inf),
        SetParam(0, "no such", 1.0),
        SetParam(0, "nesterov", 0.5),
        SetOptimizer(0, "amad"),
        SetLabel(0, "x" * 81),
        SetStart((1.0,)),
        SetStart((1.0, math.inf)),
        SetStart((1.0, math.nan), run=1),
        SetStart((1.0, 2.0, 3.0), run=1),
        SetRandomStart(0.0),
        SetRandomStart(math.nan),
        SetLandscape("himmelbleu"),
        SetLandscapeParam("a", 1.0),
        SetSteps(0),
        SetSteps(10**12),
        SetTitle("x" * 201),
        AddRun("amad"),
        ApplyPreset(0, "perfect"),
    ],
)
def test_what_is_not_allowed_is_said_and_changes_nothing(message):
    before = begun()
    state, effects = update(before, message)
    assert effects == ()
    assert state.notice is not None
    assert state.notice.is_error
    assert state.notice.text
    assert "Traceback" not in state.notice.text
    assert (state.scenario, state.done, state.generation) == (before.scenario, before.done, before.generation)


@pytest.mark.parametrize("run", [-1, 2, 99])
@pytest.mark.parametrize(
    "make",
    [
        lambda run: SetParam(run, "learning_rate", 0.5),
        lambda run: SetOptimizer(run, "adam"),
        lambda run: SetLabel(run, "late"),
        lambda run: SetStart((0.0, 0.0), run=run),
        DuplicateRun,
        RemoveRun,
        m.SelectRun,
        lambda run: ApplyPreset(run, "stable"),
    ],
)
def test_a_message_about_a_run_that_is_gone_is_nothing(make, run):
    before = begun()
    assert update(before, make(run)) == (before, ())


def test_one_start_for_all_takes_the_place_of_own_ones():
    own = begun(scenario(start=(0.0, 0.0)), 41)
    own = after(own, SetStart((3.0, 3.0), run=1))
    assert after(own, SetStart((1.0, 1.0))).scenario.runs[1].start is None
    assert after(own, SetRandomStart()).scenario.runs[1].start is None
    moved = after(own, SetLandscape("double_well")).scenario
    assert (moved.start, moved.runs[1].start) == (None, None)


@pytest.mark.parametrize("name", LANDSCAPES)
def test_every_landscape_can_follow_every_other(name):
    for first in ("himmelblau", "double_well"):
        state = after(begun(scenario(first, start=(1.0,) * LANDSCAPES[first].dim)), SetLandscape(name))
        assert state.notice is None
        assert state.scenario.problem.landscape == name
        if name != first:
            assert state.tracks == (None, None)


def test_starts_on_a_curve_have_one_coordinate():
    curve = begun(scenario("double_well"))
    assert after(curve, SetStart((0.5,))).scenario.start == (0.5,)
    assert after(curve, SetStart((0.5, 1.0))).notice.is_error


def test_labels_stay_distinct():
    state = begun(scenario(runs=1))
    state = after(state, *[AddRun("adam")] * 3, DuplicateRun(1), DuplicateRun(2))
    labels = [run.label or run.rule.title for run in state.scenario.runs]
    assert len(set(labels)) == len(labels)
    assert labels[1:4] == ["Adam", "Adam 2", "Adam 3"]
    long = after(state, SetLabel(0, "y" * 80), DuplicateRun(0), DuplicateRun(0))
    assert long.notice is None
    assert len({run.label for run in long.scenario.runs}) == len(long.scenario.runs)


def test_there_is_room_for_so_many_runs_only():
    full = begun(scenario(runs=MOST_RUNS))
    for message in (AddRun(), DuplicateRun(0)):
        state, effects = update(full, message)
        assert (state.scenario, effects) == (full.scenario, ())
        assert str(MOST_RUNS) in state.notice.text


def test_the_last_run_stays_and_selection_follows():
    state = after(begun(scenario(runs=4)), m.SelectRun(2))
    chosen = state.scenario.runs[2]
    assert after(state, RemoveRun(3)).selected == 2
    kept = after(state, RemoveRun(0))
    assert kept.scenario.runs[kept.selected] == chosen
    assert after(state, RemoveRun(2), RemoveRun(2)).selected == 1
    alone = begun(scenario(runs=1))
    assert update(alone, RemoveRun(0)) == (alone, ())
    assert after(state, AddRun()).selected == 4
    assert after(state, DuplicateRun(0)).selected == 4


def test_tracks_of_runs_that_stay_are_shown_until_their_new_ones_come():
    state = begun(scenario(runs=3), rows=(10, 20, 30))
    gone = after(state, RemoveRun(0))
    assert gone.tracks == state.tracks[1:]
    assert after(gone, Undo()).tracks == (None, *state.tracks[1:])
    assert after(state, AddRun()).tracks == (*state.tracks, None)
    assert after(state, SetStart((0.0, 0.0))).tracks == state.tracks


@pytest.mark.parametrize("old", OPTIMIZERS)
def test_another_optimizer(old):
    decay = {"weight_decay": 0.25} if "weight_decay" in OPTIMIZERS[old].defaults else {}
    table = {"optimizer": old, "learning_rate": 0.123, "start": (1.0, 2.0)} | decay
    before = begun(scenario().changed(runs=(table,)))
    for new, rule in OPTIMIZERS.items():
        state, effects = update(before, SetOptimizer(0, new))
        run = state.scenario.runs[0]
        assert state.notice is None
        if old == new:
            assert state is before
            continue
        assert (run.optimizer, run.start) == (new, (1.0, 2.0))
        if "weight_decay" in rule.defaults:
            assert run.weight_decay == decay.get("weight_decay", rule.defaults["weight_decay"])
        asked = [effect for effect in effects if isinstance(effect, FindRate)]
        if same_scale(OPTIMIZERS[old], rule):
            assert run.learning_rate == 0.123
            assert not asked
        else:
            assert run.learning_rate == rule.defaults["learning_rate"]
            assert asked == [FindRate(state.scenario, 0, "stable")]


def test_what_is_alike():
    assert same_scale(OPTIMIZERS["adam"], OPTIMIZERS["rmsprop"])
    assert not same_scale(OPTIMIZERS["adam"], OPTIMIZERS["sgd"])
    assert not same_scale(OPTIMIZERS["newton"], OPTIMIZERS["sgd"])
    assert same_scale(OPTIMIZERS["newton"], OPTIMIZERS["bfgs"])


def test_what_was_left_at_its_default_takes_the_new_default():
    state = after(begun(), SetOptimizer(1, "adagrad"))
    assert state.scenario.runs[1].eps == OPTIMIZERS["adagrad"].defaults["eps"]
    state = after(begun(), SetParam(1, "eps", 1e-3), SetOptimizer(1, "adagrad"))
    assert state.scenario.runs[1].eps == 1e-3


def test_a_label_that_names_the_rule_names_the_new_one():
    state = after(begun(), AddRun("adam"), SetOptimizer(2, "rmsprop"), SetOptimizer(1, "rmsprop"))
    assert [run.label for run in state.scenario.runs] == ["", "RMSprop 2", "RMSprop"]
    mine = after(begun(), SetLabel(1, "mine"), SetOptimizer(1, "sgd"))
    assert mine.scenario.runs[1].label == "mine"


def test_a_found_rate_and_the_rule_it_is_for_are_one_step_of_undo():
    before = begun()
    state, effects = update(before, SetOptimizer(0, "adam"))
    ask = effects[-1]
    answer = m.RateFound(ask.run, ask.scenario.runs[0], 0.05)
    found = after(state, answer)
    assert found.scenario.runs[0].learning_rate == 0.05
    assert len(found.done) == 1
    assert after(found, Undo()).scenario is before.scenario
    assert after(state, SetLabel(0, "mine"), answer).scenario.runs[0].learning_rate == 0.05
    for meanwhile in (Undo(), RemoveRun(0), SetParam(0, "learning_rate", 0.3)):
        other = after(state, meanwhile)
        assert after(other, answer).scenario is other.scenario


def judged(*rates):
    """Runs with those verdicts on their learning rates."""
    state = begun(scenario(runs=len(rates)))
    verdicts = [None if rate is None else Verdict(Outcome.TOO_SLOW, rate, "made up") for rate in rates]
    return replace(state, tracks=tuple(replace(track, verdict=v) for track, v in zip(state.tracks, verdicts, strict=True)))


def test_another_landscape_keeps_each_runs_role_in_one_step_of_undo():
    before = judged(Rate.TOO_LARGE, None, Rate.STABLE)
    state, effects = update(before, SetLandscape("rosenbrock"))
    asked = effects[1:]
    assert asked == (FindRate(state.scenario, 0, "too large"), FindRate(state.scenario, 2, "stable"))
    answers = [m.RateFound(ask.run, state.scenario.runs[ask.run], rate) for ask, rate in zip(asked, (0.5, 0.25), strict=True)]
    found = after(state, answers[0])
    assert found.sought == {2: "stable"}
    found = after(found, answers[1])
    assert [run.learning_rate for run in found.scenario.runs] == [0.5, before.scenario.runs[1].learning_rate, 0.25]
    assert found.done == (before.scenario,)
    assert not found.sought
    assert after(found, Undo()).scenario is before.scenario
    mine = after(found, SetParam(0, "learning_rate", 0.125))
    assert len(mine.done) == 2
    assert update(mine, SetLandscapeParam("b", 7.0))[1][1:] == ()


def test_rates_for_a_landscape_that_was_left_are_dropped_and_its_roles_kept():
    before = judged(Rate.TOO_SMALL, Rate.STABLE)
    state = after(before, SetLandscape("rosenbrock"))
    late = m.RateFound(0, state.scenario.runs[0], 0.5)
    back = after(state, Undo(), late)
    assert back.scenario is before.scenario
    assert not back.sought
    on, effects = update(state, SetLandscape("rastrigin"))
    assert on.sought == {0: "too small", 1: "stable"}
    assert [effect.preset for effect in effects[1:]] == ["too small", "stable"]


def test_the_same_landscape_again_looks_for_nothing():
    state, effects = update(judged(Rate.STABLE), SetLandscape("himmelblau"))
    assert not state.sought
    assert effects == ()


def test_a_switch_brings_along_what_it_needs_and_a_number_turns_it_off():
    before = begun()
    on = after(before, SetParam(0, "nesterov", True))
    values = on.scenario.runs[0].values
    assert (values["nesterov"], values["momentum"], values["dampening"]) == (True, 0.9, 0.0)
    assert (on.done, on.notice) == ((before.scenario,), None)
    chosen = after(before, SetParam(0, "momentum", 0.5), SetParam(0, "dampening", 0.25), SetParam(0, "nesterov", True))
    values = chosen.scenario.runs[0].values
    assert (values["nesterov"], values["momentum"], values["dampening"]) == (True, 0.5, 0.0)
    for name, value in (("momentum", 0.0), ("dampening", 0.1)):
        off = after(on, SetParam(0, name, value))
        values = off.scenario.runs[0].values
        assert (values["nesterov"], values[name]) == (False, value)
        assert off.done == (before.scenario, on.scenario)


def test_an_export_is_painted_in_the_theme_that_is_shown():
    for theme, shown, painted in (("system", "dark", "dark"), ("system", "light", "light"), ("dark", None, "dark")):
        state, effects = update(after(begun(), m.SetTheme(theme)), m.ExportPicture(Path("a.png"), shown))
        assert effects == (Render(state.scenario, Path("a.png"), painted),)


def test_a_preset_is_asked_for_and_is_a_step_of_its_own():
    before = begun()
    state, effects = update(before, ApplyPreset(1, "too large"))
    assert effects == (FindRate(before.scenario, 1, "too large"),)
    assert (state.scenario, state.done, state.sought) == (before.scenario, (), {1: "too large"})
    found = after(state, m.RateFound(1, before.scenario.runs[1], 7.0))
    assert found.scenario.runs[1].learning_rate == 7.0
    assert found.done == (before.scenario,)
    bad = after(state, m.RateFound(1, before.scenario.runs[1], math.nan))
    assert bad.notice.is_error
    assert bad.scenario is before.scenario
