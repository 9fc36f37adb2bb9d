"""A sweep as a map: which pixel is which run, what the legend counts, where theory's border lies."""

import numpy as np
import pytest

from gdsim.simulation.noise_floor import noise_floor
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_map import MapAxis, map_of, words_for
from gdsim.simulation.sweep_verdict import OUTCOMES
from gdsim.simulation.verdict import Outcome

RUN = {"optimizer": "sgd", "learning_rate": 0.01}
BOWL = {"landscape": "quadratic", "parameters": {"a": 0.05, "b": 1.0}}
RATES = {"over": "learning_rate", "low": 0.05, "high": 4.0, "count": 12}


def between(over, low, high, count):
    return {"over": over, "low": low, "high": high, "count": count}


def swept(*axes, problem=None, runs=(RUN,), **more):
    return sweep(
        validated({"steps": 60, "problem": problem or BOWL, "start": [1.0, 1.0], "runs": list(runs), "sweep": {"axes": list(axes)}} | more)
    )


def test_pixels_are_runs_and_the_legend_counts_them():
    result = swept(
        between("start.x", -5.0, 5.0, 20), between("start.y", -4.0, 4.0, 16), problem={"landscape": "himmelblau"}, tolerance=1e-6
    )
    chart = map_of(result)
    assert chart.codes.shape == (16, 20)
    assert (chart.x.name, chart.y.name) == ("start, w₁", "start, w₂")
    assert chart.measure == "steps"
    for y, x in ((0, 0), (15, 3), (7, 19)):
        kind, run = chart.classes[chart.codes[y, x]], result.row((x, y))
        assert (kind.minimum if kind.minimum is not None else -1) == (run.numbers["minimum"] if run.verdict is Outcome.CONVERGED else -1)
        assert kind.outcome is run.verdict
    assert sum(kind.share for kind in chart.classes) == pytest.approx(1.0)
    for code, kind in enumerate(chart.classes):
        assert kind.share == np.mean(chart.codes == code)
    order = np.argsort(result["steps"].T.ravel(), kind="stable")
    assert np.all(np.diff(chart.shades.ravel()[order]) >= 0.0)


@pytest.mark.parametrize("colour", ["verdict", "minimum", "loss", "steps"])
def test_what_colours_tell(colour):
    result = swept(RATES, between("momentum", 0.0, 0.9, 7))
    chart = map_of(result, colour)
    assert chart.painted == ("shades" if colour in ("loss", "steps") else "classes")
    assert chart.codes.shape == chart.shades.shape == (7, 12)
    known = chart.shades[np.isfinite(chart.shades)]
    assert np.all((known >= 0.0) & (known <= 1.0))
    lost = OUTCOMES.index(Outcome.DIVERGED)
    diverged = np.equal(result["verdict"].T, lost)
    if colour == "loss":
        np.testing.assert_array_equal(np.isnan(chart.shades), diverged)
        assert chart.shades.ravel()[np.argmin(np.where(diverged, np.inf, result["final_loss"].T))] == 0.0
    outcomes = [kind.outcome for kind in chart.classes]
    assert Outcome.DIVERGED in outcomes
    np.testing.assert_array_equal(chart.codes == outcomes.index(Outcome.DIVERGED), diverged)


@pytest.mark.parametrize("nesterov", [False, True])
@pytest.mark.parametrize("swapped", [False, True])
def test_the_border_is_that_of_theory(nesterov, swapped):
    axes = [between("learning_rate", 0.05, 4.5, 8), between("momentum", 0.1, 0.9, 9)]
    run = RUN | {"momentum": 0.5, "nesterov": nesterov}
    (border,) = map_of(swept(*(axes[::-1] if swapped else axes), runs=[run])).borders
    rates, momentum = (border.y, border.x) if swapped else (border.x, border.y)
    expected = (2 + 2 * momentum) / (1 + 2 * momentum) if nesterov else 2 * (1 + momentum)
    np.testing.assert_allclose(rates, expected, rtol=1e-12)
    assert border.label == ("theory: (2 + 2β) / ((1 + 2β) λmax)" if nesterov else "theory: 2 (1 + β) / λmax")


def test_borders_of_a_ruler_and_of_condition_numbers():
    (mark,) = map_of(swept(RATES)).borders
    assert (mark.x.tolist(), mark.y.size) == ([2.0], 0)
    assert mark.label == "theory: 2 / λmax"
    axis = between("problem.parameters.b", 1.0, 100.0, 5) | {"scale": "log"}
    (border,) = map_of(swept(RATES | {"low": 1e-3, "scale": "log"}, axis)).borders
    np.testing.assert_allclose(border.x, 2.0 / border.y)
    assert map_of(swept(RATES, runs=[{"optimizer": "adam"}])).borders == ()
    assert map_of(swept(RATES | {"high": 1.0})).borders == ()
    assert map_of(swept(RATES, runs=[RUN | {"schedule": {"name": "cosine"}}])).borders == ()


