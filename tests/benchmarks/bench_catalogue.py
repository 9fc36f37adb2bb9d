"""``python -m tests.benchmarks.bench_catalogue [NAME ...]``: a sweep step with Adam over the whole table of landscapes, beside JAX.

Prints nanoseconds a step of a run, the ratio to Rosenbrock's, JAX's time in units of gdsim's, and how many transcendental calls the
function takes: sines, exponentials, logarithms, roots and powers (a sine and a cosine of the same argument are one; what a landscape does
by multiplication is none). Beyond four of them a landscape may take more than three times Rosenbrock's time. JAX gets the formula of the
record, parsed by gdsim and built node by node of ``jax.numpy``, its gradient by ``jax.grad``; it tests nothing at a step, gdsim tests
every step for divergence. Repeats last less than a millisecond, so that the least of many is undisturbed on a busy machine as well.
"""

import sys
from collections.abc import Callable

import numpy as np

from gdsim.landscapes import LANDSCAPES, Landscape
from gdsim.landscapes.formula.functions import CONSTANTS
from gdsim.landscapes.formula.graph import Graph
from gdsim.landscapes.formula.parsing import parse
from gdsim.optimizers import OPTIMIZERS
from gdsim.simulation.many import Many
from tests.benchmarks import peers
from tests.benchmarks.measuring import hardware, one_core, seconds

RUNS, STEPS, REPEATS = 512, 40, 100
RATE = 1e-3
MOST, FREE = 3.0, 4
TRANSCENDENTAL = {"sin", "cos", "tan", "exp", "log", "tanh", "sinh", "cosh", "sqrt", "power", "asin", "acos", "atan"}


def parsed(record: Landscape) -> tuple[Graph, int]:
    found = parse(record.formula)
    return found.graph, found.root


def transcendental(record: Landscape) -> int:
    """Calls that the loss needs; its derivatives take the same ones again."""
    graph, root = parsed(record)
    calls = set()
    for place in graph.used([root]):
        node = graph[place]
        constant = all(graph[arg].kind in ("number", "constant", "parameter") for arg in node.args)
        exponent = graph[node.args[1]].value if node.kind == "power" else None
        by_products = isinstance(exponent, float) and exponent == round(exponent) and abs(exponent) <= 64
        if node.kind in TRANSCENDENTAL and not constant and not by_products:
            calls.add(("sin" if node.kind == "cos" else node.kind, node.args))
    return len(calls)


def jax_loss(record: Landscape) -> Callable[..., object]:
    """The loss as a function of x and y, made of ``jax.numpy``."""
    import jax.numpy as jnp

    graph, root = parsed(record)
    order = list(graph.used([root]))
    values = dict(zip((param.name for param in record.parameters), record.values, strict=True))

    def power(base, exponent):
        known = isinstance(exponent, float) and exponent == round(exponent)
        return base ** int(exponent) if known else jnp.power(base, exponent)

    functions = {
        "add": lambda a, b: a + b,
        "subtract": lambda a, b: a - b,
        "multiply": lambda a, b: a * b,
        "divide": lambda a, b: a / b,
        "negate": lambda a: -a,
        "power": power,
        "abs": jnp.abs,
        "min": jnp.minimum,
        "max": jnp.maximum,
    }

    def loss(x, y):
        found: dict[int, object] = {}
        for place in order:
            node = graph[place]
            match node.kind:
                case "number":
                    found[place] = float(node.value)
                case "constant":
                    found[place] = CONSTANTS[str(node.value)]
                case "variable":
                    found[place] = {"x": x, "y": y}[str(node.value)]
                case "parameter":
                    found[place] = values[str(node.value)]
                case kind:
                    function = functions.get(kind) or getattr(jnp, kind)
                    found[place] = function(*(found[arg] for arg in node.args))
        return found[root]

    return loss


def jax_sweep(record: Landscape, starts: np.ndarray) -> Callable[[], object]:
    import jax

    gradient = jax.vmap(jax.grad(jax_loss(record), argnums=(0, 1)))
    with peers.problem(record.name, gradient):
        return peers.jax_sweep(record.name, "adam", starts, RATE, STEPS, None)


def gdsim_sweep(record: Landscape, starts: np.ndarray) -> Callable[[], object]:
    """The kernel alone, over runs that go on from where they are."""
    many = Many(record, OPTIMIZERS["adam"], starts[: record.dim].T, STEPS, None, learning_rate=RATE)
    return lambda: next(iter(many.advance(threads=1)))


def starts_on(record: Landscape) -> np.ndarray:
    """Random points of the domain, (2, runs)."""
    draw = np.random.default_rng(0)
    domain = (*record.domain, (0.0, 1.0))[:2]
    return np.array([draw.uniform(low, high, RUNS) for low, high in domain])


def least(contestants: dict[str, Callable[[], object]]) -> dict[str, float]:
    """Nanoseconds a step of a run, the least of many repeats taken in turn."""
    times = {name: float("inf") for name in contestants}
    for _ in range(REPEATS):
        for name, work in contestants.items():
            times[name] = min(times[name], seconds(work))
    return {name: 1e9 * took / (RUNS * STEPS) for name, took in times.items()}


def main(names: list[str]) -> None:
    print(f"\nSweep of {RUNS} runs x {STEPS} steps with Adam, one core; {hardware()}")  # noqa: T201
    print(f"{'landscape':<20}{'ns':>7}{'Rosenbrock = 1':>16}{'JAX / gdsim':>13}{'calls':>7}")  # noqa: T201
    reference = LANDSCAPES["rosenbrock"]
    slow = []
    for record in (LANDSCAPES[name] for name in names or LANDSCAPES):
        starts = starts_on(record)
        base = gdsim_sweep(reference, starts_on(reference))  # afresh: runs long at rest keep numbers too small to be fast
        took = least({"base": base, "gdsim": gdsim_sweep(record, starts)})
        if peers.has("jax"):
            took |= least({"JAX": jax_sweep(record, starts)})  # by itself: it leaves the caches full of its own
        ratio, calls = took["gdsim"] / took["base"], transcendental(record)
        jax = f"{took['JAX'] / took['gdsim']:.1f}" if "JAX" in took else "-"
        mark = "  too slow" if ratio > MOST and calls <= FREE else ""
        print(f"{record.name:<20}{took['gdsim']:>7.2f}{ratio:>16.2f}{jax:>13}{calls:>7}{mark}", flush=True)  # noqa: T201
        slow += [record.name] if mark else []
    print(f"Above {MOST:g} times Rosenbrock's with at most {FREE} calls: {', '.join(slow) or 'none'}")  # noqa: T201


if __name__ == "__main__":
    one_core()
    peers.settle()
    main(sys.argv[1:])
