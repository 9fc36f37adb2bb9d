"""Functions with a kink or a jump: sign, the smaller and the larger of two numbers. Branch-free; NaN goes through."""

# mypy: disable-error-code="no-untyped-def,no-untyped-call"


def sign(x):
    """-1, 0 or 1; a zero keeps its sign."""
    return 1.0 if x > 0.0 else (-1.0 if x < 0.0 else x)


def smaller(a, b):
    """The smaller of two numbers; NaN if either is."""
    less = a if a < b else b
    return less if a == a else a


def larger(a, b):
    """The larger of two numbers; NaN if either is."""
    more = a if a > b else b
    return more if a == a else a


def of_smaller(a, b, p, q):
    """``p`` where a < b, ``q`` where a > b, the mean of both at a tie: the slope of ``smaller`` from those of a and b."""
    mean = 0.5 * p + 0.5 * q
    return p if a < b else (q if a > b else mean)
