"""Kernels for graphics cards: their bits in numba's simulator, their code without a card, and what happens where there is none."""

import inspect
import os
import re
import subprocess
import sys
from contextlib import nullcontext
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

import gdsim
from gdsim.engine import device
from gdsim.engine.device import Card, DeviceError, chosen
from gdsim.engine.precision import PRECISIONS, SINGLE
from gdsim.landscapes import LANDSCAPES
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many, run_many
from tests.draws import SEED, fresh
from tests.engine.cuda_cases import CASES, EVERY, different
from tests.engine.ptx_table import compiler_problem, examined, kernels, pairs, rule
from tests.engine.test_descend import EVERYTHING

# The simulator is slow: cases are drawn, fresh ones every time, unless all are asked for.
DRAWN = [(str(name), str(precision)) for name, precision in np.random.default_rng(SEED).permutation(EVERY)[: None if EVERYTHING else 2]]

needs_compiler = pytest.mark.skipif(compiler_problem() is not None, reason=str(compiler_problem()))
needs_card = pytest.mark.skipif("not device.card().usable", reason="there is no graphics card that CUDA can use")


def test_the_simulator_has_the_bits_of_the_processor():
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    arguments = [sys.executable, "-W", "error", "-m", "tests.engine.cuda_cases", *(":".join(case) for case in DRAWN)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"GDSIM_TEST_SEED={SEED}\n{done.stdout}{done.stderr}"
    assert done.stdout.splitlines() == [f"{name}, {precision}: the same bits in the simulator" for name, precision in DRAWN]


def test_every_argument_of_a_kernel_has_a_type(monkeypatch):
    """Kernels are compiled before there are arguments; this needs no compiler for cards, since the processor's types are as many."""
    import numba
    import numba.cuda

    from gdsim.engine import cuda, cuda_templates

    monkeypatch.setattr(numba.cuda, "types", numba.types)
    for precision in PRECISIONS.values():
        assert len(cuda._signature(precision).args) == len(inspect.signature(cuda_templates.one_run).parameters)


@pytest.mark.cuda
@needs_compiler
@pytest.mark.parametrize("capability", [(7, 5), (8, 0), (9, 0)])
@pytest.mark.parametrize("precision", PRECISIONS.values(), ids=PRECISIONS)
def test_only_written_multiplications_are_fused(capability, precision):
    """Without contraction every operation is rounded by itself: the code says .rn, and has as many fused ones as leaves name."""
    for landscape, optimizer in fresh().permutation(kernels())[:2]:
        found = examined(landscape, optimizer, capability, precision=precision)
        said = f"{landscape} with {optimizer}"
        assert not re.search(r"\b(mul|add|sub|div|sqrt)(\.approx|\.full|\.ftz|)\.f(32|64)", found.text), said
        assert found.spilled == 0, said
        assert not re.search(r"\bcall\b", found.text), said


@pytest.mark.cuda
@needs_compiler
def test_single_precision_has_no_double():
    from gdsim.engine.cuda import ptx

    everything = kernels()
    drawn = everything if EVERYTHING else fresh().permutation(everything)[:4]
    for landscape, optimizer in drawn:
        text = ptx(rule(landscape, optimizer), (9, 0), SINGLE)
        assert ".f64" not in text, (landscape, optimizer)
        assert ".f32" in text


@pytest.mark.cuda
@needs_compiler
def test_contraction_is_allowed_where_it_is_asked_for():
    strict, fast = (examined("rosenbrock", "sgd", (9, 0), fast=fast).text.count("fma.rn.f64") for fast in (False, True))
    assert fast > strict


@pytest.mark.cuda
@needs_compiler
def test_a_kernel_is_compiled_once_and_then_read_from_the_disk(monkeypatch, tmp_path):
    """With a driver that loads nothing: all that comes before it is real."""
    from numba.cuda import codegen, dispatcher

    from gdsim.engine import cuda

    loaded = []

    class Driver:
        compute_capability, id, initialized = (9, 0), 0, True

        @property
        def device(self):
            return self

        def create_module_image(self, cubin, *_):
            loaded.append(bytes(cubin.code))
            return self

        def get_function(self, name):
            return SimpleNamespace(attrs=SimpleNamespace(regs=70), module=self, name=name)

    monkeypatch.setattr(dispatcher, "get_current_device", Driver)
    monkeypatch.setattr(codegen.devices, "get_context", Driver)
    monkeypatch.setattr(cuda, "folder", lambda: tmp_path)
    bound = rule("himmelblau", "adam")
    compile_it = cuda.compiled.__wrapped__
    assert compile_it(bound)[1] == 128
    (file,) = tmp_path.iterdir()
    monkeypatch.setattr(dispatcher, "compile_cuda", None)
    compile_it(bound)
    assert loaded[-1] == loaded[0]
    with pytest.raises(DeviceError, match="compiling failed on CUDA"):
        compile_it(bound, fast=True)
    file.write_bytes(b"damaged")
    with pytest.raises(DeviceError, match="compiling failed on CUDA"):
        compile_it(bound)


@pytest.mark.cuda
@needs_card
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize("name", CASES)
def test_the_card_has_the_bits_of_the_processor(name, precision):
    assert different(name, runs=1000, steps=(40, 60), precision=precision) == []


@pytest.mark.cuda
@needs_card
@pytest.mark.parametrize("precision", PRECISIONS)
@pytest.mark.parametrize(("landscape", "optimizer"), pairs())
def test_the_card_has_the_bits_of_the_processor_in_every_landscape(landscape, optimizer, precision):
    low, high = np.array(LANDSCAPES[landscape].domain).T
    starts = fresh().uniform(low, high, (500, len(low)))
    one, other = (
        run_many(LANDSCAPES[landscape], OPTIMIZERS[optimizer], starts, 200, 1e-6, device=name, precision=precision)
        for name in ("cpu", "cuda")
    )
    for key in one.__dataclass_fields__:
        assert np.array_equal(getattr(one, key), getattr(other, key), equal_nan=key not in ("converged", "diverged")), key


@pytest.fixture
def without_card(monkeypatch):
    monkeypatch.setattr(device, "card", lambda: Card(False, "not used: there is no driver", "install one"))


def test_without_a_card_the_processor_is_taken_and_asking_for_one_is_answered(without_card):
    assert chosen("auto") == chosen("cpu") == "cpu"
    with pytest.raises(DeviceError, match=r"CUDA is not used: there is no driver \(install one\); allowed: auto or cpu"):
        chosen("cuda")
    with pytest.raises(DeviceError):
        Many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], [[0.0, 0.0]], 10, device="cuda")
    assert Many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], [[0.0, 0.0]], 10, device="auto").device == "cpu"


