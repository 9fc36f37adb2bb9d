"""Shards from an executor: the numbers of this machine, whatever order they come in and however many workers are lost on the way."""

from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context

import numpy as np
import pytest

import gdsim
from gdsim.engine.device import DeviceError
from gdsim.simulation import sweep_elsewhere
from gdsim.simulation.complaints import ScenarioError
from gdsim.simulation.scenario import validated
from gdsim.simulation.scenario_file import load
from gdsim.simulation.sweep import Progress, Shard, stream, sweep
from gdsim.simulation.sweep_elsewhere import TRIES, SweepWorkerError, compute, travelling
from gdsim.simulation.sweep_plan import Plan
from gdsim.simulation.sweep_store import SweepStoreError, write
from tests.simulation.killing import contents, finish, quick_folder, small_plan

SGD = {"optimizer": "sgd", "learning_rate": 0.02}
TABLES = {
    "steps": 50,
    "problem": {"landscape": "himmelblau"},
    "runs": [SGD | {"start": [1.0, 2.0]}, {"optimizer": "adam", "learning_rate": 0.1, "start": {"normal": 2.0}}],
    "sweep": {"axes": [{"over": "learning_rate", "low": 1e-3, "high": 1.0, "count": 45, "scale": "log"}]},
}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch):
    monkeypatch.setattr(sweep_elsewhere, "PAUSE", 0.0)


@pytest.fixture
def tmp_path():
    with quick_folder() as folder:
        yield folder


class Unreliable(Executor):
    """Runs what it is given at once or when asked; the ``lost`` (a set of numbers of submissions) fail like a worker that is killed."""

    def __init__(self, lost=(), order=None, error=lambda: ConnectionError("worker lost")):
        self.lost, self.order, self.error, self.asked, self.held = lost, order, error, [], []

    def submit(self, work, *given):
        future, number = Future(), len(self.asked)
        self.asked.append(given)
        self.held.append((future, number, work, given))
        if self.order is None or len(self.held) >= self.order:
            for one in self.held[::-1]:
                self.finish(*one)
            self.held.clear()
        return future

    def finish(self, future, number, work, given):
        if not future.set_running_or_notify_cancel():
            return
        if self.lost is True or number in self.lost:
            future.set_exception(self.error())
        else:
            future.set_result(work(*given))


def whole_and_parts(told, plan):
    shards = sorted((one for one in told if isinstance(one, Shard)), key=lambda one: one.low)
    assert [(one.low, one.high) for one in shards] == list(plan.shards())
    for column, values in sweep(plan.scenario).columns.items():
        np.testing.assert_array_equal(np.concatenate([one.columns[column] for one in shards]), values)


def test_threads_and_other_processes_give_the_same():
    plan = Plan(validated(TABLES), shard=30)
    with ThreadPoolExecutor(2) as threads, ProcessPoolExecutor(1, get_context("spawn")) as processes:
        for executor in (threads, processes):
            told = list(stream(plan, executor=executor))
            assert [one.done for one in told if isinstance(one, Progress)] == [30, 60, 90]
            whole_and_parts(told, plan)


def test_what_travels_is_text_and_a_range():
    plan = Plan(validated(TABLES), shard=40)
    executor = Unreliable()
    whole_and_parts(stream(plan, executor=executor), plan)
    text = travelling(plan)
    assert executor.asked == [(text, "", low, high, "auto", 1) for low, high in plan.shards()]
    assert len(text) < 1000


@pytest.mark.parametrize("lost", [{0}, {2, 3}])
def test_a_lost_shard_is_handed_out_again(lost):
    plan = Plan(validated(TABLES), shard=30)
    executor = Unreliable(lost)
    whole_and_parts(stream(plan, executor=executor, workers=1), plan)
    assert len(executor.asked) == 3 + len(lost)


def test_but_not_for_ever():
    executor = Unreliable(True)
    words = r"shard 0 \(runs 0 to 29\) failed 5 times, the last time with ConnectionError: worker lost"
    with pytest.raises(SweepWorkerError, match=words):
        list(stream(Plan(validated(TABLES), shard=30), executor=executor, workers=1))
    assert len(executor.asked) == TRIES


def test_shards_come_as_they_are_ready_and_no_more_are_under_way_than_told():
    plan = Plan(validated(TABLES), shard=10)
    executor = Unreliable(order=3)
    told = list(stream(plan, executor=executor, workers=3))
    assert [one.low for one in told if isinstance(one, Shard)][:2] == [10, 0]
    whole_and_parts(told, plan)


