"""The same work as others would do it: NumPy, JAX and PyTorch, each in the way that its users would write. Absent ones are left out."""

import importlib.util
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

PROBLEMS = {
    # loss and gradient as NumPy, JAX and PyTorch take them: ``m`` is the module
    "rosenbrock": (
        lambda x, y, m: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
        lambda x, y, m: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
    ),
    "rastrigin": (
        lambda x, y, m: 20 + x * x - 10 * m.cos(2 * np.pi * x) + y * y - 10 * m.cos(2 * np.pi * y),
        lambda x, y, m: (2 * x + 20 * np.pi * m.sin(2 * np.pi * x), 2 * y + 20 * np.pi * m.sin(2 * np.pi * y)),
    ),
}
BETA1, BETA2, EPS = 0.9, 0.999, 1e-8


@contextmanager
def problem(name: str, gradient: Callable[..., object]) -> Iterator[None]:
    """Another problem for as long as the work is put together, known by its gradient alone."""
    known = PROBLEMS.get(name)
    PROBLEMS[name] = (None, lambda x, y, _module: gradient(x, y))
    try:
        yield
    finally:
        PROBLEMS.pop(name)
        if known is not None:
            PROBLEMS[name] = known


def has(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


def numpy_sweep(problem: str, optimizer: str, starts: np.ndarray, rate: float, steps: int) -> Callable[[], object]:
    gradient = PROBLEMS[problem][1]

    def work():
        x, y = starts[0].copy(), starts[1].copy()
        mx, my, vx, vy = (np.zeros_like(x) for _ in range(4))
        for t in range(1, steps + 1):
            gx, gy = gradient(x, y, np)
            if optimizer == "sgd":
                x -= rate * gx
                y -= rate * gy
                continue
            mx, my = BETA1 * mx + (1 - BETA1) * gx, BETA1 * my + (1 - BETA1) * gy
            vx, vy = BETA2 * vx + (1 - BETA2) * gx * gx, BETA2 * vy + (1 - BETA2) * gy * gy
            scale, root = rate / (1 - BETA1**t), np.sqrt(1 - BETA2**t)
            x -= scale * mx / (np.sqrt(vx) / root + EPS)
            y -= scale * my / (np.sqrt(vy) / root + EPS)
        return x

    return work


def jax_step(problem: str, optimizer: str, rate: float):
    """One step as a function of the carry (x, y, and for Adam the means and the powers of the betas)."""
    import jax.numpy as jnp

    gradient = PROBLEMS[problem][1]

    def step(carry):
        if optimizer == "sgd":
            x, y = carry
            gx, gy = gradient(x, y, jnp)
            return x - rate * gx, y - rate * gy
        x, y, mx, my, vx, vy, p1, p2 = carry
        gx, gy = gradient(x, y, jnp)
        p1, p2 = p1 * BETA1, p2 * BETA2
        mx, my = BETA1 * mx + (1 - BETA1) * gx, BETA1 * my + (1 - BETA1) * gy
        vx, vy = BETA2 * vx + (1 - BETA2) * gx * gx, BETA2 * vy + (1 - BETA2) * gy * gy
        scale, root = rate / (1 - p1), 1 / jnp.sqrt(1 - p2)
        x = x - scale * mx / (jnp.sqrt(vx) * root + EPS)
        y = y - scale * my / (jnp.sqrt(vy) * root + EPS)
        return x, y, mx, my, vx, vy, p1, p2

    return step


def jax_carry(optimizer: str, x, y):
    import jax.numpy as jnp

    zeros = jnp.zeros_like(x)
    return (x, y) if optimizer == "sgd" else (x, y, zeros, zeros, zeros, zeros, jnp.float64(1.0), jnp.float64(1.0))


def jax_sweep(problem: str, optimizer: str, starts: np.ndarray, rate: float, steps: int, block: int | None) -> Callable[[], object]:
    """All starts at once, or (tuned) ``block`` of them at a time, so that they stay in the cache for all their steps."""
    import jax

    step = jax_step(problem, optimizer, rate)

    def descend(start):
        return jax.lax.fori_loop(0, steps, lambda _, carry: step(carry), jax_carry(optimizer, start[0], start[1]))[:2]

    if block is None:
        compiled = jax.jit(descend)
        data = jax.numpy.asarray(starts)
    else:
        compiled = jax.jit(lambda pieces: jax.lax.map(descend, pieces))
        data = jax.numpy.asarray(starts.reshape(2, -1, block).transpose(1, 0, 2))
    return lambda: jax.block_until_ready(compiled(data))


def jax_recorded(problem: str, optimizer: str, start, rate: float, steps: int) -> Callable[[], object]:
    """One run with ``lax.scan``, which stacks position and loss of every step."""
    import jax
    import jax.numpy as jnp

    step, loss = jax_step(problem, optimizer, rate), PROBLEMS[problem][0]

    def body(carry, _):
        return step(carry), (carry[0], carry[1], loss(carry[0], carry[1], jnp))

    compiled = jax.jit(lambda x, y: jax.lax.scan(body, jax_carry(optimizer, x, y), None, length=steps))
    return lambda: jax.block_until_ready(compiled(jnp.float64(start[0]), jnp.float64(start[1])))


def torch_sweep(problem: str, optimizer: str, starts: np.ndarray, rate: float, steps: int) -> Callable[[], object]:
    """Eager, the gradient written out: torch.optim over two long tensors."""
    import torch

    gradient = PROBLEMS[problem][1]
    rule = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]

    def work():
        x, y = torch.tensor(starts[0]), torch.tensor(starts[1])
        descent = rule([x, y], lr=rate)
        for _ in range(steps):
            x.grad, y.grad = gradient(x, y, torch)
            descent.step()
        return x

    return work


def torch_recorded(problem: str, optimizer: str, start, rate: float, steps: int) -> Callable[[], object]:
    """The loop of every tutorial: zero_grad, backward, step."""
    import torch

    loss = PROBLEMS[problem][0]
    rule = {"sgd": torch.optim.SGD, "adam": torch.optim.Adam}[optimizer]

    def work():
        w = torch.tensor(start, dtype=torch.float64, requires_grad=True)
        descent = rule([w], lr=rate)
        rows = []
        for _ in range(steps):
            descent.zero_grad()
            value = loss(w[0], w[1], torch)
            value.backward()
            rows.append((w.detach().clone(), value.item()))
            descent.step()
        return rows

    return work


def settle() -> None:
    """One thread each, float64: called before the first use."""
    os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    if has("jax"):
        import jax

        jax.config.update("jax_enable_x64", True)
    if has("torch"):
        import torch

        torch.set_num_threads(1)