def test_a_card_is_taken_where_there_is_one(monkeypatch):
    monkeypatch.setattr(device, "card", lambda: Card(True, "a card"))
    assert chosen("auto") == chosen("cuda") == "cuda"
    assert chosen("cpu") == "cpu"


def test_nothing_is_fused_on_the_processor():
    starts = fresh().uniform(-3.0, 3.0, (100, 2))
    one, other = (run_many(LANDSCAPES["himmelblau"], OPTIMIZERS["sgd"], starts, 50, fast=fast) for fast in (False, True))
    assert np.array_equal(one.positions, other.positions, equal_nan=True)


@pytest.mark.parametrize(("registers", "threads"), [(16, 256), (46, 256), (64, 256), (65, 128), (128, 128), (129, 64), (255, 64)])
def test_threads_share_the_registers(registers, threads):
    from gdsim.engine.cuda import threads_for

    assert threads_for(registers) == threads


@pytest.mark.parametrize("steps", [1, 31, 32, 33, 5000])
def test_launches_are_short_several_in_flight_and_cover_every_step_once(monkeypatch, steps):
    """With a card that takes 100 us a step, on a clock of its own."""
    from gdsim.engine import cuda_launches
    from gdsim.engine.cuda_block import CudaBlock
    from gdsim.engine.cuda_launches import IN_FLIGHT, LAUNCH_SECONDS

    now, launched, waiting = [0.0], [], []
    monkeypatch.setattr(cuda_launches.time, "perf_counter", lambda: now[0])

    def launch(low, high, after, count, closing):
        launched.append((after, count, closing))
        waiting.append(count)
        assert len(waiting) <= IN_FLIGHT

        def synchronize():
            now[0] += 1e-4 * waiting.pop(0)

        return SimpleNamespace(synchronize=synchronize)

    block = CudaBlock.__new__(CudaBlock)
    block._launch = launch
    shares = list(block.walk(0, 10, steps))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [after for after, _, _ in launched] == [sum(count for _, count, _ in launched[:k]) for k in range(len(launched))]
    assert sum(count for _, count, _ in launched) == steps
    assert [closing for _, _, closing in launched] == [False] * (len(launched) - 1) + [True]
    assert max(count for _, count, _ in launched) <= 1.01 * LAUNCH_SECONDS / 1e-4
    if steps == 5000:
        assert len(launched) <= 1.5 * steps * 1e-4 / LAUNCH_SECONDS
    launched.clear()
    waiting.clear()
    way = block.walk(0, 10, 10**9)
    next(way)
    way.close()
    assert len(launched) <= IN_FLIGHT
    assert waiting == []


