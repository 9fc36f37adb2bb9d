"""Records what torch.optim.LBFGS with strong_wolfe does, in float64 on the CPU, into ``torch_lbfgs.json``.

    python -m tests.golden.record_torch_lbfgs

One iteration a step. A run is recorded until its gradient is so small that torch's own tolerance (1e-9, in its line search) or rounding
begins to count.
"""

import json
import math
from pathlib import Path

from tests.golden.settings import HIMMELBLAU, QUADRATIC, ROSENBROCK, surface

FILE = Path(__file__).with_name("torch_lbfgs.json")
STEPS = 60
TRIALS = 25
SMALLEST = 1e-6
BOWL, VALLEY, PITS = (QUADRATIC, 1.0, 12.0), (ROSENBROCK, 0.0, 0.0), (HIMMELBLAU, 0.0, 0.0)
CASES = [
    (params, start, history, rate)
    for params, starts in (
        (BOWL, ((3.0, -2.0), (0.1, 4.0))),
        (VALLEY, ((-1.2, 1.0), (1.5, -0.5), (0.0, 2.0))),
        (PITS, ((0.5, -0.5), (-1.0, -4.0), (4.0, 4.0))),
    )
    for start in starts
    for history, rate in ((1, 1.0), (2, 1.0), (5, 1.0), (3, 0.3), (4, 3.0))
]


def steps(params, start, history, rate):
    """Yields the weights before every step."""
    import torch

    x, y = (torch.tensor(w, dtype=torch.float64, requires_grad=True) for w in start)
    # The evaluation at the point itself is one of max_eval; the rest is the line search's.
    limits = {"max_iter": 1, "max_eval": 1 + TRIALS, "tolerance_grad": 0.0, "tolerance_change": 0.0}
    rule = torch.optim.LBFGS([x, y], lr=rate, history_size=history, line_search_fn="strong_wolfe", **limits)

    def closure():
        loss, gx, gy = surface(x.item(), y.item(), params)
        x.grad, y.grad = (torch.tensor(g, dtype=torch.float64) for g in (gx, gy))
        return torch.tensor(loss, dtype=torch.float64)

    for _ in range(STEPS):
        _, gx, gy = surface(x.item(), y.item(), params)
        if math.hypot(gx, gy) < SMALLEST:
            return
        yield [x.item(), y.item()]
        rule.step(closure)


def recorded():
    for params, start, history, rate in CASES:
        path = list(steps(params, start, history, rate))
        yield {"params": params, "history": history, "learning_rate": rate, "path": path}


def main():
    import torch

    content = {"torch": torch.__version__.split("+")[0], "cases": list(recorded())}
    FILE.write_text(json.dumps(content, indent=None, separators=(",", ":")) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
