"""Methods that know the curvature: Newton's, damped, and that of Levenberg and Marquardt for sums of squares."""

import math

from gdsim.optimizers.line_search import armijo
from gdsim.optimizers.optimizer import Optimizer, learning_rate
from gdsim.parameter import Param

# mypy: disable-error-code="no-untyped-def, no-untyped-call, name-defined"
# ruff: noqa: F821

TRIES = 40
"""Dampings that a step of Levenberg and Marquardt tries; each failure more than doubles the one before."""


def largest(a, b, c):
    """The largest size of three numbers, and 1.0 if all are 0: what a matrix is divided by before its determinant is taken."""
    size = abs(a) if abs(a) > abs(b) else abs(b)
    size = size if size > abs(c) else abs(c)
    return size if size > 0.0 else 1.0


def solved(hxx, hxy, hyy, gx, gy):
    """(p, q) with hxx p + hxy q = gx and hxy p + hyy q = gy; (0.0, 0.0) if there is not exactly one. Apart if hxy is 0.0, as on curves."""
    if hxy == 0.0:
        return gx / hxx if hxx != 0.0 else 0.0, gy / hyy if hyy != 0.0 else 0.0
    size = largest(hxx, hxy, hyy)
    a, b, c = hxx / size, hxy / size, hyy / size
    determinant = a * c - b * b
    if determinant == 0.0:
        return 0.0, 0.0
    return (c * gx - b * gy) / determinant / size, (a * gy - b * gx) / determinant / size


def descending(hxx, hxy, hyy, gx, gy, floor):
    """(p, q) = M (gx, gy), M having the eigenvectors of the Hessian and 1 / size of its eigenvalues, no size below floor * the largest."""
    size = largest(hxx, hxy, hyy)
    a, b, c = hxx / size, hxy / size, hyy / size
    mean = 0.5 * (a + c)
    half = 0.5 * (a - c)
    radius = math.sqrt(half * half + b * b)
    first, second = mean + radius, mean - radius
    most = abs(first) if abs(first) > abs(second) else abs(second)
    least = floor * most if most > 0.0 else 1.0
    along = 1.0 / (abs(first) if abs(first) > least else least)
    across = 1.0 / (abs(second) if abs(second) > least else least)
    # A function f of a symmetric 2x2 matrix H is f(u) I + (f(u) - f(v)) / (u - v) (H - u I), with its eigenvalues u and v.
    change = (along - across) / (2.0 * radius) if radius > 0.0 else 0.0
    p = along * gx + change * ((a - first) * gx + b * gy)
    q = along * gy + change * (b * gx + (c - first) * gy)
    return p / size, q / size


