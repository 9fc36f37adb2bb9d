"""Networks beside JAX (jitted, scanned) and PyTorch (eager, as tutorials write it): one recorded training, one core."""

from collections.abc import Callable
from functools import partial

import numpy as np

from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw
from gdsim.networks.learn import Learner
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from tests.benchmarks import peers
from tests.benchmarks.measuring import hardware, measure, one_core, table

RATE = 0.01
SMALL = Network([2, 16, 16, 1])
DIGITS = Network([784, 128, 10], activation="relu", loss="cross_entropy")


def waves(points: int = 512) -> Dataset:
    fresh = np.random.default_rng(0)
    inputs = fresh.normal(size=(points, 2))
    return Dataset.from_arrays(inputs, np.sin(2.0 * inputs[:, :1]) * inputs[:, 1:])


def digits(points: int = 10_000) -> Dataset:
    """As large as images of digits, and as sparse."""
    fresh = np.random.default_rng(0)
    inputs = fresh.random((points, 784)) * (fresh.random((points, 784)) < 0.2)
    return Dataset.from_arrays(inputs, fresh.integers(0, 10, points), classes=[str(k) for k in range(10)])


def gdsim_training(net: Network, data: Dataset, size: int, steps: int) -> Callable[[], object]:
    method = OPTIMIZERS["sgd"]
    learner = Learner(net, data, method, *method.pack({"learning_rate": RATE}), Batches(len(data), size), 0)
    return partial(learner.advance, steps)


def jax_training(net: Network, data: Dataset, size: int, steps: int) -> Callable[[], object]:
    """All steps in one ``scan``, their batches drawn beforehand."""
    import jax
    import jax.numpy as jnp

    views = net.views(draw(net, 0))
    layers = [(views[f"{2 * k}.weight"].T, views[f"{2 * k}.bias"]) for k in range(len(net.layers) - 1)]
    inputs, targets = jnp.asarray(data.inputs.astype(net.precision)), jnp.asarray(data.targets)
    targets = targets if net.loss == "cross_entropy" else targets.astype(net.precision)
    batches = Batches(len(data), size)
    rows = jnp.asarray(np.array([batches.rows(1 + k % batches.steps, 0)[:size] for k in range(min(steps, batches.steps))]))

    def loss(weights, chosen):
        a = inputs[chosen]
        for k, (w, b) in enumerate(weights):
            a = a @ w + b
            if k < len(weights) - 1:
                a = jax.nn.relu(a) if net.activation == "relu" else jnp.tanh(a)
        if net.loss == "cross_entropy":
            return -jnp.mean(jnp.take_along_axis(jax.nn.log_softmax(a), targets[chosen][:, None], axis=1))
        return jnp.mean((a - targets[chosen]) ** 2)

    def step(weights, chosen):
        value, slopes = jax.value_and_grad(loss)(weights, chosen)
        return jax.tree.map(lambda w, g: w - RATE * g, weights, slopes), value

    several = jax.jit(lambda weights: jax.lax.scan(lambda w, k: step(w, rows[k % len(rows)]), weights, jnp.arange(steps)))
    return lambda: jax.block_until_ready(several(layers))


def torch_training(net: Network, data: Dataset, size: int, steps: int) -> Callable[[], object]:
    """The loop of every tutorial, its batches drawn beforehand."""
    import torch

    kinds = {"tanh": torch.nn.Tanh, "relu": torch.nn.ReLU}
    modules: list[torch.nn.Module] = []
    for inputs, outputs in zip(net.layers, net.layers[1:], strict=False):
        modules += [torch.nn.Linear(inputs, outputs), kinds[net.activation]()]
    precision = getattr(torch, net.precision)
    model = torch.nn.Sequential(*modules[:-1]).to(precision)
    rule = torch.optim.SGD(model.parameters(), lr=RATE)
    criterion = torch.nn.CrossEntropyLoss() if net.loss == "cross_entropy" else torch.nn.MSELoss()
    inputs, targets = torch.tensor(data.inputs, dtype=precision), torch.tensor(data.targets)
    targets = targets if net.loss == "cross_entropy" else targets.to(precision)
    batches = Batches(len(data), size)
    rows = [torch.tensor(batches.rows(1 + k % batches.steps, 0)) for k in range(min(steps, batches.steps))]

    def work():
        for k in range(steps):
            chosen = rows[k % len(rows)]
            rule.zero_grad()
            loss = criterion(model(inputs[chosen]), targets[chosen])
            loss.backward()
            rule.step()
            loss.item()

    return work


def contest(net: Network, data: Dataset, size: int, steps: int, eager: int) -> dict[str, float]:
    """Nanoseconds a step of each contestant; ``eager`` steps are enough for the slow one."""
    field = {"gdsim": (gdsim_training(net, data, size, steps), steps)}
    if peers.has("jax"):
        field["JAX scan"] = (jax_training(net, data, size, steps), steps)
    if peers.has("torch"):
        field["torch eager"] = (torch_training(net, data, size, eager), eager)
    return measure(field, patience=10.0)


def networks() -> None:
    data, rows = waves(), {}
    for precision in ("float64", "float32"):
        net = Network(SMALL.layers, precision=precision)
        for size, steps, eager in ((1, 5000, 20), (16, 1000, 20), (512, 100, 10)):
            rows[f"2-16-16-1, batches of {size}, {precision}"] = contest(net, data, size, steps, eager)
    table("Training of a network, every step recorded, one core", "ns a step", rows)
    images = digits()
    rows = {}
    for precision in ("float64", "float32"):
        net = Network(DIGITS.layers, activation="relu", loss="cross_entropy", precision=precision)
        rows[f"784-128-10, batches of 64, {precision}"] = contest(net, images, 64, 20, 20)
    table("Training on 10,000 points of 784 inputs, one core", "ns a step", rows)


if __name__ == "__main__":
    one_core()
    peers.settle()
    print(hardware())  # noqa: T201
    networks()
