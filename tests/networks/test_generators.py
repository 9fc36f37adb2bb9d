"""Made data: the geometry that each generator promises, and the same points everywhere."""

import numpy as np
import pytest

import gdsim
from gdsim.networks import generators
from gdsim.networks.generators import DATASETS, Generator
from gdsim.parameter import Param

KINDS = {name: record.kind for name, record in DATASETS.items()}
DIGESTS = {
    "circle": "8d2e68aa",
    "xor": "a7aa5fec",
    "gaussians": "178812fd",
    "spiral": "e42a8ece",
    "moons": "a77d8d07",
    "clusters": "1038784b",
    "plane": "2e74e4e9",
    "bumps": "13828093",
    "line": "48aebc61",
    "sine": "6f046826",
}
CLASSES = [name for name, kind in KINDS.items() if kind == "classification"]


@pytest.mark.parametrize("name", DATASETS)
def test_every_generator_is_a_function_that_gives_what_its_record_says(name):
    record = DATASETS[name]
    data = getattr(gdsim.datasets, name)()
    assert name in dir(gdsim.datasets)
    assert (data.name, len(data), data.is_classification) == (name, record.defaults["count"], record.kind == "classification")
    assert data.inputs.shape[1] == record.dim == len(data.features)
    assert data == record.make(seed=0, **record.defaults)
    assert record.doc
    assert record.source
    assert list(record.defaults)[:1] == ["count"]


@pytest.mark.parametrize("name", DATASETS)
def test_the_seed_names_the_points(name):
    first, again, other = (getattr(gdsim.datasets, name)(count=40, seed=seed) for seed in (7, 7, 2**63 - 1))
    assert first == again
    assert first != other
    assert not (first.inputs == other.inputs).all()


@pytest.mark.parametrize("name", ["circle", "moons", "bumps", "clusters"])
def test_compiled_points_are_those_of_plain_python(name, monkeypatch):
    record = DATASETS[name]
    plain = record.make(count=101, seed=3)
    monkeypatch.setattr(generators, "FEW", 0)
    assert record.make(count=101, seed=3) == plain


def test_points_stay_the_same_from_machine_to_machine():
    assert {name: record.make(count=20, seed=1).digest[:8] for name, record in DATASETS.items()} == DIGESTS


@pytest.mark.parametrize("name", DATASETS)
@pytest.mark.parametrize(
    "values",
    [
        {"count": 1},
        {"count": 2.5},
        {"count": generators.MOST_POINTS + 1},
        {"noise": -0.1},
        {"noise": float("nan")},
        {"seed": -1},
        {"seed": 2**63},
        {"seed": 0.5},
        {"count": True},
    ],
    ids=str,
)
def test_parameters_out_of_bounds_are_refused(name, values):
    with pytest.raises(ValueError, match=f"{name}: {next(iter(values))} is .*; allowed is"):
        getattr(gdsim.datasets, name)(**values)


def test_unknown_names_are_refused():
    with pytest.raises(TypeError, match="spiral has no parameter 'turns'; it has count, noise and seed"):
        gdsim.datasets.spiral(turns=3)
    with pytest.raises(AttributeError, match="no data set named 'iris'"):
        _ = gdsim.datasets.iris


@pytest.mark.parametrize("name", [name for name in CLASSES if name not in ("circle", "xor", "clusters")])
@pytest.mark.parametrize("count", [2, 51, 500])
def test_two_classes_are_balanced_and_take_turns(name, count):
    targets = DATASETS[name].make(count=count).targets
    assert abs(2 * int(targets.sum()) - count) <= 1
    assert (targets[::2] != targets[0]).sum() == 0
    assert (targets[1::2] == targets[0]).sum() == 0


def uniform(values, low, high):
    """Whether values look uniform on an interval: Kolmogorov and Smirnov's distance at a level of 1e-6."""
    ordered = (np.sort(values) - low) / (high - low)
    places = np.arange(len(ordered) + 1) / len(ordered)
    return (
        ordered[0] > 0.0
        and ordered[-1] < 1.0
        and max(abs(ordered - places[1:]).max(), abs(ordered - places[:-1]).max()) < distance(len(values))
    )


