"""The parts of a network in words: what the picture says of them, and what the cursor is told."""

from gdsim.gui.network_layout import Edge, Layout, Unit, linear_parts
from gdsim.gui.numbers import number
from gdsim.networks.network import Network
from gdsim.networks.units import Column
from gdsim.simulation.network_problem import NetworkProblem
from gdsim.simulation.trajectory import Floats
from gdsim.simulation.unit_maps import UnitMaps

NAMES = {"leaky_relu": "leaky ReLU", "relu": "ReLU", "gelu": "GELU"}


def layer_name(network: Network, layer: int) -> str:
    last = len(network.layers) - 1
    if layer == 0:
        return "inputs"
    return "output" if layer == last else "hidden" if last == 2 else f"hidden {layer}"


def layer_told(network: Network, column: Column) -> str:
    """The line under a layer's name: its activation, and how many of its units are shown."""
    some = f"{len(column.units)} of {column.count:,}" if len(column.units) < column.count else ""
    last = len(network.layers) - 1
    kind = "" if column.layer == 0 else network.output if column.layer == last else network.activation
    return ", ".join(part for part in (NAMES.get(kind, "" if kind == "identity" else kind), some) if part)


def unit_name(problem: NetworkProblem, layer: int, unit: int) -> str:
    """What an input or output is called; of hidden units their number, from 1."""
    network, data = problem.shape, problem.loaded
    if layer == 0:
        return (problem.seen or data.features)[unit]
    if layer < len(network.layers) - 1:
        return str(unit + 1)
    if network.layers[-1] == 1:
        return class_called(data.classes[1]) if len(data.classes) == 2 else data.target
    return class_called(data.classes[unit]) if data.is_classification else f"{data.target} {unit + 1}"


def class_called(name: str) -> str:
    return name if name.lower().startswith("class") else f"class {name}"


def unit_called(problem: NetworkProblem, layer: int, unit: int) -> str:
    """A unit in a sentence."""
    name, network = unit_name(problem, layer, unit), problem.shape
    if layer == 0:
        return f"input {name}"
    return f"output {name}" if layer == len(network.layers) - 1 else f"unit {name} of {layer_name(network, layer)}"


def told(problem: NetworkProblem, layout: Layout, weights: Floats, maps: UnitMaps | None, what: Unit | Edge) -> str:
    """The numbers of what is under the cursor."""
    if isinstance(what, Edge):
        before, after = unit_called(problem, what.layer, what.before), unit_called(problem, what.layer + 1, what.after)
        return f"from {before} to {after}:  weight = {number(float(weights[what.place]))}"
    text = unit_called(problem, what.layer, what.unit)
    if what.layer:
        text += f":  bias = {number(float(weights[layout.biases[what.column][what.row]]))}"
    if maps is not None and what.column < len(maps.values):
        values = maps.values[what.column][what.row]
        low, high = (float(each) / 127.0 * maps.spans[what.column] for each in (values.min(), values.max()))
        text += f",  mean {number(low, 2)}" if maps.kind == "points" else f",  says {number(low, 2)} to {number(high, 2)}"
    return text


def summary(problem: NetworkProblem, step: int, weights: Floats) -> str:
    """One line for those who hear the picture."""
    network = problem.shape
    sizes = ", ".join(f"{size} {layer_name(network, layer)}" for layer, size in enumerate(network.layers))
    part, _ = linear_parts(network, len(network.layers) - 2)
    largest = float(abs(weights[part.place]).max())
    return f"Network with {sizes}; before step {step} its largest weight into the output has the size {number(largest)}."
