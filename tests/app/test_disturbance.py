"""Noise, motion, limits, Lookahead and prototypes edited in the application: as plain data, with undo."""

from functools import reduce

import pytest

from gdsim.app.changes import SetFormula, SetLandscape, SetLimit, SetLookahead, SetMotion, SetNoise, SetOptimizer, SetPrototype, Undo
from gdsim.app.edit_disturbance import another, possible, told
from gdsim.app.edit_options import LIMITS, options_told
from gdsim.app.edit_prototype import FIRST, Curves, choices, curves_of
from gdsim.app.effects import Compute, FindRate
from gdsim.app.update import update
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.landscapes.prototypes import COMBINATIONS, PROTOTYPES, SCALES
from gdsim.landscapes.prototypes.text import MOST_PIECES
from gdsim.simulation.disturbed import MOST_NOISES
from gdsim.simulation.scenario import Run
from tests.app.scenes import Driver, after, begun, scenario


@pytest.mark.parametrize("kind", NOISES)
def test_every_noise_is_set_changed_and_undone(kind):
    before = begun()
    state, effects = update(before, SetNoise(({"kind": kind},)))
    (noise,) = state.scenario.problem.noise
    assert (noise.kind, noise.record.values) == (kind, NOISES[kind].values)
    assert [type(effect) for effect in effects] == [Compute]
    assert told(state.scenario.problem) == NOISES[kind].title
    for param in NOISES[kind].parameters:
        value = not param.default if param.is_switch else 0.5 * param.default + 0.125
        changed = after(state, SetNoise(({"kind": kind, param.name: value},)))
        assert getattr(changed.scenario.problem.noise[0], param.name) == value
    assert after(state, Undo()).scenario is before.scenario
    assert after(state, SetNoise(())).scenario == before.scenario


@pytest.mark.parametrize("kind", MOTIONS)
def test_every_motion_is_set_and_undone(kind):
    before = begun()
    state = after(before, SetMotion({"kind": kind}))
    assert state.scenario.landscape.motion == MOTIONS[kind]
    assert told(state.scenario.problem) == MOTIONS[kind].title
    assert after(state, Undo()).scenario is before.scenario
    assert after(state, SetMotion(None)).scenario == before.scenario


def test_a_drag_of_noise_is_one_step_of_undo():
    before = after(begun(), SetNoise(({"kind": "gaussian"},)))
    drag = [SetNoise(({"kind": "gaussian", "scale": scale},), live=True) for scale in (0.2, 0.3, 0.4)]
    state = after(before, *drag, SetNoise(({"kind": "gaussian", "scale": 0.4},)))
    assert state.scenario.problem.noise[0].scale == 0.4
    assert after(state, Undo()).scenario is before.scenario


@pytest.mark.parametrize("landscape", ["himmelblau", "double_well"])
def test_noises_are_added_until_no_more_fit(landscape):
    state = begun(scenario(landscape=landscape))
    while (more := another(state.scenario.problem)) is not None:
        tables = [noise.model_dump() for noise in state.scenario.problem.noise]
        state = after(state, SetNoise((*tables, more)))
        assert state.notice is None
    kinds = [noise.kind for noise in state.scenario.problem.noise]
    assert len(kinds) == len(set(kinds)) == MOST_NOISES
    assert set(kinds) <= {noise.name for noise in possible(state.scenario.problem)}
    assert told(state.scenario.problem).count(",") == MOST_NOISES - 1


@pytest.mark.parametrize(
    "message",
    [
        SetNoise(({"kind": "none"},)),
        SetNoise(({"kind": "gaussian", "scale": -1.0},)),
        SetMotion({"kind": "none"}),
        SetLimit(0, "clip_norm", -1.0),
        SetLookahead(0, {"k": 0}),
        SetPrototype("none"),
        SetPrototype("line-bend"),
        SetPrototype("line", "l7"),
    ],
)
def test_what_cannot_be_is_refused_in_words(message):
    before = begun()
    state, effects = update(before, message)
    assert (state.scenario, effects) == (before.scenario, ())
    assert state.notice.is_error


@pytest.mark.parametrize("message", [SetLimit(7, "clip_norm", 1.0), SetLookahead(-1, {})])
def test_runs_that_are_gone_are_left_alone(message):
    before = begun()
    assert update(before, message) == (before, ())