def test_any_order_and_any_losses_write_the_same_bytes(tmp_path, rng):
    plan = small_plan()
    finish(plan, tmp_path / "whole", 1)
    lost = set(rng.choice(16, TRIES - 1, replace=False).tolist())
    list(write(plan, tmp_path / "parts", executor=Unreliable(lost, order=1), workers=4))
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_what_is_finished_before_a_failure_stays_and_is_gone_on_with(tmp_path):
    plan = small_plan()
    finish(plan, tmp_path / "whole", 1)
    with pytest.raises(SweepWorkerError, match=r"shard 7 \(runs 224 to 255\)"):
        list(write(plan, tmp_path / "parts", executor=Unreliable(set(range(7, 7 + TRIES))), workers=1))
    with ThreadPoolExecutor(2) as executor:
        told = list(write(plan, tmp_path / "parts", executor=executor, resume=True))
    assert told[0].done > 32
    assert contents(tmp_path / "parts") == contents(tmp_path / "whole")


def test_errors_that_no_repetition_mends_come_at_once():
    for error in (DeviceError("no card"), ScenarioError("", [])):
        executor = Unreliable(True, error=lambda error=error: error)
        with pytest.raises(type(error)):
            list(stream(Plan(validated(TABLES)), executor=executor))
        assert len(executor.asked) == 1


def test_an_executor_that_is_gone_is_told():
    executor = ThreadPoolExecutor(1)
    executor.shutdown()
    with pytest.raises(SweepWorkerError, match="the executor takes no more work: RuntimeError: cannot schedule new futures after shutdown"):
        list(stream(Plan(validated(TABLES)), executor=executor))


def test_cancelled_work_is_handed_out_again_and_closing_cancels_the_rest():
    class Cancelling(Unreliable):
        def finish(self, future, number, work, given):
            if number == 1:
                future.cancel()
                future.set_running_or_notify_cancel()
            else:
                super().finish(future, number, work, given)

    plan = Plan(validated(TABLES), shard=30)
    executor = Cancelling()
    whole_and_parts(stream(plan, executor=executor), plan)
    assert len(executor.asked) == 4
    slow = Unreliable(order=2)
    told = stream(plan, executor=slow)
    next(told)
    told.close()
    assert all(future.cancelled() for future, *_ in slow.held)
    assert len(slow.held) == 1


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ("code", "another version of gdsim, Python, NumPy or Numba"),
        ("data", "other data"),
        ("bits", "a processor or card that rounds otherwise"),
    ],
)
def test_a_worker_that_computes_otherwise_is_told_apart(monkeypatch, changed, words):
    def strange(*given):
        answer = compute(*given)
        return replace(answer, proof=replace(answer.proof, **{changed: "another", "where": "node-7 (gdsim 0.1)"}))

    monkeypatch.setattr(sweep_elsewhere, "compute", strange)
    with pytest.raises(SweepWorkerError, match=rf"a worker has {words}, so that .*: node-7 \(gdsim 0.1\), here "):
        list(stream(Plan(validated(TABLES)), executor=Unreliable()))


def test_the_proof_sees_one_bit_of_one_run(monkeypatch):
    text = travelling(Plan(validated(TABLES)))
    sweep_elsewhere._proof.cache_clear()
    before = sweep_elsewhere._proof(text, "", "cpu")
    real = sweep_elsewhere._columns

    def otherwise(*given):
        columns = real(*given)
        columns["x"][17] = np.nextafter(columns["x"][17], np.inf)
        return columns

    monkeypatch.setattr(sweep_elsewhere, "_columns", otherwise)
    sweep_elsewhere._proof.cache_clear()
    after = sweep_elsewhere._proof(text, "", "cpu")
    sweep_elsewhere._proof.cache_clear()
    assert before.difference(before) is None
    assert before.difference(after) == "a processor or card that rounds otherwise"


def test_data_in_a_file_are_found_from_anywhere_and_known_by_content(tmp_path, monkeypatch):
    points = tmp_path / "points.csv"
    points.write_text("x,y\n" + "".join(f"{x},{2.0 * x + 1.0}\n" for x in range(6)))
    file = tmp_path / "fit.toml"
    axes = 'axes = [{ over = "learning_rate", low = 0.001, high = 0.1, count = 5 }]'
    file.write_text(f'steps = 20\n[problem]\ncsv = "points.csv"\nmodel = "line"\n[sweep]\n{axes}\n[[runs]]\noptimizer = "sgd"\n')
    here = gdsim.sweep(file)
    monkeypatch.chdir(tmp_path.parent)
    plan = Plan(load(file), shard=2)
    with ProcessPoolExecutor(1, get_context("spawn")) as processes:
        there = gdsim.sweep(file, out=tmp_path / "out", executor=processes)
        for column, values in here.columns.items():
            np.testing.assert_array_equal(there.columns[column], values)
        finish(plan, tmp_path / "again", 1)
        points.write_text(points.read_text().replace("5,11.0", "5,12.0"))
        changed = Plan(load(file), shard=2)
        with pytest.raises(SweepStoreError, match="another data set"):
            finish(changed, tmp_path / "again", 1)

        class WhereTheFileIsAnother(Executor):
            def submit(self, *given):
                points.write_text(points.read_text().replace("5,12.0", "5,13.0"))
                return processes.submit(*given)

        with pytest.raises(SweepWorkerError, match="other data"):
            list(stream(changed, executor=WhereTheFileIsAnother()))
