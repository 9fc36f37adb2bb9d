"""Numbers and states in words, as the plots tell them."""

import math

from gdsim.app.state import AppState, Track
from gdsim.gui.palette import RunStyle, run_style
from gdsim.landscapes import Landscape

_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def number(value: float, digits: int = 4) -> str:
    """With a real minus sign and powers of ten: ``1.3·10⁻⁹``."""
    if not math.isfinite(value):
        return "not a number" if math.isnan(value) else "∞" if value > 0 else "−∞"  # noqa: RUF001
    mantissa, _, exponent = f"{value:.{digits}g}".partition("e")
    text = mantissa
    if exponent:
        sign, size = ("-", mantissa[1:]) if mantissa.startswith("-") else ("", mantissa)
        text = sign + ("" if size == "1" else f"{size}·") + power(int(exponent))
    return text.replace("-", "−")  # noqa: RUF001


def power(exponent: int) -> str:
    """``10⁻³``"""
    return "10" + str(exponent).translate(_SUPERSCRIPT)


def weights(position: tuple[float, ...], landscape: Landscape) -> str:
    """``w₁ = 0.5,  w₂ = 1``, by the names that the landscape's weights have."""
    return ",  ".join(f"{name} = {number(value)}" for name, value in zip(landscape.weight_names, position, strict=True))


def label_of(state: AppState, index: int) -> str:
    run = state.scenario.runs[index]
    return run.label or run.rule.title


def tracks_of(state: AppState, dim: int) -> list[tuple[int, Track, RunStyle]]:
    """The recorded runs of that many weights with their number and style. While a landscape of another dimension is computed, none."""
    found = []
    for index, track in enumerate(state.tracks[: len(state.scenario.runs)]):
        if track is not None and track.steps.positions.shape[1] == dim:
            found.append((index, track, run_style(index)))
    return found


def summary(state: AppState) -> str:
    """One line for those who hear the picture."""
    parts = []
    for index, track, _ in tracks_of(state, state.scenario.problem.dim):
        outcome = f": {track.verdict}" if track.verdict else ""
        parts.append(f"{label_of(state, index)}{outcome}, loss {number(track.steps.losses[-1])} after {track.last_step} steps")
    return f"{state.scenario.problem.title}. " + ("; ".join(parts) or "No run yet") + "."
