"""Maps that can be looked at anywhere: each pixel is a run, no run is computed twice, coarse pictures are part of fine ones."""

import math
import time
from types import SimpleNamespace

import numpy as np
import pytest

import gdsim
from gdsim.simulation import map_cost
from gdsim.simulation import map_plane as made
from gdsim.simulation.map_cost import Cost
from gdsim.simulation.map_plane import Atlas, Picture, Way, plane_of
from gdsim.simulation.map_table import write_map_table
from gdsim.simulation.scenario import validated
from gdsim.simulation.sweep import sweep
from gdsim.simulation.sweep_targets import put, targets
from gdsim.simulation.sweep_verdict import OUTCOMES
from tests.draws import fresh
from tests.simulation import test_sweep_networks as networks

SCENARIO = validated(
    {
        "steps": 40,
        "start": (0.5, -0.5),
        "problem": {"landscape": "himmelblau"},
        "runs": [{"optimizer": "sgd", "learning_rate": 0.01, "label": "one"}, {"optimizer": "sgd", "momentum": 0.5}],
    }
)
STARTS = Way("start.x", False), Way("start.y", False)
STABILITY = Way("learning_rate", True), Way("momentum", False)
WHOLE = ((-6.0, 6.0), (-6.0, 6.0))


def plane(ways=STARTS, inside=(0.3, 0.4), scenario=SCENARIO, run=0):
    return plane_of(scenario, run, *ways, inside)


