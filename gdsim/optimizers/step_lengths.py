"""Descent that finds the length of its steps by itself: backtracking, Barzilai and Borwein's, Polyak's; and conjugate gradients."""

from gdsim.optimizers.line_search import armijo, strong_wolfe
from gdsim.optimizers.newton import DECREASE, RATE, SHRINK
from gdsim.optimizers.optimizer import Optimizer, learning_rate
from gdsim.optimizers.quasi_newton import FAILURE, curvature_param, first_length
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call, name-defined"
# ruff: noqa: F821


def backtracking(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    learning_rate, decrease, shrink = hyper
    slope = -(gx * gx + gy * gy)
    length, tried = armijo(x, y, loss, -gx, -gy, slope, learning_rate, decrease, shrink, values)
    return x - length * gx, y - length * gy, slots_x, slots_y, tried + (0 if length > 0.0 else 1)


def barzilai_borwein(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    (learning_rate,) = hyper
    (before_x, before_gx), (before_y, before_gy) = slots_x, slots_y
    sx, sy = x - before_x, y - before_y
    ux, uy = gx - before_gx, gy - before_gy
    su = sx * ux + sy * uy
    above, below = (su, ux * ux + uy * uy) if ON[0] else (sx * sx + sy * sy, su)
    known = step > 1 and su > 0.0 and below > 0.0
    length = above / below if known else learning_rate
    return x - length * gx, y - length * gy, (x, gx), (y, gy), 1


def polyak(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    learning_rate, least_loss = hyper
    square = gx * gx + gy * gy
    above = loss - least_loss
    length = learning_rate * above / square if above > 0.0 and square > 0.0 else 0.0
    return x - length * gx, y - length * gy, slots_x, slots_y, 1


def conjugate_gradient(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    # The last number kept is the last length for x, and for y the slope that it was tried along.
    learning_rate, decrease, curvature = hyper
    (before_gx, px, last_length), (before_gy, py, last_slope) = slots_x, slots_y
    square = before_gx * before_gx + before_gy * before_gy
    turn = 0.0
    if square > 0.0:
        turn = (gx * gx + gy * gy) / square
        if not ON[0]:
            turn = turn - (gx * before_gx + gy * before_gy) / square
            turn = turn if turn > 0.0 else 0.0
    px, py = turn * px - gx, turn * py - gy
    slope = px * gx + py * gy
    length = learning_rate * last_length * (last_slope / slope) if slope < 0.0 else 0.0
    if not (length > 0.0 and turn > 0.0):
        px, py = -gx, -gy
        slope = px * gx + py * gy
        length = first_length(learning_rate, gx, gy)
        if not slope < 0.0:
            return x, y, slots_x, slots_y, 1
    length, _, _, tried = strong_wolfe(x, y, loss, gx, gy, px, py, slope, length, decrease, curvature, values)
    if not length > 0.0:
        return x, y, (0.0, 0.0, 0.0), (0.0, 0.0, 0.0), tried + 1
    return x + length * px, y + length * py, (gx, px, length), (gy, py, slope), tried


BACKTRACKING = Optimizer(
    name="backtracking",
    title="Gradient descent, backtracking",
    family="line search",
    parameters=(RATE, DECREASE, SHRINK),
    update=None,
    take_step=backtracking,
    formula="w <- w - s g, where s is the first of learning_rate, shrink learning_rate, ... with J(w - s g) <= J(w) - c s |g|^2",
    latex=r"w \leftarrow w - s\,g,\quad J(w - s\,g) \le J(w) - c\,s\,\|g\|^2",
    source="Armijo (1966), Pacific J. Math. 16(1):1-3; Nocedal and Wright (2006), Numerical Optimization, algorithm 3.1",
    notes="Gradient descent that tries a long step first and shortens it until the loss falls enough, c being sufficient_decrease. No rate "
    "is too large: each step only costs more evaluations. The loss never rises. If 60 lengths fail, the run stays where it is.",
)

BARZILAI_BORWEIN = Optimizer(
    name="barzilai_borwein",
    title="Barzilai-Borwein",
    family="line search",
    parameters=(
        learning_rate(1e-3),
        Param("short", False, "take the shorter of the two lengths that the paper gives, d^T u / u^T u (BB2)"),
    ),
    update=None,
    take_step=barzilai_borwein,
    slot_names=("weight", "gradient"),
    switches=("short",),
    formula="w <- w - s g, s = d^T d / d^T u (BB1) or d^T u / u^T u (BB2), with the last change d of w and u of g",
    latex=r"w \leftarrow w - s\,g,\quad s = \frac{d^{T} d}{d^{T} u}\;\text{or}\;\frac{d^{T} u}{u^{T} u}",
    source="Barzilai and Borwein (1988), IMA J. Numer. Anal. 8(1):141-148, equations 5 and 6",
    notes="A step is as long as Newton's would be if the ground curved alike in all directions, measured along the last step. The loss "
    "rises now and then, and the run is the faster for it. The learning rate is that of the first step, and of those where the "
    "ground curved downwards and the formula has none.",
)

POLYAK = Optimizer(
    name="polyak",
    title="Polyak's step",
    family="line search",
    parameters=(RATE, Param("least_loss", 0.0, "the least loss that there is, which has to be known")),
    update=None,
    take_step=polyak,
    formula="w <- w - learning_rate (J - least_loss) / |g|^2 g",
    latex=r"w \leftarrow w - \eta\,\frac{J(w) - J^{*}}{\|g\|^2}\,g",
    source="Polyak (1969), USSR Comput. Math. Math. Phys. 9(3):14-29; Polyak (1987), Introduction to Optimization, section 5.3.2",
    notes="As long as the way down would be if the ground went on as a plane to the least loss. On convex ground each step, for learning "
    "rates below 2, brings it closer to a minimum, also over kinks. The least loss must be told: 0 is right for sums of squares, and "
    "'gdsim show' tells it for others. Below that loss no step is taken; if the loss told is never reached, the steps never end.",
)

CONJUGATE_GRADIENT = Optimizer(
    name="conjugate_gradient",
    title="Conjugate gradients",
    family="line search",
    parameters=(
        RATE,
        DECREASE,
        curvature_param(0.1),
        Param("fletcher_reeves", False, "turn by Fletcher and Reeves's rule instead of Polak and Ribière's"),
    ),
    update=None,
    take_step=conjugate_gradient,
    slot_names=("gradient", "direction", "length_and_slope"),
    switches=("fletcher_reeves",),
    formula="p <- b p - g, b = max(0, g^T (g - g') / g'^T g') or g^T g / g'^T g', g' being the gradient before;  w <- w + s p",
    latex=r"p \leftarrow \beta p - g,\quad \beta = \max\Bigl(0, \frac{g^{T} (g - g')}{g'^{T} g'}\Bigr)"
    r"\;\text{or}\;\frac{g^{T} g}{g'^{T} g'},\quad w \leftarrow w + s\,p",
    source="Fletcher and Reeves (1964), Comput. J. 7:149-154; Polak and Ribière (1969); Nocedal and Wright (2006), section 5.2, PR+ and "
    "equation 3.60",
    notes="Momentum with a share that fits the ground: on a parabola of two weights two exact steps suffice. The length s satisfies the "
    "strong conditions of Wolfe; the first one tried promises what the last step did, times learning_rate. The loss never rises. "
    + FAILURE,
)

OPTIMIZERS = (BACKTRACKING, BARZILAI_BORWEIN, POLYAK, CONJUGATE_GRADIENT)
