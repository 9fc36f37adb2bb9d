"""Many small networks at once beside JAX, vectorised over networks and jitted: a training step of one network, one core.

    python -m tests.benchmarks.bench_trainability

Both take full-batch steps of 16-16-1 tanh networks on 16 points and keep every loss. gdsim looks at every step whether a run has diverged.
"""

from collections.abc import Callable

import numpy as np

from gdsim.networks.batches import Batches
from gdsim.networks.dataset import Dataset
from gdsim.networks.initialise import draw_many
from gdsim.networks.learn import Learner
from gdsim.networks.many import ManyLearners
from gdsim.networks.network import Network
from gdsim.optimizers import OPTIMIZERS
from tests.benchmarks import peers
from tests.benchmarks.measuring import hardware, measure, one_core, table

RUNS, STEPS = 16, 100
TUNED = (16, 64, 256)
"""Networks that JAX takes at once: one of these suits the caches best."""


def sixteen(precision: str) -> tuple[Network, Dataset]:
    fresh = np.random.default_rng(0)
    net = Network([16, 16, 1], initialisation="he", precision=precision)
    return net, Dataset.from_arrays(fresh.normal(size=(16, 16)), fresh.normal(size=(16, 1)))


def rates(runs: int) -> np.ndarray:
    """None of these diverges, so nobody may stop early."""
    return np.linspace(0.001, 0.05, runs)


def gdsim_many(precision: str) -> Callable[[], object]:
    net, data = sixteen(precision)
    method = OPTIMIZERS["sgd"]
    hyper, on = method.pack({"learning_rate": 0.01})
    many = ManyLearners(net, data, method, on, layered=True)
    rows = np.repeat(np.array(hyper)[:, np.newaxis], RUNS, axis=1)
    rows[0] = rates(RUNS)
    start = many.start(np.zeros(RUNS), np.ones(RUNS))
    return lambda: many.advance(start.copy(), rows, STEPS, (), np.ones((2, RUNS)))


def gdsim_alone(precision: str) -> Callable[[], object]:
    net, data = sixteen(precision)
    method = OPTIMIZERS["sgd"]
    learner = Learner(net, data, method, *method.pack({"learning_rate": 0.01}), Batches(16, 16), 0)
    return lambda: learner.advance(STEPS)


def jax_many(precision: str, runs: int) -> Callable[[], object]:
    import jax
    import jax.numpy as jnp

    net, data = sixteen(precision)
    flat = draw_many(net, np.zeros(runs, dtype=np.int64), np.ones(runs))
    views = [net.views(weights) for weights in flat]
    layers = [tuple(jnp.asarray(np.array([view[f"{2 * k}.{part}"] for view in views])) for part in ("weight", "bias")) for k in range(2)]
    inputs, targets = jnp.asarray(data.inputs.astype(precision)), jnp.asarray(data.targets.astype(precision))

    def loss(weights):
        (w, b), (v, c) = weights
        return jnp.mean((jnp.tanh(inputs @ w.T + b) @ v.T + c - targets) ** 2)

    def train(weights, rate):
        def step(now, _):
            value, slopes = jax.value_and_grad(loss)(now)
            return jax.tree.map(lambda w, g: w - rate * g, now, slopes), value

        return jax.lax.scan(step, weights, None, length=STEPS)[1]

    many, chosen = jax.jit(jax.vmap(train)), jnp.asarray(rates(runs).astype(precision))
    return lambda: jax.block_until_ready(many(layers, chosen))


def networks_side_by_side() -> None:
    rows = {}
    for precision in ("float64", "float32"):
        field = {"gdsim": (gdsim_many(precision), RUNS * STEPS), "gdsim, alone": (gdsim_alone(precision), STEPS)}
        if peers.has("jax"):
            field |= {f"JAX vmap of {runs}": (jax_many(precision, runs), runs * STEPS) for runs in TUNED}
        rows[f"16-16-1 tanh, 16 points, {precision}"] = {name: 1e-3 * value for name, value in measure(field).items()}
    table("Networks side by side, one core", "us a training step of one network", rows)


if __name__ == "__main__":
    one_core()
    peers.settle()
    print(hardware())  # noqa: T201
    networks_side_by_side()
