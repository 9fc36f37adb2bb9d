"""The pytest plugin: what a user's tests can ask, what a failure says, and that it costs nobody anything."""

import re
import sys
from pathlib import Path

import pytest

import gdsim
from gdsim.harness.course import course, where_it_ended
from gdsim.harness.target import TargetError
from gdsim.harness.targets import target
from gdsim.pytest_plugin import chosen

pytest_plugins = ["pytester"]

PLUGIN = ("-p", "gdsim.pytest_plugin", "-p", "no:cacheprovider")
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "harness.md"


def ran(pytester, text: str, **files: str):
    pytester.makepyfile(test_mine=text, **files)
    return pytester.runpytest_inprocess(*PLUGIN)


def test_a_pytest_without_gdsims_fixtures_loads_nothing_of_it(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")  # others may load anything
    monkeypatch.setenv("PYTHONPATH", str(Path(gdsim.__file__).resolve().parents[1]))
    pytester.makepyfile(
        """
        import sys

        def test_nothing_is_loaded():
            assert "gdsim.pytest_plugin" in sys.modules
            heavy = {"numba", "numpy", "llvmlite", "PySide6", "pyqtgraph", "pydantic", "gdsim.landscapes", "gdsim.harness"}
            assert not heavy & set(sys.modules)
        """
    )
    pytester.runpytest_subprocess(*PLUGIN).assert_outcomes(passed=1)


def test_a_mark_runs_a_test_on_landscapes_of_the_catalogue(pytester):
    result = ran(
        pytester,
        """
        import pytest

        @pytest.mark.gdsim_landscapes("rosenbrock", "himmelblau")
        def test_some(landscape):
            assert landscape.name in ("rosenbrock", "himmelblau")

        @pytest.mark.gdsim_landscapes(family="saddles", dim=2)
        def test_a_family(landscape):
            assert (landscape.family, landscape.dim) == ("saddles", 2)

        @pytest.mark.gdsim_landscapes()
        @pytest.mark.parametrize("turn", [1, 2])
        def test_all(landscape, turn):
            assert landscape.domain
        """,
    )
    family = len(chosen(family="saddles", dim=2))
    result.assert_outcomes(passed=2 + family + 2 * len(gdsim.LANDSCAPES))
    assert family > 1


@pytest.mark.parametrize(
    ("mark", "said"),
    [
        ("@pytest.mark.gdsim_landscapes('nowhere')", "there is no landscape named 'nowhere'"),
        ("@pytest.mark.gdsim_landscapes(family='nothing')", "no landscape has family='nothing'"),
        ("", "needs the mark gdsim_landscapes"),
    ],
)
def test_a_mark_that_means_nothing_is_refused(pytester, mark, said):
    result = ran(pytester, f"import pytest\n{mark}\ndef test_it(landscape):\n    pass\n")
    assert result.ret != 0
    assert said in "\n".join(result.outlines + result.errlines)


def test_a_fixture_or_an_argument_of_the_users_own_goes_first(pytester):
    result = ran(
        pytester,
        """
        import pytest

        @pytest.fixture
        def landscape():
            return "mine"

        def test_fixture(landscape):
            assert landscape == "mine"

        @pytest.mark.parametrize("landscape", ["also mine"])
        def test_argument(landscape):
            assert landscape == "also mine"
        """,
    )
    result.assert_outcomes(passed=2)


def test_the_plugin_lives_beside_this_projects_own_tests(pytestconfig):
    """No fixture of this suite has the name of one of the plugin's, but where it is meant."""
    named = {"gradient_descent_run", "assert_converges", "assert_follows", "assert_gradient", "landscape"}
    found = set()
    for file in Path(__file__).resolve().parents[1].rglob("*.py"):
        found |= set(re.findall(r"@pytest\.fixture[^\n]*\ndef (\w+)", file.read_text(encoding="utf-8")))
    assert not named & found


def step(weights, gradient, state, learning_rate=0.001):
    return weights - learning_rate * gradient, state


def uphill(weights, gradient, state, learning_rate=0.1):
    return weights + learning_rate * gradient, state


@pytest.mark.parametrize("landscape", ["rosenbrock", "himmelblau", "double_well"])
def test_a_run_of_a_function_is_that_of_the_same_rule(landscape):
    mine = course(target(step), gdsim.LANDSCAPES[landscape], steps=200)
    ours = gdsim.minimise(landscape, "sgd", learning_rate=0.001, steps=200)
    for name in ("positions", "losses", "gradients", "learning_rates"):
        assert getattr(mine, name) == pytest.approx(getattr(ours, name), rel=1e-9, abs=1e-12)
    assert mine.step_lengths[:-1] == pytest.approx(ours.step_lengths[:-1], rel=1e-6, abs=1e-15)
    named = course(target("sgd", learning_rate=0.001), gdsim.LANDSCAPES[landscape], steps=200)
    assert named.positions.tobytes() == ours.positions.tobytes()
    with pytest.raises(ValueError, match="read-only"):
        mine.losses[0] = 0.0


def test_a_run_that_leaves_the_finite_numbers_ends_there():
    landscape = gdsim.LANDSCAPES["rosenbrock"]
    way = course(target(uphill), landscape, steps=500)
    assert len(way.losses) < 500
    distance, sentence = where_it_ended(way, landscape)
    assert distance == float("inf")
    assert sentence.startswith(f"it left the finite numbers on {landscape.title} at step {len(way.losses) - 1}")


def test_where_a_run_ended_is_told():
    landscape = gdsim.LANDSCAPES["himmelblau"]
    way = course(target("adam", learning_rate=0.1), landscape, steps=1000)
    distance, sentence = where_it_ended(way, landscape)
    assert distance < 1e-6
    assert "global minimum at (3, 2)" in sentence
    with pytest.raises(ValueError, match="no local minimum is known"):
        where_it_ended(way, landscape, "local minimum")


def test_what_cannot_be_run_is_said():
    noisy = gdsim.LANDSCAPES["rosenbrock"].with_noise("gaussian")
    with pytest.raises(TargetError, match="noise"):
        course(target(step), noisy)
    with pytest.raises(TargetError, match="a start of 3 weights"):
        course(target(step), gdsim.LANDSCAPES["rosenbrock"], start=(1.0, 2.0, 3.0))


USERS = """
import pytest


def momentum(weights, gradient, state, learning_rate=0.01, momentum=0.9):
    velocity = gradient if state is None else momentum * state + gradient
    return weights - learning_rate * velocity, velocity


def forgetful(weights, gradient, state, learning_rate=0.01, momentum=0.9):
    return weights - learning_rate * gradient, None


def test_it_goes_down(gradient_descent_run):
    way = gradient_descent_run(momentum, "himmelblau", steps=100, learning_rate=0.002)
    assert way.losses[-1] < way.losses[0]
    assert way.positions.shape == (101, 2)


def test_it_converges(assert_converges):
    way = assert_converges(momentum, "himmelblau", learning_rate=0.002, to="global minimum")
    assert len(way.losses) == 1001


def test_it_does_not_converge(assert_converges):
    assert_converges(momentum, "himmelblau", steps=3, learning_rate=0.002)


def test_it_diverges(assert_converges):
    assert_converges(momentum, "himmelblau", learning_rate=1.0)


@pytest.mark.parametrize("landscape", [None, "rosenbrock"])
def test_it_is_momentum(assert_follows, landscape):
    assert_follows(momentum, "sgd", landscape=landscape, learning_rate=1e-4)
    assert_follows(momentum, momentum, landscape=landscape, learning_rate=1e-4)


def test_it_is_not_momentum(assert_follows):
    assert_follows(forgetful, "sgd")


def bowl(weights):
    return (weights**2).sum(), 2.0 * weights


def wrong(weights):
    return (weights**2).sum() + weights[0], 2.0 * weights


@pytest.mark.gdsim_landscapes("rosenbrock", "ackley", "double_well")
def test_gradients(landscape, assert_gradient):
    assert_gradient(landscape)
    assert_gradient(landscape.name)
    assert_gradient(bowl, at=(1.0, 2.0, 3.0))
    assert_gradient(bowl, at=[(1.0, 2.0), (0.5, -0.5)])


def test_wrong_gradient(assert_gradient):
    assert_gradient(wrong, at=(1.0, 2.0))


def test_nowhere_to_look(assert_gradient):
    with pytest.raises(ValueError, match="at="):
        assert_gradient(bowl)
"""


def test_a_users_file(pytester):
    result = ran(pytester, USERS)
    result.assert_outcomes(passed=8, failed=4)
    said = "\n".join(result.outlines)
    assert re.search(
        r"AssertionError: after 3 steps on .*Himmelblau.* it was at .* from the global minimum at .* which is more than 0\.001", said
    )
    assert re.search(r"AssertionError: it left the finite numbers on .*Himmelblau", said)
    assert re.search(r"AssertionError: forgetful and sgd part at step \d+, weight \d", said)
    assert re.search(r"AssertionError: at \(1, 2\) part 1 of the gradient is 2, but the loss says 3 ", said)


def test_the_guides_example_runs(pytester):
    """The test file that docs/harness.md shows, beside the optimizer that it shows."""
    blocks = re.findall(r"```python\n# (\w+)\.py\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    files = dict(blocks)
    assert set(files) == {"my", "test_my"}
    pytester.makepyfile(**files)
    pytester.runpytest_inprocess(*PLUGIN).assert_outcomes(passed=files["test_my"].count("\ndef test_") + 2)
    sys.modules.pop("my", None)
