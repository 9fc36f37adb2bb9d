"""Kernels that train networks on graphics cards: their bits in numba's simulator, where their numbers lie, their code without a card."""

import inspect
import os
import re
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gdsim.engine import cuda_layout, device  # noqa: F401 (the condition of needs_card names it)
from gdsim.engine.cuda_layout import DENSE, GOING, RATES, SIZE, SUMS, CardLayout
from gdsim.engine.layout import BIAS, ERROR, INPUTS, OUTPUTS, VALUE, WEIGHT, WIDE, pad
from gdsim.networks.learn import engine_model
from gdsim.networks.network import Network
from tests.draws import EVERYTHING, SEED, fresh, some
from tests.engine.cuda_network_cases import CASES, different
from tests.engine.ptx_networks import ROWS, examined, trained
from tests.engine.ptx_table import CAPABILITIES
from tests.engine.test_cuda import needs_card, needs_compiler

DRAWN = some(CASES, 1)  # it takes seconds to compile and to simulate


def test_the_simulator_has_the_bits_of_the_processor():
    environment = os.environ | {"NUMBA_ENABLE_CUDASIM": "1"}
    arguments = [sys.executable, "-W", "error", "-m", "tests.engine.cuda_network_cases", *DRAWN]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"GDSIM_TEST_SEED={SEED}\n{done.stdout}{done.stderr}"
    assert done.stdout.splitlines() == [f"{name}: the same bits in the simulator" for name in DRAWN]


def test_every_argument_of_a_kernel_has_a_type(monkeypatch):
    """As in ``test_cuda``: the processor's types are as many."""
    import numba
    import numba.cuda

    from gdsim.engine import cuda_learning, cuda_training

    monkeypatch.setattr(numba.cuda, "types", numba.types)
    for precision in ("float64", "float32"):
        assert len(cuda_learning.signature(precision).args) == len(inspect.signature(cuda_training.train_block).parameters)


LAYOUTS = st.builds(
    lambda sizes, slots, precision, points: CardLayout(
        engine_model(Network(sizes, precision=precision)), replace(trained("sgd")[1], slots=slots), points
    ),
    st.lists(st.integers(1, 70), min_size=2, max_size=6),
    st.integers(0, 3),
    st.sampled_from(("float64", "float32")),
    st.integers(1, 3000),
)


@given(LAYOUTS)
def test_no_two_numbers_have_one_place(layout):
    """Everything that a training keeps, marked place by place: nothing twice, nothing outside."""
    size, tile, length = int(layout.places[SIZE]), layout.tile, layout.length
    used = np.zeros(size, int)
    used[[0, GOING]] += 1
    used[layout.places[RATES] : layout.places[RATES] + layout.rule.hyper * len(layout.table) + layout.rule.shared] += 1
    used[layout.places[SUMS] : layout.places[SUMS] + 4 * pad(layout.model.precision)] += 1
    first = layout.table[0, WEIGHT]
    used[first - length : first + (1 + layout.rule.slots) * length] += 1  # the gradient, the weights, their slots
    used[layout.places[DENSE] : layout.places[DENSE] + tile * layout.model.outputs] += 1
    for row in layout.table:
        for place in (VALUE, ERROR):
            used[row[place] : row[place] + tile * row[OUTPUTS]] += 1
    assert np.all(used == 1)
    assert 1 <= tile <= layout.points
    assert layout.near == (size * layout.width <= cuda_layout.SHARED_BYTES)
    assert layout.shared_bytes == (size * layout.width if layout.near else 0)
    assert layout.threads % 32 == 0


@given(LAYOUTS)
def test_every_weight_has_a_place_in_its_layer_and_a_chain(layout):
    flat = layout.flat
    assert len(np.unique(flat)) == len(flat)
    at = 0
    for row in layout.table:
        matrix = flat[at : at + row[INPUTS] * row[OUTPUTS]].reshape(row[OUTPUTS], row[INPUTS])
        assert np.array_equal(matrix, row[WEIGHT] + np.arange(row[INPUTS]) * row[WIDE] + np.arange(row[OUTPUTS])[:, np.newaxis])
        at += matrix.size
        assert np.array_equal(flat[at : at + row[OUTPUTS]], row[BIAS] + np.arange(row[OUTPUTS]))
        at += row[OUTPUTS]
        assert row[WIDE] % 2 == 1
    assert at == len(flat)
    chained = layout.chains[layout.chains != 0]
    assert np.array_equal(np.sort(chained), np.sort(flat) - layout.length)
    assert layout.chains.size % (4 * pad(layout.model.precision)) == 0


@pytest.mark.cuda
@needs_compiler
@pytest.mark.parametrize("capability", CAPABILITIES)
def test_only_written_multiplications_are_fused(capability):
    for row in fresh().permutation(len(ROWS))[:2]:
        found = examined(*ROWS[row], capability)
        assert not re.search(r"\b(mul|add|sub|div|sqrt)(\.approx|\.full|\.ftz|)\.f(32|64)", found.text), ROWS[row]
        assert found.spilled == 0, ROWS[row]
        assert not re.search(r"\bcall\b", found.text), ROWS[row]
        assert "ld.shared.f64" in found.text


@pytest.mark.cuda
@needs_compiler
def test_sums_over_points_and_weights_are_single_in_single_precision():
    """Double are a training's loss, its schedule and what its weights share, which one thread looks at; no number of the others' is."""
    for row in ROWS if EVERYTHING else [ROWS[k] for k in fresh().permutation(len(ROWS))[:3]]:
        text = examined(*row, CAPABILITIES[-1], precision="float32").text
        chains = [block for block in re.split(r"^\$L\w+:", text, flags=re.MULTILINE) if block.count("fma.rn.f32") >= 4]
        assert len(chains) >= 5, row
        assert not any(".f64" in block for block in chains), row
        assert not re.search(r"(ld|st)\.shared\.f64", text), row


@pytest.mark.cuda
@needs_card
@pytest.mark.parametrize("name", CASES)
def test_the_card_has_the_bits_of_the_processor(name):
    assert different(name, runs=1000, steps=60) == []


@pytest.mark.cuda
@needs_card
@pytest.mark.parametrize("threads", [1, 32, 33, 64, 128, 256])
def test_no_bit_depends_on_the_threads_of_a_block(monkeypatch, threads):
    monkeypatch.setattr(CardLayout, "threads", threads)
    for name in fresh().permutation(list(CASES))[:3]:
        assert different(str(name), runs=200, steps=20) == []
