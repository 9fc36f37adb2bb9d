"""Where a network's units and weights stand, and what is under the cursor."""

import numpy as np
import pytest

from gdsim.gui.network_layout import Edge, Unit, layout, scale_of, widths_of
from gdsim.networks.network import Network
from gdsim.networks.units import columns_of

SIZES = [(560.0, 600.0), (420.0, 480.0), (900.0, 640.0)]
LAYERS = [(2, 1), (2, 3, 1), (2, 16, 16, 1), (1, 8, 1), (784, 128, 10), (3, *[5] * 20, 2)]
RNG = np.random.default_rng(8)


def laid(layers, size, **others):
    network = Network(layers, **others)
    return network, layout(network, columns_of(network), *size)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("layers", LAYERS)
def test_units_lie_within_and_apart(layers, size):
    _, laid_out = laid(layers, size)
    right = 0.0
    for boxes in laid_out.boxes:
        left, top, side = boxes.T
        assert (left >= right).all()
        assert (top[1:] - top[:-1] >= side[:-1]).all()
        assert top.min() >= 0.0
        assert (top + side).max() <= size[1]
        right = (left + side).max()
    assert right <= size[0]


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("layers", LAYERS)
def test_every_weight_and_bias_is_found_in_the_flat_vector(layers, batch_norm):
    network, laid_out = laid(layers, SIZES[0], batch_norm=batch_norm)
    flat = RNG.normal(size=network.weights)
    linear = [tensor for tensor in network.views(flat).values() if tensor.ndim == 2]
    names = {part.layer: part.name.split(".")[0] for part in network.parts if len(part.shape) == 2}
    assert len(laid_out.places) == len(set(laid_out.places.tolist()))
    for number in RNG.integers(0, max(len(laid_out.places), 1), 20).tolist() if len(laid_out.places) else []:
        edge = laid_out.edge(number)
        assert flat[edge.place] == linear[edge.layer][edge.after, edge.before]
    for column, places in zip(laid_out.columns[1:], laid_out.biases[1:], strict=True):
        bias = network.views(flat)[f"{names[column.layer - 1]}.bias"]
        assert flat[places] == pytest.approx(bias[list(column.units)])
    assert len(laid_out.gaps) == (1 if len(layers) > 10 else 0)


@pytest.mark.parametrize("layers", [(2, 3, 1), (2, 16, 16, 1), (784, 128, 10)])
def test_what_is_pointed_at_is_found(layers):
    _, laid_out = laid(layers, SIZES[0])
    thin = np.zeros(len(laid_out.places))
    for column, boxes in enumerate(laid_out.boxes):
        for row, (left, top, side) in enumerate(boxes):
            found = laid_out.under(left + side / 2, top + side / 2, thin)
            assert found == Unit(column, row, laid_out.columns[column].layer, laid_out.columns[column].units[row])
    for number in RNG.integers(0, len(thin), 25):
        wide = thin.copy()
        wide[number] = 3.0
        x, y = laid_out.curves[number, 7]
        found = laid_out.under(x, y, wide)
        assert isinstance(found, Edge)
        assert found.number == number
    assert laid_out.under(-50.0, -50.0, thin) is None


def test_a_weight_runs_from_its_unit_to_the_next():
    _, laid_out = laid((2, 3, 1), SIZES[0])
    for number, (x0, y0, x1, y1) in enumerate(laid_out.ends):
        edge = laid_out.edge(number)
        source, target = laid_out.boxes[edge.layer][edge.before], laid_out.boxes[edge.layer + 1][edge.after]
        assert (x0, y0) == (source[0] + source[2], source[1] + source[2] / 2)
        assert (x1, y1) == (target[0], target[1] + target[2] / 2)
        assert laid_out.curves[number, 0] == pytest.approx((x0, y0))
        assert laid_out.curves[number, -1] == pytest.approx((x1, y1))


def test_widths_grow_with_the_size_of_a_weight():
    weights = np.array([0.0, 0.5, -1.0, 2.0, -4.0, np.inf, np.nan])
    assert scale_of(weights) == pytest.approx(np.quantile([0.0, 0.5, 1.0, 2.0, 4.0], 0.97))
    found = widths_of(weights, 2.0)
    assert list(found[:4]) == sorted(found[:4])
    assert found[3] == found[4] == found[5] == found.max()
    assert found[6] == 0.0
    assert widths_of(np.zeros(3), scale_of(np.zeros(3))) == pytest.approx(found[0])
    assert scale_of(np.array([np.nan])) == 1.0
