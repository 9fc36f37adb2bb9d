"""Methods that learn the curvature from the gradients they have met: BFGS, and L-BFGS, which remembers a few steps only."""

from gdsim.optimizers.line_search import strong_wolfe
from gdsim.optimizers.newton import DECREASE, RATE
from gdsim.optimizers.optimizer import Optimizer
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call"

LONGEST_HISTORY = 5


def first_length(learning_rate, gx, gy):
    """The first length tried along -g, when nothing is known: no farther than learning_rate, counted along the axes."""
    size = abs(gx) + abs(gy)
    return learning_rate / size if size > 1.0 else learning_rate


def bfgs(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    # The rows of the inverse Hessian's estimate belong to the weights; all 0 means that nothing is known yet.
    learning_rate, decrease, curvature = hyper
    (bxx, bxy), (_, byy) = slots_x, slots_y
    px, py = -(bxx * gx + bxy * gy), -(bxy * gx + byy * gy)
    slope = px * gx + py * gy
    length = learning_rate
    unknown = not slope < 0.0
    if unknown:
        px, py = -gx, -gy
        slope = px * gx + py * gy
        length = first_length(learning_rate, gx, gy)
        if not slope < 0.0:
            return x, y, slots_x, slots_y, 1
    length, next_gx, next_gy, tried = strong_wolfe(x, y, loss, gx, gy, px, py, slope, length, decrease, curvature, values)
    if not length > 0.0:
        return x, y, (0.0, 0.0), (0.0, 0.0), tried + 1
    sx, sy = length * px, length * py
    ux, uy = next_gx - gx, next_gy - gy
    su = sx * ux + sy * uy
    uu = ux * ux + uy * uy
    if su > 0.0 and uu > 0.0:
        if unknown:
            bxx, bxy, byy = su / uu, 0.0, su / uu
        # (I - s u^T / su) B (I - u s^T / su) + s s^T / su
        ax, ay = (bxx * ux + bxy * uy) / su, (bxy * ux + byy * uy) / su
        weight = (1.0 + ux * ax + uy * ay) / su
        bxx = bxx - 2.0 * ax * sx + weight * sx * sx
        bxy = bxy - ax * sy - sx * ay + weight * sx * sy
        byy = byy - 2.0 * ay * sy + weight * sy * sy
    return x + sx, y + sy, (bxx, bxy), (bxy, byy), tried


def share(sx, sy, ux, uy, wanted):
    """1 / (s . u) of a pair in the history; 0.0, which leaves the pair out, if it is not ``wanted`` or was never filled."""
    su = sx * ux + sy * uy
    return 1.0 / su if wanted and su > 0.0 else 0.0


def back(qx, qy, sx, sy, ux, uy, rho):
    """First half of the two loops: what is left of q without the pair, and how much the pair took."""
    taken = rho * (sx * qx + sy * qy)
    return qx - taken * ux, qy - taken * uy, taken


def forth(px, py, sx, sy, ux, uy, rho, taken):
    """Second half: what the pair gives back."""
    given = taken - rho * (ux * px + uy * py)
    return px + given * sx, py + given * sy


def lbfgs(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    learning_rate, history, decrease, curvature = hyper
    sx1, sx2, sx3, sx4, sx5, ux1, ux2, ux3, ux4, ux5 = slots_x
    sy1, sy2, sy3, sy4, sy5, uy1, uy2, uy3, uy4, uy5 = slots_y
    rho1 = share(sx1, sy1, ux1, uy1, history >= 1.0)
    rho2 = share(sx2, sy2, ux2, uy2, history >= 2.0)
    rho3 = share(sx3, sy3, ux3, uy3, history >= 3.0)
    rho4 = share(sx4, sy4, ux4, uy4, history >= 4.0)
    rho5 = share(sx5, sy5, ux5, uy5, history >= 5.0)
    qx, qy, taken1 = back(-gx, -gy, sx1, sy1, ux1, uy1, rho1)
    qx, qy, taken2 = back(qx, qy, sx2, sy2, ux2, uy2, rho2)
    qx, qy, taken3 = back(qx, qy, sx3, sy3, ux3, uy3, rho3)
    qx, qy, taken4 = back(qx, qy, sx4, sy4, ux4, uy4, rho4)
    qx, qy, taken5 = back(qx, qy, sx5, sy5, ux5, uy5, rho5)
    scale = 1.0 / (rho1 * (ux1 * ux1 + uy1 * uy1)) if rho1 > 0.0 else 1.0
    px, py = forth(scale * qx, scale * qy, sx5, sy5, ux5, uy5, rho5, taken5)
    px, py = forth(px, py, sx4, sy4, ux4, uy4, rho4, taken4)
    px, py = forth(px, py, sx3, sy3, ux3, uy3, rho3, taken3)
    px, py = forth(px, py, sx2, sy2, ux2, uy2, rho2, taken2)
    px, py = forth(px, py, sx1, sy1, ux1, uy1, rho1, taken1)
    slope = px * gx + py * gy
    unknown = rho1 == 0.0 or not slope < 0.0
    length = first_length(learning_rate, gx, gy) if unknown else learning_rate
    if unknown:
        px, py = -gx, -gy
        slope = px * gx + py * gy
        if not slope < 0.0:
            return x, y, slots_x, slots_y, 1
    length, next_gx, next_gy, tried = strong_wolfe(x, y, loss, gx, gy, px, py, slope, length, decrease, curvature, values)
    if not length > 0.0:
        empty = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
        return x, y, empty, empty, tried + 1
    sx, sy = length * px, length * py
    ux, uy = next_gx - gx, next_gy - gy
    if share(sx, sy, ux, uy, True) > 0.0:
        slots_x = (sx, sx1, sx2, sx3, sx4, ux, ux1, ux2, ux3, ux4)
        slots_y = (sy, sy1, sy2, sy3, sy4, uy, uy1, uy2, uy3, uy4)
    return x + sx, y + sy, slots_x, slots_y, tried


def curvature_param(default: float) -> Param:
    return Param(
        "curvature",
        default,
        "share of the slope that may be left where the line search ends",
        low=0.0,
        low_open=True,
        high=1.0,
        high_open=True,
    )


FAILURE = (
    "If 25 points of a line search do not satisfy its conditions (none may, with sufficient_decrease above curvature), the best one that "
    "lowered the loss enough is taken; if there is none, as where rounding hides every decrease, the run stays where it is and forgets "
    "what it has learnt."
)

BFGS = Optimizer(
    name="bfgs",
    title="BFGS",
    family="quasi-Newton",
    parameters=(RATE, DECREASE, curvature_param(0.9)),
    update=None,
    take_step=bfgs,
    slot_names=("row_x", "row_y"),
    formula="w <- w - s B g;  B <- (I - d u^T / d^T u) B (I - u d^T / d^T u) + d d^T / d^T u, with the change d of w and u of g",
    latex=r"w \leftarrow w - s\,B g,\quad B \leftarrow \Bigl(I - \frac{d u^{T}}{d^{T} u}\Bigr) B \Bigl(I - \frac{u d^{T}}{d^{T} u}\Bigr)"
    r" + \frac{d d^{T}}{d^{T} u}",
    source="Broyden, Fletcher, Goldfarb and Shanno (1970); Nocedal and Wright (2006), Numerical Optimization, algorithms 6.1 and 3.5",
    notes="B learns the inverse of the curvature from how the gradient changed along each step; it begins as the first step's own. The "
    "length s satisfies the strong conditions of Wolfe, learning_rate being the first one tried. The loss never rises. " + FAILURE,
)

LBFGS = Optimizer(
    name="lbfgs",
    title="L-BFGS",
    family="quasi-Newton",
    parameters=(
        RATE,
        Param(
            "history",
            float(LONGEST_HISTORY),
            "steps that are remembered (a fraction of a step is not)",
            low=1.0,
            high=float(LONGEST_HISTORY),
        ),
        DECREASE,
        curvature_param(0.9),
    ),
    update=None,
    take_step=lbfgs,
    slot_names=tuple(f"{what}_{k}" for what in ("step", "change") for k in range(1, LONGEST_HISTORY + 1)),
    formula="w <- w - s B g, where B g is made of the last steps d and changes u of g, beginning with B = (d^T u / u^T u) I",
    latex=r"w \leftarrow w - s\,B g,\quad B \text{ from the last } m \text{ pairs } (d, u),\; B_0 = \frac{d^{T} u}{u^{T} u} I",
    source="Liu and Nocedal (1989), Math. Programming 45:503-528; Nocedal and Wright (2006), algorithms 7.4 and 3.5; the line search of "
    "torch.optim.LBFGS with strong_wolfe, one iteration a step",
    notes="BFGS for millions of weights: it keeps some past steps instead of a matrix. With two weights there is nothing to save, so this "
    "shows what the forgetting does. " + FAILURE,
)

OPTIMIZERS = (BFGS, LBFGS)