def newton(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    (learning_rate,) = hyper
    hxx, hxy, hyy = second_derivatives(x, y, values)
    p, q = solved(hxx, hxy, hyy, gx, gy)
    return x - learning_rate * p, y - learning_rate * q, slots_x, slots_y, 2


def damped_newton(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    learning_rate, floor, decrease, shrink = hyper
    hxx, hxy, hyy = second_derivatives(x, y, values)
    p, q = descending(hxx, hxy, hyy, gx, gy, floor)
    slope = -(gx * p + gy * q)
    if not slope < 0.0:
        return x, y, slots_x, slots_y, 2
    length, tried = armijo(x, y, loss, -p, -q, slope, learning_rate, decrease, shrink, values)
    return x - length * p, y - length * q, slots_x, slots_y, tried + (1 if length > 0.0 else 2)


def levenberg_marquardt(x, y, loss, gx, gy, slots_x, slots_y, shared, hyper, values, step):
    learning_rate, initial = hyper
    damping, growth = slots_x
    axx, axy, ayy, bx, by = 0.0, 0.0, 0.0, 0.0, 0.0
    for r, rx, ry in residuals(x, y, values):
        axx, axy, ayy = axx + rx * rx, axy + rx * ry, ayy + ry * ry
        bx, by = bx + rx * r, by + ry * r
    largest_square = axx if axx > ayy else ayy
    if step == 1:
        damping = initial * largest_square
    # Never 0, or no factor could raise it again.
    damping = damping if damping > 1e-16 * largest_square else 1e-16 * largest_square
    begun = damping
    for tried in range(1, TRIES + 1):
        p, q = solved(axx + damping, axy, ayy + damping, bx, by)
        next_x, next_y = x - learning_rate * p, y - learning_rate * q
        value, _, _ = value_and_gradient(next_x, next_y, values)
        # Of the squares' sum; the quadratic model promises the sum of these products for a whole step.
        promised = p * (damping * p + bx) + q * (damping * q + by)
        if value < loss and promised > 0.0:
            miss = 2.0 * (loss - value) / promised - 1.0
            kept = 1.0 - miss * miss * miss
            damping = damping * (kept if kept > 1.0 / 3.0 else 1.0 / 3.0)
            return next_x, next_y, (damping, 2.0), (damping, 2.0), 1 + tried
        damping = damping * growth
        growth = 2.0 * growth
    return x, y, (begun, 2.0), (begun, 2.0), 2 + TRIES


def levenberg_marquardt_slots(hyper):
    return (0.0, 2.0)


RATE = learning_rate(1.0)
DECREASE = Param(
    "sufficient_decrease", 1e-4, "share of the decrease that the slope promises with which a step is content", low=0.0, high=0.5
)
SHRINK = Param("shrink", 0.5, "what a step that was too long is multiplied by", low=0.01, high=0.99)

NEWTON = Optimizer(
    name="newton",
    title="Newton's method",
    family="second order",
    parameters=(RATE,),
    update=None,
    take_step=newton,
    formula="w <- w - learning_rate H^-1 g",
    latex=r"w \leftarrow w - \eta\, H^{-1} g",
    source="Nocedal and Wright (2006), Numerical Optimization, section 3.3 and equation 2.15",
    notes="A step goes to where the quadratic that fits the landscape here is stationary: on a parabola that is the minimum, after one "
    "step. But where the ground curves downwards it is a saddle or a peak, and those draw Newton's method as much as minima do. Nothing "
    "keeps a step from being far too long. Where H is exactly singular no step is taken. H counts as an evaluation.",
)

DAMPED_NEWTON = Optimizer(
    name="damped_newton",
    title="Damped Newton",
    family="second order",
    parameters=(
        RATE,
        Param("floor", 1e-6, "least size of a curvature that is believed, as a share of the larger one", low=1e-12, high=1.0, log=True),
        DECREASE,
        SHRINK,
    ),
    update=None,
    take_step=damped_newton,
    formula="w <- w - s |H|^-1 g, where s is the first of learning_rate, shrink learning_rate, ... that lowers the loss enough",
    latex=r"w \leftarrow w - s\,|H|^{-1} g,\quad J(w - s\,|H|^{-1} g) \le J(w) - c\,s\,g^{T} |H|^{-1} g",
    source="Nocedal and Wright (2006), Numerical Optimization, section 3.4 and algorithm 3.1; |H| as in Dauphin et al. (2014), NeurIPS",
    notes="Newton's method, mended twice. |H| has the curvatures of H by their size alone, so that a step always goes down, and away from "
    "saddles. And a step that does not lower the loss enough is shortened until it does. The loss never rises. If 60 lengths fail, "
    "as they do where rounding hides every decrease, the run stays where it is.",
)

LEVENBERG_MARQUARDT = Optimizer(
    name="levenberg_marquardt",
    title="Levenberg-Marquardt",
    family="second order",
    parameters=(
        RATE,
        Param("damping", 1e-3, "damping of the first step, as a share of the largest curvature there", low=1e-12, high=1e6, log=True),
    ),
    update=None,
    take_step=levenberg_marquardt,
    needs_residuals=True,
    initial_slots=levenberg_marquardt_slots,
    slot_names=("damping", "growth"),
    formula="w <- w - learning_rate (A^T A + d I)^-1 A^T r, with A the derivatives of the residuals r;  J = r^T r",
    latex=r"w \leftarrow w - \eta\,(A^{T} A + d\,I)^{-1} A^{T} r,\quad J = r^{T} r,\; A = \partial r / \partial w",
    source="Levenberg (1944), Quart. Appl. Math. 2:164-168; Marquardt (1963), J. SIAM 11:431-441; the damping after Nielsen (1999), "
    "IMM-REP-1999-05, Technical University of Denmark",
    notes="For losses that are sums of squares: it knows each term by itself and needs no second derivatives. With little damping a step "
    "is Gauss and Newton's, with much it is a short one down the slope; the damping falls while steps keep what the model promised, "
    "and grows until one lowers the loss. The loss never rises. If 40 dampings fail, the run stays where it is.",
)

OPTIMIZERS = (NEWTON, DAMPED_NEWTON, LEVENBERG_MARQUARDT)
