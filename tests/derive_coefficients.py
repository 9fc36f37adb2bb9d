"""Where the numbers in ``gdsim/engine`` come from: minimax polynomials by Remez exchange in multiple precision.

Run as a script, it prints for each function the coefficients, lowest power first, as the nearest float64 numbers, and the largest error
of the rounded polynomial, relative to the function, as a power of two.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mpmath import asin, atan, atanh, cos, erf, erfc, exp, log, lu_solve, matrix, mp, mpf, pi, sin, sinh, sqrt, tanh

DIGITS = 60
GRID = 300
EXCHANGES = 5


@dataclass(frozen=True)
class Approximation:
    """A polynomial of ``terms`` coefficients for ``target`` on [low, high].

    An error of the polynomial times ``weight`` is one of the elementary function relative to its value.
    """

    target: Callable[[mpf], mpf]
    weight: Callable[[mpf], mpf]
    low: float
    high: float
    terms: int

    def points(self, count: int) -> list[mpf]:
        """``count`` points of the interval, dense at its ends, both included."""
        middle, half = mpf(self.low + self.high) / 2, mpf(self.high - self.low) / 2
        return [middle - half * cos(pi * k / (count - 1)) for k in range(count)]

    def error(self, coefficients: list[mpf], x: mpf) -> mpf:
        return (sum(c * x**k for k, c in enumerate(coefficients)) - self.target(x)) * self.weight(x)


# Polynomials in a square z stop short of 0, where the quotients are 0 / 0; 60 digits survive the cancellation at 1e-10. Each interval is
# a little wider than what range reduction leaves.
APPROXIMATIONS = {
    "sin: (sin r - r) / r^3, in z = r^2": Approximation(
        lambda z: (sin(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / sin(sqrt(z)), 1e-10, 0.7856**2, 6
    ),
    "cos: (cos r - 1) / r^2, in z = r^2": Approximation(lambda z: (cos(sqrt(z)) - 1) / z, lambda z: z / cos(sqrt(z)), 1e-10, 0.7856**2, 7),
    "exp: (e^r - 1 - r) / r^2": Approximation(
        lambda r: (exp(r) - 1 - r) / r**2 if r else mpf(1) / 2, lambda r: r**2 / exp(r), -0.34661, 0.34663, 11
    ),
    "log: (log((1 + s) / (1 - s)) - 2 s) / s^3, in z = s^2": Approximation(
        lambda z: 2 * (atanh(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / (2 * atanh(sqrt(z))), 1e-10, 0.17158**2, 7
    ),
    "tanh: (tanh x - x) / x^3, in z = x^2": Approximation(
        lambda z: (tanh(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / tanh(sqrt(z)), 1e-10, 0.5501**2, 11
    ),
    "arctangent: (atan x - x) / x^3, in z = x^2": Approximation(
        lambda z: (atan(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / atan(sqrt(z)), 1e-10, 0.17158, 11
    ),
    "arcsine: (asin x - x) / x^3, in z = x^2": Approximation(
        lambda z: (asin(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / asin(sqrt(z)), 1e-10, 0.2501, 13
    ),
    "error function, near": Approximation(lambda z: erf(sqrt(z)) / sqrt(z) - 1, lambda z: sqrt(z) / erf(sqrt(z)), 1e-10, 0.901**2, 12),
    "error function, far": Approximation(lambda x: -log(erfc(x)), lambda x: erfc(x) / erf(x), 0.899, 6.0, 22),
    "hyperbolic sine: (sinh x - x) / x^3, in z = x^2": Approximation(
        lambda z: (sinh(sqrt(z)) - sqrt(z)) / sqrt(z) ** 3, lambda z: sqrt(z) ** 3 / sinh(sqrt(z)), 1e-10, 1.0001, 7
    ),
}


def coefficients(wanted: Approximation) -> list[float]:
    """The minimax polynomial's coefficients, each rounded to float64."""
    with mp.workdps(DIGITS):
        grid = wanted.points(GRID)
        references = wanted.points(wanted.terms + 1)
        for _ in range(EXCHANGES):
            rows = [[x**k for k in range(wanted.terms)] + [(-1) ** i / wanted.weight(x)] for i, x in enumerate(references)]
            *solved, _level = lu_solve(matrix(rows), matrix([wanted.target(x) for x in references]))
            references = alternation([(x, wanted.error(solved, x)) for x in grid])
        return [float(c) for c in solved]


def alternation(errors: list[tuple[mpf, mpf]]) -> list[mpf]:
    """Where the error is largest within each stretch of one sign."""
    peaks = errors[:1]
    for x, error in errors[1:]:
        if (error > 0) != (peaks[-1][1] > 0):
            peaks.append((x, error))
        elif abs(error) > abs(peaks[-1][1]):
            peaks[-1] = (x, error)
    return [x for x, _ in peaks]


def largest_error(wanted: Approximation, rounded: list[float]) -> mpf:
    """The largest relative error of the function that ``rounded`` gives, all arithmetic being exact."""
    with mp.workdps(DIGITS):
        return max(abs(wanted.error(rounded, x)) for x in wanted.points(GRID))


def main() -> None:
    for name, wanted in APPROXIMATIONS.items():
        found = coefficients(wanted)
        print(f"{name}, error 2^{float(log(largest_error(wanted, found), 2)):.1f}")  # noqa: T201
        for coefficient in found:
            print(f"    {coefficient!r}")  # noqa: T201


if __name__ == "__main__":
    main()