def test_noise_and_motion_stay_on_another_landscape_of_as_many_weights():
    before = after(begun(), SetNoise(({"kind": "curl"}, {"kind": "gaussian"})), SetMotion({"kind": "drift"}))
    there = after(before, SetLandscape("booth")).scenario.problem
    assert (there.landscape, there.noise, there.motion) == ("booth", before.scenario.problem.noise, before.scenario.problem.motion)
    assert told(after(before, SetLandscape("double_well")).scenario.problem) == ""
    assert told(after(before, SetPrototype("line", "l1")).scenario.problem) == "Curl, Gaussian noise, Drifting optimum"
    assert told(after(before, SetPrototype("line")).scenario.problem) == ""


@pytest.mark.parametrize("param", LIMITS, ids=lambda param: param.name)
def test_limits_are_set_and_taken_away(param):
    assert param.doc == Run.model_fields[param.name].description
    before = begun()
    state, effects = update(before, SetLimit(1, param.name, 0.25))
    assert getattr(state.scenario.runs[1], param.name) == 0.25
    assert [type(effect) for effect in effects] == [Compute]
    assert "0.25" in options_told(state.scenario.runs[1])
    assert after(state, SetLimit(1, param.name, None)).scenario == before.scenario
    assert options_told(before.scenario.runs[1]) == ""


def test_lookahead_is_set_and_gives_way_to_a_method_that_it_does_not_fit():
    before = begun()
    state = after(before, SetLookahead(0, {"k": 7, "alpha": 0.25}))
    assert len(state.scenario.runs[0].method.parameters) == len(state.scenario.runs[0].rule.parameters) + 2
    assert options_told(state.scenario.runs[0]) == "Lookahead"
    assert after(state, SetOptimizer(0, "rmsprop")).scenario.runs[0].lookahead.k == 7
    other = after(state, SetOptimizer(0, "bfgs"))
    assert (other.scenario.runs[0].optimizer, other.scenario.runs[0].lookahead, other.notice) == ("bfgs", None, None)
    refused = after(other, SetLookahead(0, {}))
    assert refused.notice.is_error


def test_the_clipped_run_is_computed():
    driver = Driver(scenario(runs=1))
    free = driver.state.tracks[0].steps.positions
    driver.send(SetLimit(0, "clip_norm", 0.1))
    steps = driver.state.tracks[0].steps
    assert (abs(steps.positions[1:] - steps.positions[:-1]) <= 0.1 * 0.01 * (1 + 1e-9)).all()
    assert (free != steps.positions[: len(free)]).any()


@pytest.mark.parametrize("piece", [name for name in choices() if not name.startswith("bend")])
def test_every_piece_can_be_chosen(piece):
    start = Curves(("line",))
    state = after(begun(), start.with_piece(0, 1, piece).message)
    assert state.notice is None
    assert curves_of(state.scenario) == Curves(("line", piece))
    assert after(state, Undo()).scenario == begun().scenario


@pytest.mark.parametrize("combine", COMBINATIONS)
@pytest.mark.parametrize("scale", SCALES)
def test_two_curves_are_combined(combine, scale):
    curves = Curves(("quad_bowl",), None, combine, scale)
    state = after(begun(), curves.message)
    assert curves_of(state.scenario) == curves
    own = curves.with_second(True).with_piece(1, 0, "abs")
    state = after(state, own.message)
    assert state.scenario.problem.prototype == "quad_bowl|abs"
    assert curves_of(state.scenario) == own
    assert own.with_second(False) == curves


def test_pieces_are_added_and_taken_away_within_bounds():
    curves = Curves(("line",))
    full = reduce(lambda so_far, _: so_far.with_piece(0, len(so_far.first), "line"), range(MOST_PIECES + 3), curves)
    assert len(full.first) == MOST_PIECES
    assert curves.without_piece(0, 0) == curves
    assert full.without_piece(0, 2).first == ("line",) * (MOST_PIECES - 1)
    assert full.message.text.count("-") == MOST_PIECES - 1
    assert set(PROTOTYPES) <= set(choices())


def test_a_prototype_has_its_own_start_and_looks_for_rates():
    driver = Driver(scenario())
    before = driver.state.scenario
    state, effects = update(driver.state, SetPrototype(FIRST))
    assert [type(effect) for effect in effects].count(FindRate) == 2
    assert state.scenario.start is None
    assert (state.scenario.problem.dim, state.scenario.landscape.start) == (1, (0.0,))
    state, effects = update(state, SetPrototype("quad_bowl"))
    assert [type(effect) for effect in effects] == [Compute]
    assert state.scenario.runs == before.runs
    assert curves_of(after(state, SetFormula("x^2")).scenario) is None
