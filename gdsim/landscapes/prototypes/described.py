"""What every prototype is, in one line."""

DESCRIPTIONS = {
    "line": "a straight line: the slope stays",
    "relu": "a slope as far as the middle, flat ground beyond",
    "abs": "a V: from the middle on as steep the other way",
    "bend": "flat ground as far as the middle, a slope beyond (:up or :down)",
    "cliff": "from the middle on ten times as steep, the other way unless told (:up or :down)",
    "ridge": "from the middle on ten times as steep, the same way unless told (:up or :down)",
    "exponential": "an exponential that flattens out: the slope falls to a thousandth",
    "quad_convex": "a flank of a parabola: a descent flattens to a tenth of its slope, an ascent steepens to ten times it",
    "quad_bowl": "a parabola with its vertex in the middle",
    "gauss_nonconvex": "the outer flank of a Gaussian, from four widths off its mean to the point of inflection",
    "gauss_convex": "the inner flank of a Gaussian, from its point of inflection nearly to the mean",
    "gauss_bowl": "the bottom of a wide Gaussian, its mean in the middle",
    "laplace_nonconvex": "the outer flank of a Laplace curve, from eight widths off its cusp to one",
    "laplace_convex": "the inner flank of a Laplace curve, from one width off its cusp to a tenth",
    "laplace_bowl": "the cusp of a wide Laplace curve, in the middle",
}