def normal(values, mean, deviation):
    """Mean and variance within 5 standard errors of those of a normal distribution, and nothing beyond 6 deviations."""
    z = (np.asarray(values) - mean) / deviation
    n = len(z)
    return abs(z.mean()) < 5 / np.sqrt(n) and abs(z.var() - 1) < 5 * np.sqrt(2 / n) and abs(z).max() < 6


def distance(count):
    return np.sqrt(-0.5 * np.log(1e-6 / 2) / count)


@pytest.mark.parametrize("seed", [0, 12345])
def test_circle(seed):
    data = gdsim.datasets.circle(count=1000, noise=0.0, seed=seed)
    radius, angle = np.hypot(*data.inputs.T), np.arctan2(*data.inputs.T)
    inner, outer = radius[data.targets == 1], radius[data.targets == 0]
    assert len(inner) == len(outer) == 500
    assert uniform(inner, 0.0, 2.5)
    assert uniform(outer, 3.5, 5.0)
    assert uniform(angle, -np.pi, np.pi)


@pytest.mark.parametrize("seed", [0, 12345])
def test_xor(seed):
    data = gdsim.datasets.xor(count=1000, noise=0.0, seed=seed)
    assert (data.targets == (data.inputs.prod(axis=1) > 0)).all()
    for column in data.inputs.T:
        assert abs(column).min() > 0.3
        assert uniform(column - 0.3 * np.sign(column), -5.0, 5.0)
    assert abs(data.targets.mean() - 0.5) < 5 * 0.5 / np.sqrt(1000)


@pytest.mark.parametrize(("name", "most"), [("circle", 0.45), ("xor", 0.45)])
def test_noise_misjudges_more_points_the_more_there_is(name, most):
    clean = DATASETS[name].make(count=2000, noise=0.0)
    wrong = [float((DATASETS[name].make(count=2000, noise=noise).targets != clean.targets).mean()) for noise in (0.0, 0.1, 0.25, 0.5)]
    assert wrong[0] == 0.0
    assert wrong == sorted(wrong)
    assert 0.02 < wrong[-1] < most
    assert (DATASETS[name].make(count=2000, noise=0.5).inputs == clean.inputs).all()


@pytest.mark.parametrize(("noise", "variance"), [(0.0, 0.5), (0.25, 2.25), (0.5, 4.0)])
def test_gaussians(noise, variance):
    data = gdsim.datasets.gaussians(count=2000, noise=noise, seed=4)
    for number, centre in ((1, 2.0), (0, -2.0)):
        for column in data.inputs[data.targets == number].T:
            assert normal(column, centre, np.sqrt(variance))


def test_spiral():
    data = gdsim.datasets.spiral(count=500, noise=0.0)
    for number, turned in ((1, 0.0), (0, np.pi)):
        x, y = data.inputs[data.targets == number].T
        along = np.arange(250) / 250
        assert np.allclose(x, 5 * along * np.sin(1.75 * 2 * np.pi * along + turned), atol=1e-14)
        assert np.allclose(y, 5 * along * np.cos(1.75 * 2 * np.pi * along + turned), atol=1e-14)
    moved = gdsim.datasets.spiral(count=500, noise=0.3).inputs - data.inputs
    assert uniform(moved[:, 0], -0.3, 0.3)
    assert uniform(moved[:, 1], -0.3, 0.3)


@pytest.mark.parametrize("count", [2, 3, 4, 101, 500])
def test_moons(count):
    data = gdsim.datasets.moons(count=count, noise=0.0)
    upper, lower = data.inputs[data.targets == 0], data.inputs[data.targets == 1]
    first = np.linspace(0, np.pi, len(upper))
    second = np.linspace(0, np.pi, len(lower))
    assert np.allclose(upper, np.stack((np.cos(first), np.sin(first)), axis=1), atol=1e-15)
    assert np.allclose(lower, np.stack((1 - np.cos(second), 0.5 - np.sin(second)), axis=1), atol=1e-15)