def test_one_axis_is_a_strip_of_each_run():
    chart = map_of(swept(RATES, runs=[RUN | {"label": "plain"}, RUN | {"momentum": 0.9}]))
    assert chart.y is None
    assert chart.codes.shape == (2, 12)
    assert chart.labels == ("plain", "sgd")


def test_what_no_map_can_show():
    with pytest.raises(ValueError, match="found 3 axes"):
        map_of(swept(RATES | {"count": 2}, between("momentum", 0.0, 0.9, 2), between("start.x", 0.0, 1.0, 2)))
    with pytest.raises(ValueError, match="found 2 runs over two axes"):
        map_of(swept(RATES, between("momentum", 0.0, 0.9, 3), runs=[RUN, RUN]))
    with pytest.raises(ValueError, match="found the colour 'red'"):
        map_of(swept(RATES), "red")
    formula = {"formula": "x + y"}
    with pytest.raises(ValueError, match="no minimum of formula is known"):
        map_of(swept(RATES, problem=formula), "minimum")


def test_edges_lie_half_a_pixel_out():
    linear = MapAxis("x", "x", np.array([0.0, 1.0, 2.0]), False)
    assert linear.edges == (-0.5, 2.5)
    log = MapAxis("x", "x", np.array([0.1, 1.0, 10.0]), True)
    np.testing.assert_allclose(log.edges, (10**-1.5, 10**1.5))
    assert MapAxis("x", "x", np.array([3.0]), False).edges == (2.5, 3.5)


def test_names_of_axes():
    landscape = validated({"problem": BOWL, "runs": [RUN]}).landscape
    assert words_for("learning_rate", landscape) == "learning rate"
    assert words_for("runs.0.momentum", landscape) == "momentum of run 0"
    assert words_for("problem.parameters.b", landscape) == "parameter b of the landscape"
    assert words_for("problem.noise.scale", landscape) == "scale of the noise"
    assert words_for("start.normal", landscape) == "spread of the start"


def test_the_border_of_batches_is_that_of_the_mean_square():
    problem = {"dataset": "line", "model": "line"}
    axes = [between("learning_rate", 0.05, 2.0, 4), {"over": "batch_size", "values": [1, 4, 50]}]
    result = swept(*axes, problem=problem, runs=[RUN | {"batch_size": 4}], steps=2)
    (border,) = map_of(result).borders
    assert border.label == "theory: limit in the mean square"
    minimum = np.array(result.scenario.landscape.minima[0].position)
    for size, found in zip((1, 4, 50), border.x, strict=True):
        one = result.scenario.with_run(0, result.scenario.runs[0].changed(batch_size=size))
        assert found == noise_floor(one.landscape, one.runs[0], minimum).limit
    assert np.all(np.diff(border.x) > 0.0)


NETWORK = {"dataset": "sine", "data": {"count": 12}, "split": [1.0, 0.0, 0.0], "network": {"layers": [3]}}


def layers(count):
    return [{"over": f"layer_rates.{k}", "low": 0.01, "high": 100.0, "count": count, "scale": "log"} for k in range(2)]


def test_a_map_of_networks_tells_who_was_trained_and_how_fast():
    run = {"optimizer": "sgd", "learning_rate": 1.0}
    result = sweep(validated({"steps": 40, "problem": NETWORK, "runs": [run], "sweep": {"axes": layers(16)}}))
    chart = map_of(result)
    assert chart.painted == "trainability"
    assert (chart.x.name, chart.y.name) == ("learning rate of layer 1", "learning rate of layer 2")
    lost = result["trainability"].T > 0.0
    assert np.array_equal(chart.codes, lost)
    assert [kind.label for kind in chart.classes] == ["trained", "not trained"]
    assert [kind.share for kind in chart.classes] == pytest.approx([1.0 - lost.mean(), lost.mean()])
    for side in (lost, ~lost):
        order = np.argsort(np.abs(result["trainability"].T[side]), kind="stable")
        assert np.all(np.diff(chart.shades[side][order]) >= 0.0)
        assert (chart.shades[side].min(), chart.shades[side].max()) == (0.0, 1.0)
    assert map_of(result, "verdict").painted == "classes"
    assert map_of(result, "loss").painted == "shades"
    with pytest.raises(ValueError, match="no minimum of a network"):
        map_of(result, "minimum")


def test_only_a_network_is_trainable():
    with pytest.raises(ValueError, match="a sweep over networks"):
        map_of(swept(RATES), "trainability")


def test_the_dimension_of_the_border_is_told_where_a_map_is_large_enough():
    run = {"optimizer": "sgd", "learning_rate": 0.1}
    result = sweep(validated({"steps": 5, "problem": NETWORK, "runs": [run], "sweep": {"axes": layers(64)}}))
    chart = map_of(result)
    assert chart.measure.startswith("border: box-count dimension ")
    assert 0.8 < float(chart.measure.split()[-1]) < 2.0
    assert chart.x.name == "rate of layer 1, times the run's"