def pictures(atlas: Atlas, window, most=(40, 40), **more) -> list[Picture]:
    return [found for found in atlas.look(window, most, **more) if isinstance(found, Picture)]


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many runs were computed each time that some were."""
    counts: list[int] = []

    def counted(real):
        def fill(given, rows, columns, threads=None):
            counts.append(len(rows))
            yield from real(given, rows, columns, threads)

        return fill

    for real in (made.fill, made.fill_apart):
        monkeypatch.setattr(made, real.__name__, counted(real))
    return counts


@pytest.mark.parametrize(
    ("ways", "window"),
    [
        (STARTS, WHOLE),
        (STARTS, ((-0.017, 0.02), (3.01, 3.03))),
        (STABILITY, ((-3.0, -1.0), (0.0, 0.99))),
        ((Way("learning_rate", False), Way("seed", False)), ((0.001, 0.05), (0.0, 9.0))),
    ],
)
def test_every_pixel_is_what_a_sweep_over_its_values_finds(ways, window) -> None:
    picture = pictures(Atlas(plane(ways, (0.5, 0.5) if ways[1].over != "seed" else (0.5, 3.0))), window)[-1]
    axes = [{"over": name, "values": tuple(values.tolist())} for name, values in picture.result.axes.items()]
    found = sweep(picture.plane.subject, axes=axes, device="cpu")
    assert picture.share == 1.0
    for name, column in picture.result.columns.items():
        assert np.array_equal(column, found.columns[name], equal_nan=True), name


def test_a_pixel_is_the_run_alone() -> None:
    picture = pictures(Atlas(plane()), WHOLE)[-1]
    result = picture.result
    for _ in range(6):
        at = tuple(int(fresh().integers(0, size)) for size in result.shape)
        run = result.row(at)
        alone = gdsim.run(result.scenario_at(at)).runs[0]
        assert tuple(alone.positions[0]) == (run.values["start.x"], run.values["start.y"])
        assert tuple(alone.positions[-1]) == (run.numbers["x"], run.numbers["y"])
        assert alone.losses[-1] == run.numbers["final_loss"]


def test_it_sharpens_from_coarse_to_fine_and_computes_no_run_twice(computed: list[int]) -> None:
    found = pictures(Atlas(plane()), WHOLE, (150, 150))
    sizes = [one.result.shape for one in found]
    assert len(found) == made.COARSEST + 1
    assert sizes == sorted(sizes)
    assert sum(computed) == math.prod(sizes[-1]) + outside(found)
    fine = found[-1]
    for coarse in found[:-1]:
        for i, x in enumerate(coarse.result.axes["start.x"]):
            for j, y in enumerate(coarse.result.axes["start.y"]):
                at = fine.at(x, y)
                if at is not None:
                    assert fine.result["final_loss"][at] == coarse.result["final_loss"][i, j]
                    assert (fine.result.axes["start.x"][at[0]], fine.result.axes["start.y"][at[1]]) == (x, y)


def outside(found: list[Picture]) -> int:
    """Runs of the coarser pictures that lie beyond the finest one: half a coarse pixel at most on each side."""
    fine, seen = found[-1], set()
    for coarse in found[:-1]:
        for x in coarse.result.axes["start.x"].tolist():
            for y in coarse.result.axes["start.y"].tolist():
                if fine.at(x, y) is None:
                    seen.add((x, y))
    return len(seen)


def test_only_what_is_new_is_computed_when_it_is_moved_or_magnified(computed: list[int]) -> None:
    atlas = Atlas(plane())
    whole = pictures(atlas, WHOLE, (100, 100))[-1]
    computed.clear()
    again = pictures(atlas, WHOLE, (100, 100))
    assert (len(again), computed) == (1, [])
    assert all(np.array_equal(again[0].result.columns[n], c, equal_nan=True) for n, c in whole.result.columns.items())
    moved = pictures(atlas, ((-5.0, 7.0), (-6.0, 6.0)), (100, 100))
    step = math.ldexp(1.0, whole.levels[0])
    assert len(moved) == 1
    assert sum(computed) == round(1.0 / step) * whole.result.shape[1]
    computed.clear()
    pictures(atlas, WHOLE, (100, 100))
    assert computed == []  # back again
    nearer = pictures(atlas, ((-3.0, 3.0), (-3.0, 3.0)), (100, 100))
    nx, ny = nearer[-1].result.shape
    assert sum(computed) == nx * ny - (nx // 2 + 1) * (ny // 2 + 1)  # of every four runs one was known
    computed.clear()
    pictures(atlas, WHOLE, (50, 50))
    assert sum(computed) <= 4 * 60  # a rim


def test_what_is_given_up_leaves_nothing_half_known(computed: list[int]) -> None:
    atlas = Atlas(plane())
    look = atlas.look(WHOLE, (60, 60))
    next(found for found in look if isinstance(found, Picture))
    look.close()
    final = pictures(atlas, WHOLE, (60, 60))[-1]
    fresh_one = pictures(Atlas(plane()), WHOLE, (60, 60))[-1]
    assert np.array_equal(final.result.columns["final_loss"], fresh_one.result.columns["final_loss"])


def test_tiles_are_forgotten_and_computed_anew(monkeypatch: pytest.MonkeyPatch, computed: list[int]) -> None:
    monkeypatch.setattr(made, "MOST_TILES", 3)
    atlas = Atlas(plane())
    first = pictures(atlas, WHOLE, (60, 60))[-1]
    assert len(atlas.tiles) == 3
    computed.clear()
    second = pictures(atlas, WHOLE, (60, 60))[-1]
    assert sum(computed) > 0
    assert np.array_equal(first.result.columns["final_loss"], second.result.columns["final_loss"])


def test_neither_its_own_numbers_nor_words_change_a_plane() -> None:
    one = plane()
    moved = SCENARIO.changed(title="other", start=(3.0, 3.0))
    assert plane(scenario=moved, inside=(0.3, 0.4)) == one
    assert plane(scenario=moved.changed(steps=41)) != one
    assert plane(run=1) != one
    rates = SCENARIO.with_run(0, SCENARIO.runs[0].changed(learning_rate=0.5, label="x"))
    assert plane(STABILITY, (0.1, 0.5), rates) == plane(STABILITY, (0.1, 0.5))
    with pytest.raises(KeyError):
        plane((Way("beta1", False), STARTS[1]))


def test_values_stay_within_what_the_number_admits() -> None:
    scenario = SCENARIO.changed(runs=({"optimizer": "adam", "learning_rate": 0.1},))
    target = targets(scenario)["beta1"]
    values = Way("beta1", False).values(-4, -8, 40, target)
    assert all(target.param.admits(value) for value in values)
    whole = Way("seed", False).values(-2, 0, 9, targets(scenario)["seed"])
    assert whole.tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2]


def test_places_are_found_in_the_picture() -> None:
    picture = pictures(Atlas(plane(STABILITY, (0.1, 0.5))), ((-3.0, -1.0), (0.0, 0.99)))[-1]
    (west, east), (south, north) = picture.extent
    assert west <= -3.0 < -1.0 <= east
    assert south <= 0.0 < 0.99 <= north
    nx, ny = picture.result.shape
    assert picture.at(west + 1e-9, south + 1e-9) == (0, 0)
    assert picture.at(east - 1e-9, north - 1e-9) == (nx - 1, ny - 1)
    assert picture.at(west - 1e-6, 0.5) is None
    at = picture.at(-2.0, 0.5)
    assert picture.result.axes["learning_rate"][at[0]] == pytest.approx(0.01, rel=1e-12)
    assert picture.result.axes["momentum"][at[1]] == 0.5


def test_the_border_of_theory_is_over_it() -> None:
    """On a quadratic it lies between runs that stay and runs that fly off, wherever one looks."""
    scenario = validated(
        {"steps": 400, "start": (1.0, 1.0), "problem": {"landscape": "quadratic"}, "runs": [{"optimizer": "sgd", "momentum": 0.2}]}
    )
    atlas = Atlas(plane((Way("learning_rate", False), Way("momentum", False)), (0.1, 0.5), scenario))
    sharpest = float(np.linalg.eigvalsh(scenario.landscape.hessian(0.0, 0.0))[-1])
    for picture in pictures(atlas, ((0.1 / sharpest, 4.0 / sharpest), (0.0, 0.6)), (60, 60)):
        (border,) = picture.chart.borders
        assert border.x == pytest.approx(2.0 * (1.0 + border.y) / sharpest)
        lost = picture.result["verdict"] == OUTCOMES.index(gdsim.Outcome.DIVERGED)
        rates, momenta = (picture.result.axes[name] for name in ("learning_rate", "momentum"))
        limit = 2.0 * (1.0 + momenta) / sharpest
        ratio = rates[:, np.newaxis] / limit
        clear = np.abs(ratio - 1.0) > 0.05
        assert np.array_equal(lost[clear], (ratio > 1.0)[clear])


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_a_table_has_every_run(suffix: str, tmp_path) -> None:
    import pyarrow.csv
    import pyarrow.parquet

    picture = pictures(Atlas(plane(STABILITY, (0.1, 0.5))), ((-3.0, -1.0), (0.0, 0.9)), (9, 9))[-1]
    file = tmp_path / f"map{suffix}"
    write_map_table(picture.result, file)
    table = pyarrow.csv.read_csv(file) if suffix == ".csv" else pyarrow.parquet.read_table(file)
    assert [path.name for path in tmp_path.iterdir()] == [file.name]
    assert table.num_rows == picture.result.size
    for row in fresh().integers(0, table.num_rows, 8).tolist():
        known, found = picture.result.row(row), table.slice(row, 1).to_pylist()[0]
        assert found["verdict"] == str(known.verdict)
        assert (found["learning_rate"], found["momentum"]) == tuple(known.values.values())
        assert found["final_loss"] == known.numbers["final_loss"]
    with pytest.raises(ValueError, match="a table is one of"):
        write_map_table(picture.result, tmp_path / "map.txt")


def test_a_run_that_is_clicked_is_the_one_that_was_shown() -> None:
    picture = pictures(Atlas(plane(STABILITY, (0.1, 0.5))), ((-3.0, -1.0), (0.0, 0.9)), (9, 9))[-1]
    run = picture.result.row((4, 5))
    known = targets(SCENARIO)
    taken = put(SCENARIO, [(known[f"runs.0.{name}"], value) for name, value in run.values.items()])
    assert gdsim.run(taken).runs[0].losses[-1] == run.numbers["final_loss"]


# Maps of trainings


TRAINING = networks.scenario(None, run={"optimizer": "sgd", "momentum": 0.5, "batch_size": 5}, steps=10)
TOGETHER = networks.scenario(None)
LAYERS = Way("layer_rates.0", True), Way("layer_rates.1", True)


@pytest.mark.parametrize(
    ("scenario", "ways", "window", "inside"),
    [
        (TOGETHER, LAYERS, ((-2.0, 2.0), (-2.0, 1.5)), (1.0, 1.0)),
        (TOGETHER, (Way("learning_rate", True), Way("problem.network.scale", True)), ((-4.0, 1.0), (-1.0, 1.0)), (0.1, 1.0)),
        (TRAINING, (Way("learning_rate", True), Way("batch_size", True)), ((-2.0, 1.0), (0.0, math.log10(20.0))), (0.1, 5.0)),
        (TRAINING, (Way("momentum", False), Way("seed", False)), ((0.0, 0.99), (0.0, 5.0)), (0.1, 5.0)),
    ],
)
def test_every_pixel_of_a_map_of_trainings_is_what_a_sweep_finds(scenario, ways, window, inside) -> None:
    picture = pictures(Atlas(plane(ways, inside, scenario)), window, (10, 10))[-1]
    axes = [{"over": name, "values": tuple(values.tolist())} for name, values in picture.result.axes.items()]
    found = sweep(picture.plane.subject, axes=axes, device="cpu")
    assert picture.share == 1.0
    assert picture.chart.painted == "trainability"
    for name, column in picture.result.columns.items():
        assert np.array_equal(column, found.columns[name], equal_nan=True), name
    for column, target in zip(picture.result.axes.values(), picture.plane.known, strict=True):
        assert all(target.param.admits(value) for value in column.tolist())


def stages(counts: tuple[int, ...], seconds: float | None, patience: float = 100.0) -> Cost:
    return Cost(counts, seconds, patience)


@pytest.mark.parametrize(
    ("seconds", "patience", "aim"),
    [(None, 0.0, 0), (0.0, 10.0, 0), (0.01, 50.0, 0), (0.01, 9.0, 1), (0.1, 9.0, 2), (0.1, 2.0, 3), (10.0, 100.0, 4)],
)
def test_a_map_of_trainings_gets_as_fine_as_patience_lasts(seconds, patience, aim) -> None:
    cost = stages((1600, 400, 64, 16), seconds, patience)
    assert cost.aim(3) == aim
    if seconds:
        assert cost.price(2) == pytest.approx(64 * seconds)
    cost.count(16)
    assert cost.left(0) is None  # nobody knows yet


def test_what_it_costs_follows_what_it_cost_so_far() -> None:
    cost = stages((1600, 400, 64, 16), 5.0)
    cost._began -= 8.0
    cost.count(16)
    assert cost.seconds == pytest.approx(0.5, rel=1e-2)
    assert cost.price(2) == pytest.approx(48 * 0.5, rel=1e-2)
    assert cost.left(1) == pytest.approx(384 * 0.5, rel=1e-2)
    assert cost.aim(2) == 2
    landscape = stages((1600, 400), None)
    landscape._began -= 1.0
    landscape.count(800)
    assert (landscape.price(0), landscape.left(0)) == (0.0, pytest.approx(1.0, rel=1e-2))


@pytest.mark.parametrize("pace", [1e-6, 0.05, 1.0, 30.0])
def test_the_first_picture_is_there_soon_and_what_is_dear_waits_to_be_asked_for(
    pace: float, monkeypatch: pytest.MonkeyPatch, computed: list[int]
) -> None:
    """Trainings of these seconds, by a clock that goes by them; 225 places at the finest."""
    clock = [0.0]
    monkeypatch.setattr(made, "pace_of", lambda _plan: pace)
    monkeypatch.setattr(map_cost, "time", SimpleNamespace(perf_counter=lambda: clock[0]))
    monkeypatch.setattr(map_cost, "KNOWING", 0.0)

    def timed(real):
        def fill(given, rows, columns, threads=None):
            before = 0
            for done in real(given, rows, columns, threads):
                clock[0] += pace * (done - before)
                before = done
                yield done

        return fill

    for name in ("fill", "fill_apart"):
        monkeypatch.setattr(made, name, timed(getattr(made, name)))
    atlas, window = Atlas(plane(LAYERS, (1.0, 1.0), TOGETHER)), ((-2.0, 1.5), (-2.0, 1.5))

    def look(patience: float) -> tuple[list[Picture], list[float]]:
        found = list(atlas.look(window, (16, 16), threads=1, patience=patience))
        return [one for one in found if isinstance(one, Picture)], [one.seconds for one in found if isinstance(one, made.Withheld)]

    shown, withheld = look(180.0)
    sizes = [one.result.size for one in shown]
    assert not shown or computed[0] * pace <= max(map_cost.SOON, 25 * pace)
    assert clock[0] <= 180.0
    if pace < 1.0:
        assert (sizes[-1], withheld) == (225, [])
    elif pace == 1.0:
        assert 25 <= sizes[-1] <= 180
    assert [one.share == 1.0 for one in shown] == [False] * (len(shown) - 1) + [True] * bool(shown)
    if withheld:
        more, _ = look(1.5 * withheld[0])
        assert more[-1].result.size > (sizes[-1] if sizes else 0)
        assert computed[-1] * pace <= 1.5 * withheld[0]


def test_what_is_known_of_a_map_of_trainings_is_not_computed_again(computed: list[int]) -> None:
    atlas, window = Atlas(plane(LAYERS, (1.0, 1.0), TOGETHER)), ((-2.0, 1.5), (-2.0, 1.5))
    pictures(atlas, window, (16, 16))
    computed.clear()
    (again,) = pictures(atlas, window, (16, 16))
    assert (computed, again.share) == ([], 1.0)
    nearer = pictures(atlas, ((-1.0, 1.0), (-1.0, 1.0)), (16, 16))[-1]
    assert sum(computed) < nearer.result.size


@pytest.mark.parametrize("threads", [1, 2])
def test_trainings_that_take_long_are_given_up_at_once(threads: int) -> None:
    """Each would take a minute: what was begun ends with the step that it is at."""
    endless = networks.scenario(None, run={"optimizer": "sgd", "batch_size": 5, "learning_rate": 1e-3}, steps=10_000_000)
    atlas = Atlas(plane(LAYERS, (1.0, 1.0), endless), seconds=1.0, apart=True)
    look = atlas.look(((-2.0, 1.5), (-2.0, 1.5)), (16, 16), threads=threads, patience=1e9)
    assert [next(look).share for _ in range(3)] == [0.0, 0.0, 0.0]
    began = time.perf_counter()
    look.close()
    assert time.perf_counter() - began < 10.0  # some 20 ms, whatever else the machine does


def test_trainings_are_remembered_though_their_picture_is_given_up(monkeypatch: pytest.MonkeyPatch, computed: list[int]) -> None:
    monkeypatch.setattr(made, "KEPT_AFTER", 0.0)
    atlas, window = Atlas(plane(LAYERS, (1.0, 1.0), TOGETHER)), ((-2.0, 1.5), (-2.0, 1.5))
    look = atlas.look(window, (16, 16), threads=1)
    while sum(computed) < 100:
        next(look)
    look.close()
    begun = sum(computed)
    last = pictures(atlas, window, (16, 16))[-1]
    assert len(computed) > 6
    assert sum(computed) <= last.result.size + made.PIECE  # those at which it was given up
    assert begun >= 100
    whole = pictures(Atlas(plane(LAYERS, (1.0, 1.0), TOGETHER)), window, (16, 16))[-1]
    assert np.array_equal(last.result.columns["final_loss"], whole.result.columns["final_loss"], equal_nan=True)