def test_moons_move_by_normal_numbers():
    moved = gdsim.datasets.moons(count=2000, noise=0.2).inputs - gdsim.datasets.moons(count=2000, noise=0.0).inputs
    assert normal(moved[:, 0], 0.0, 0.2)
    assert normal(moved[:, 1], 0.0, 0.2)
    assert abs(np.corrcoef(moved.T)[0, 1]) < 5 / np.sqrt(2000)


@pytest.mark.parametrize("classes", [2, 3, 10])
def test_clusters(classes):
    data = gdsim.datasets.clusters(count=200 * classes, classes=classes, noise=0.5)
    assert data.classes == tuple(map(str, range(classes)))
    assert (np.bincount(data.targets) == 200).all()
    for number in range(classes):
        angle = 2 * np.pi * number / classes
        x, y = data.inputs[data.targets == number].T
        assert normal(x, 4 * np.cos(angle), 0.5)
        assert normal(y, 4 * np.sin(angle), 0.5)


def test_plane():
    data = gdsim.datasets.plane(count=2000, noise=0.0)
    assert np.allclose(data.targets[:, 0], data.inputs.sum(axis=1) / 10, atol=1e-15)
    assert uniform(np.hypot(*data.inputs.T) ** 2, 0.0, 36.0)
    assert uniform(np.arctan2(*data.inputs.T), -np.pi, np.pi)
    moved = gdsim.datasets.plane(count=2000, noise=0.5).targets - data.targets
    # A sum of two uniform numbers on [-0.3, 0.3].
    assert abs(moved).max() < 0.6
    assert moved.var() == pytest.approx(2 * 0.6**2 / 12, rel=0.2)


def test_bumps():
    data = gdsim.datasets.bumps(count=2000, noise=0.0)
    assert uniform(data.inputs[:, 0], -6.0, 6.0)
    assert uniform(data.inputs[:, 1], -6.0, 6.0)
    centres = {(-4, 2.5): 1, (0, 2.5): -1, (4, 2.5): 1, (-4, -2.5): -1, (0, -2.5): 1, (4, -2.5): -1}
    for (x, y), target in zip(data.inputs, data.targets[:, 0], strict=True):
        heights = [sign * max(0.0, 1 - np.hypot(x - a, y - b) / 2) for (a, b), sign in centres.items()]
        assert target == pytest.approx(max(heights, key=abs), abs=1e-15)


def test_line_and_sine():
    line = gdsim.datasets.line(count=2000, noise=0.5, slope=-3.0, intercept=0.25, seed=2)
    assert uniform(line.inputs[:, 0], -2.0, 2.0)
    assert normal(line.targets[:, 0] - (-3.0 * line.inputs[:, 0] + 0.25), 0.0, 0.5)
    sine = gdsim.datasets.sine(count=2000, noise=0.2)
    assert uniform(sine.inputs[:, 0], -np.pi, np.pi)
    assert normal(sine.targets[:, 0] - np.sin(sine.inputs[:, 0]), 0.0, 0.2)
    assert (gdsim.datasets.line(noise=0.0).targets == 2.0 * gdsim.datasets.line(noise=0.0).inputs + 1.0).all()


def test_data_share_no_random_number_with_the_noise_of_runs():
    from gdsim.engine.random import uniforms

    assert generators.STREAM > 64
    x = gdsim.datasets.line(count=2, seed=5).inputs[0, 0]
    assert (x + 2.0) / 4.0 == pytest.approx(uniforms(5, generators.STREAM, 1, 0)[0], abs=1e-15)
    assert (x + 2.0) / 4.0 != pytest.approx(uniforms(5, 0, 1, 0)[0], abs=1e-3)


def test_a_package_may_add_a_generator():
    def corner(params, step, seed, stream, draw):
        return float(step), 0.0, params[0]

    added = Generator(
        "corner", "A corner", "regression", corner, "x is the number.", (Param("count", 3, "points", low=2, whole=True),), "here"
    )
    DATASETS.add(added)
    try:
        assert gdsim.datasets.corner(count=4).inputs[:, 0].tolist() == [1.0, 2.0, 3.0, 4.0]
    finally:
        del DATASETS._records["corner"]
