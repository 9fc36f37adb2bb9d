"""What a session in Python sees: short words for results, tables, pictures, and hints where a name is misspelt."""

import numpy as np
import pytest

import gdsim

RECORDS = {
    "landscape": (lambda: gdsim.LANDSCAPES["rosenbrock"], ["Landscape rosenbrock", "a = 1, b = 100"]),
    "formula": (lambda: gdsim.formula("a*cosh(x) + |y|", a=2), ["a*cosh(x)", "a = 2"]),
    "optimizer": (lambda: gdsim.OPTIMIZERS["sgd"], ["sgd(", "momentum=0.0"]),
    "schedule": (lambda: gdsim.SCHEDULES["cosine"], ["Schedule cosine"]),
    "target": (lambda: gdsim.target("adam", claims="adamw"), ["Target adam(", "beta1=0.9", "claims to be adamw"]),
    "steps": (lambda: next(gdsim.stream("stable")).steps, ["Steps of ", " points"]),
    "report": (lambda: gdsim.check("sign_sgd", "truth"), ["Report on sign_sgd", " passed"]),
    "race": (
        lambda: gdsim.race(["sphere"], ["sgd", "adam"], steps=20, trials=2, seeds=1),
        ["2 optimizers on 1 problems", "sgd ", "adam "],
    ),
    "rate finder": (lambda: gdsim.find_rate("stable", count=32), ["RateFinder", " is suggested; runs arrive from "]),
    "noise": (
        lambda: gdsim.noise_at(gdsim.load("stochastic-vs-mini-batch").landscape, (1, 1)),
        ["GradientNoise of 100 points: mean (", "trace of the covariance "],
    ),
    "ensemble": (lambda: gdsim.ensemble("stochastic-vs-mini-batch", 4), ["Ensemble of 4 seeds", "one point: ", "%"]),
}


@pytest.mark.parametrize("what", RECORDS)
def test_everything_says_what_it_is_in_short(what):
    make, words = RECORDS[what]
    said = repr(make())
    assert said.startswith("<")
    assert said.endswith(">")
    assert len(said) < 500
    for word in words:
        assert word in said


@pytest.fixture(scope="module")
def result():
    return gdsim.run("ravine")


@pytest.fixture(scope="module")
def training():
    data = gdsim.datasets.spiral(count=40, seed=3)
    return gdsim.train(gdsim.Network([2, 4, 1], loss="bce"), data, "sgd", learning_rate=0.1, epochs=3, test=0.2, label="short")


def test_a_result_says_what_became_of_each_run(result):
    lines = repr(result).splitlines()
    assert lines[0] == "<Result A ravine"
    for run, line in zip(result.runs, lines[1:], strict=True):
        for word in (run.label, f"{run.learning_rate:g}", f"{run.losses[-1]:.6g}", str(run.verdict)):
            assert word in line
            assert word in repr(run)


def test_a_training_does_too(training):
    for thing, words in (
        (training, ["<Training short: sgd at 0.1", str(training.verdict)]),
        (training.model, ["2-4-1 tanh", "17 weights", "x, y to class (0, 1)"]),
        (training.epochs, [f"{len(training.epochs)} evaluations", f"{training.epochs.training_loss[-1]:.6g}"]),
        (training.test, ["8 points", f"{training.test.loss:.6g}"]),
    ):
        assert len(repr(thing)) < 200
        for word in words:
            assert word in repr(thing)


def test_tables_of_runs(result, training):
    table = result.to_pandas()
    assert list(table["run"].unique()) == [run.label for run in result.runs]
    for run in result.runs:
        rows = table[table["run"] == run.label]
        assert np.array_equal(rows[["x", "y"]], run.positions)
        assert np.array_equal(rows["loss"], run.losses)
        assert rows.reset_index(drop=True).equals(run.to_pandas())
    assert np.array_equal(training.to_pandas()["weight_norm"], training.weight_norms)
    assert np.array_equal(training.epochs.to_pandas()["training_loss"], training.epochs.training_loss)


def test_pictures_of_results(result, tmp_path):
    pixels = result.plot(size=(320, 300), theme="dark")
    assert (pixels.shape, pixels.dtype) == ((300, 320, 4), np.uint8)
    assert len(np.unique(pixels.reshape(-1, 4), axis=0)) > 20
    assert result.plot(tmp_path / "result.svg") is None
    assert (tmp_path / "result.svg").read_text().startswith("<?xml")
    with pytest.raises(ValueError, match="a picture is one of"):
        result.plot(tmp_path / "result.bmp")


@pytest.mark.parametrize(("registry", "name", "near"), [("LANDSCAPES", "rosenbrok", "rosenbrock"), ("OPTIMIZERS", "Adam", "adam")])
def test_the_nearest_record_is_told(registry, name, near):
    records = getattr(gdsim, registry)
    with pytest.raises(KeyError) as caught:
        records[name]
    assert caught.value.args == (name,)
    assert caught.value.__notes__ == [f"did you mean {near!r}?"]
    assert name not in records
    assert records.get(name) is None
    assert near in records


def test_names_of_the_package_are_suggested():
    with pytest.raises(AttributeError, match="no attribute 'minimse'") as caught:
        _ = gdsim.minimse
    assert (caught.value.name, caught.value.obj) == ("minimse", gdsim)
    assert {"minimise", "run", "LANDSCAPES"} < set(dir(gdsim))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: gdsim.check("adm"), gdsim.TargetError, "did you mean 'adam'"),
        (lambda: gdsim.check(3), gdsim.TargetError, "found int"),
        (lambda: gdsim.check("adam", ["trut"]), ValueError, "found 'trut'; allowed: 'truth', 'robust'"),
        (lambda: gdsim.train([2, 1], None), TypeError, "found list and NoneType; needed: a gdsim.Network"),
    ],
)
def test_wrong_arguments_are_named(call, error, words):
    with pytest.raises(error, match=words):
        call()
