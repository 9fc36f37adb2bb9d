"""What a count of successes says of their share."""

import math


def wilson(successes: int, tries: int, z: float = 1.959963984540054) -> tuple[float, float]:
    """The interval (low, high) that holds the share of successes with 95 % (Wilson, 1927, J. Am. Stat. Assoc. 22:209-212)."""
    if tries == 0:
        return 0.0, 1.0
    share, square = successes / tries, z * z / tries
    middle = (share + 0.5 * square) / (1.0 + square)
    half = z / (1.0 + square) * math.sqrt(share * (1.0 - share) / tries + 0.25 * square / tries)
    return max(0.0, middle - half) if successes else 0.0, min(1.0, middle + half) if successes < tries else 1.0