def test_two_files_know_the_compiler_and_its_driver():
    sources = Path(gdsim.__file__).parent.rglob("*.py")
    knowing = {
        file.name for file in sources if re.search(r"numba(\.| import )cuda|import_module\(.numba", file.read_text(encoding="utf-8"))
    }
    assert knowing == {"cuda.py", "cuda_driver.py"}


def driver_of(available=True, problem=None, version=(13, 0), cards=1, capability=(9, 0)):
    """As much of numba's module as is asked what card there is."""

    def fails(*_):
        raise RuntimeError("CUDA_ERROR_UNKNOWN:  an error. More of it")

    context = SimpleNamespace(get_memory_info=lambda: SimpleNamespace(total=150_754_820_096), synchronize=lambda: None)
    return SimpleNamespace(
        is_available=lambda: available,
        cuda_error=lambda: problem,
        cudadrv=SimpleNamespace(driver=SimpleNamespace(get_version=lambda: version)),
        runtime=SimpleNamespace(get_version=lambda: (13, 5)),
        gpus=[None] * cards,
        get_current_device=fails if capability is None else lambda: SimpleNamespace(name="NVIDIA H200", compute_capability=capability),
        current_context=lambda: context,
    )


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "NVIDIA H200, compute capability 9.0, 151 GB"),
        ({"available": False, "problem": "\nno library.\nInstall one.\n"}, "not used: no library (install NVIDIA's driver"),
        ({"available": False}, "not used: the compiler NVVM is not installed (pip install"),
        ({"version": (12, 8)}, "not used: its driver is one of CUDA 12, and the compiler one of CUDA 13 (pip install"),
        ({"cards": 0}, "not used: the driver knows none (install NVIDIA's driver"),
        ({"capability": None}, "not used: CUDA_ERROR_UNKNOWN: an error (install NVIDIA's driver"),
        ({"capability": (7, 0)}, "not used: NVIDIA H200, compute capability 7.0, 151 GB is older than compute capability 7.5"),
    ],
)
def test_what_a_driver_says_is_told(monkeypatch, found, said):
    from gdsim.engine import cuda_driver

    monkeypatch.setattr(cuda_driver, "cuda", driver_of(**found))
    card = cuda_driver.examine()
    assert card.sentence.startswith(said)
    assert card.usable == (found == {})


def test_errors_of_a_card_are_told_apart_and_what_a_lost_one_holds_is_left(monkeypatch):
    from gdsim.engine import cuda_driver

    left = []
    context = SimpleNamespace(defer_cleanup=lambda: nullcontext(left.append("left")))
    driver = driver_of()
    driver.gpus = [SimpleNamespace(get_primary_context=lambda: context)]
    driver.synchronize = lambda: None
    monkeypatch.setattr(cuda_driver, "cuda", driver)

    def failing(error):
        with cuda_driver.driving("a launch"):
            raise error

    with pytest.raises(DeviceError, match=r"^the graphics card has too little memory for a launch$"):
        failing(RuntimeError("[2] Call to cuMemAlloc results in CUDA_ERROR_OUT_OF_MEMORY"))
    with pytest.raises(MemoryError):
        failing(MemoryError("of the processor"))
    with pytest.raises(DeviceError, match=r"^a launch failed on CUDA: wrong$"):
        failing(RuntimeError("wrong"))
    assert left == []
    driver.synchronize = lambda: failing(DeviceError("lost"))
    with pytest.raises(DeviceError, match=r"^a launch failed on CUDA: CUDA_ERROR_LAUNCH_FAILED$"):
        failing(RuntimeError("CUDA_ERROR_LAUNCH_FAILED. And so on."))
    assert left == ["left"]


def test_what_is_found_here_is_said_in_a_sentence():
    found = device.card()
    assert found.said
    assert found.usable or found.said.startswith("not used: ")
