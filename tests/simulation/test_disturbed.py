"""Noise, motion and prototypes in a scenario: checked, written and read again, run."""

import tomllib

import jsonschema
import numpy as np
import pytest

import gdsim
from gdsim.app.work import key_of
from gdsim.landscapes.motion import MOTIONS
from gdsim.landscapes.noise import NOISES
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import to_toml
from gdsim.simulation.schema import schema

RUNS = [{"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.5}]
VALIDATOR = jsonschema.Draft202012Validator(schema())


def tables(**problem):
    return {"steps": 20, "problem": {"landscape": "quadratic"} | problem, "runs": RUNS}


def complaints(given):
    with pytest.raises(gdsim.ScenarioError) as raised:
        validated(given)
    return {complaint.key: complaint.text for complaint in raised.value.complaints}


GOOD = {
    **{f"noise {kind}": tables(noise={"kind": kind}) for kind in NOISES},
    **{f"motion {kind}": tables(motion={"kind": kind}) for kind in MOTIONS},
    "several": tables(noise=[{"kind": "gaussian", "scale": 0.5}, {"kind": "masked", "whole": True}, {"kind": "gaussian"}]),
    "both": tables(noise={"kind": "cauchy", "scale": 1e-3}, motion={"kind": "jump", "period": 7.0, "scale": 2.0}),
    "curve": {"problem": {"prototype": "quad_convex-cliff:down-line"}, "runs": RUNS},
    "plane": {
        "problem": {
            "prototype": "quad_bowl|abs",
            "combine": "max",
            "scale": "flat",
            "parameters": {"angle": 30.0, "slope": 0.2},
            "noise": {"kind": "curl", "x0": 0.5, "y0": 0.5},
            "motion": {"kind": "drift"},
        },
        "runs": RUNS,
    },
    "formula": {"problem": {"formula": "x^2 + y^2", "noise": {"kind": "curl"}, "motion": {"kind": "scale_drift"}}, "runs": RUNS},
}


@pytest.mark.parametrize("case", GOOD)
def test_a_scenario_equals_its_file(case):
    scenario = validated(GOOD[case])
    VALIDATOR.validate(GOOD[case])
    text = to_toml(scenario)
    VALIDATOR.validate(tomllib.loads(text))
    assert validated(tomllib.loads(text)) == scenario
    assert hash(validated(tomllib.loads(text))) == hash(scenario)
    # A file with comments keeps them, and changes to what the scenario says.
    before = "# mine\nsteps = 5 # few\n[problem] # what\nlandscape = 'sphere'\n[problem.noise] # loud\nkind = 'curl'\nscale = 3.0\n"
    again = to_toml(scenario, before + '[[runs]]\noptimizer = "adam"\n')
    assert validated(tomllib.loads(again)) == scenario
    assert "# mine" in again


WRONG = {
    "unknown noise": (tables(noise={"kind": "gausian"}), "problem.noise.kind", "did you mean 'gaussian'"),
    "unknown motion": (tables(motion={"kind": "drif"}), "problem.motion.kind", "did you mean 'drift'"),
    "no kind": (tables(noise={"scale": 0.1}), "problem.noise.kind", "missing"),
    "unknown key": (tables(noise={"kind": "gaussian", "scal": 1.0}), "problem.noise.scal", "did you mean 'scale'"),
    "out of bounds": (tables(noise={"kind": "masked", "probability": 2.0}), "problem.noise.probability", "<= 1"),
    "one of several": (tables(noise=[{"kind": "curl"}, {"kind": "gaussian", "scale": -1.0}]), "problem.noise.1.scale", ">= 0"),
    "too many": (tables(noise=[{"kind": "gaussian"}] * 5), "problem.noise", "up to 4"),
    "no table": (tables(noise=3), "problem.noise", "a table [problem.noise]"),
    "motion no table": (tables(motion=[1]), "problem.motion", "a table [problem.motion]"),
    "period of nothing": (tables(motion={"kind": "jump", "period": 0.0}), "problem.motion.period", ">= 1"),
    "curl of a curve": (tables(landscape="double_well", noise={"kind": "curl"}), "problem.noise.kind", "needs two weights"),
    "prototype": ({"problem": {"prototype": "quad_bow"}, "runs": RUNS}, "problem.prototype", "did you mean 'quad_bowl'"),
    "prototype no text": ({"problem": {"prototype": 3}, "runs": RUNS}, "problem.prototype", 'joined by "-"'),
    "scale": ({"problem": {"prototype": "line", "scale": ["x"]}, "runs": RUNS}, "problem.scale", "one of normal, steep"),
    "combine": ({"problem": {"prototype": "line", "combine": "l3"}, "runs": RUNS}, "problem.combine", "one of l1, l2, max"),
    "both kinds": (tables(prototype="line"), "problem.landscape", "one of them"),
    "angle of a curve": (
        {"problem": {"prototype": "line", "parameters": {"angle": 3.0}}, "runs": RUNS},
        "problem.parameters.angle",
        "no such key",
    ),
    "start": ({"problem": {"prototype": "line"}, "start": [0.0, 1.0], "runs": RUNS}, "start", "1 number"),
}
ONLY_GDSIM_TELLS = ("curl of a curve", "prototype", "angle of a curve", "start")


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_with_its_key(case):
    given, key, words = WRONG[case]
    assert words in complaints(given)[key]
    assert VALIDATOR.is_valid(given) is (case in ONLY_GDSIM_TELLS)


def test_every_error_at_once():
    given = tables(noise=[{"kind": "gaussian", "scale": -1.0}, {"kin": "curl"}], motion={"kind": "drif", "velocity_x": "far"}) | {"sted": 1}
    keys = {
        "problem.noise.0.scale",
        "problem.noise.1.kind",
        "problem.noise.1.kin",
        "problem.motion.kind",
        "problem.motion.velocity_x",
        "sted",
    }
    assert complaints(given).keys() == keys


@pytest.mark.parametrize("problem", [{"noise": {"kind": "gaussian"}}, {"motion": {"kind": "drift"}}])
def test_methods_that_look_around_cannot_be_disturbed(problem):
    given = tables(**problem) | {"runs": [{"optimizer": "newton", "learning_rate": 1.0}]}
    assert f"cannot do so with {next(iter(problem))}" in complaints(given)["runs.0.optimizer"]


def test_what_the_window_remembers_depends_on_the_disturbance():
    """A run is computed anew where its noise, or the seed of its noise, changes; without noise the seed is nothing to it."""
    plain, noisy = validated(tables()), validated(tables(noise={"kind": "gaussian"}))
    louder, moving = validated(tables(noise={"kind": "gaussian", "scale": 0.2})), validated(tables(motion={"kind": "drift"}))
    keys = [key_of(one, 0) for one in (plain, noisy, louder, moving, noisy.changed(seed=5), moving.changed(seed=5))]
    assert len(set(keys)) == len(keys)
    assert key_of(plain.changed(seed=5), 0) == key_of(plain, 0)


def test_a_scenario_is_the_landscape_with_noise_and_motion():
    scenario = validated(GOOD["several"])
    landscape = gdsim.LANDSCAPES["quadratic"].with_noise("gaussian", scale=0.5).with_noise("masked", whole=True).with_noise("gaussian")
    assert scenario.landscape == landscape
    assert scenario.problem.at_rest == gdsim.LANDSCAPES["quadratic"]
    path = gdsim.minimise(landscape, learning_rate=0.1, momentum=0.5, steps=20)
    assert np.array_equal(path.positions, gdsim.run(scenario).runs[0].positions)
    assert validated(GOOD["plane"]).landscape.start == pytest.approx(gdsim.prototype("quad_bowl|abs", combine="max", angle=30.0).start)
