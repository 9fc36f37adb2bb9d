"""States made of real runs, for the views."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

import gdsim
from gdsim.app.state import AppState, Track
from gdsim.simulation.scenario import Scenario
from gdsim.simulation.surface import Surface, survey

RATES = {
    "himmelblau": (0.0005, 0.012, 0.027),
    "quadratic": (0.005, 0.1, 0.21),
    "saddle": (0.01, 0.1, 0.6),
    "rosenbrock": (1e-4, 1.2e-3, 0.01),
    "double_well": (0.002, 0.05, 0.3),
}


def scenario(name: str, steps: int = 120, rates: tuple[float, ...] | None = None) -> Scenario:
    rates = rates or RATES.get(name, (0.001, 0.01, 0.1))
    runs = [{"label": f"run {k}", "optimizer": "sgd", "learning_rate": rate} for k, rate in enumerate(rates)]
    return Scenario.model_validate({"title": "Some rates", "steps": steps, "problem": {"landscape": name}, "runs": runs})


@lru_cache(maxsize=32)
def surface(name: str) -> Surface:
    return survey(gdsim.LANDSCAPES[name], 128)


def state(name: str, steps: int = 120, rates: tuple[float, ...] | None = None, **changes: object) -> AppState:
    """Computed to the end, the playhead at the end."""
    wanted = scenario(name, steps, rates)
    tracks = tuple(Track(0, run, run.verdict, run.converged_at, run.diverged_at) for run in gdsim.run(wanted).runs)
    made = AppState(wanted, wanted, surface=surface(name), tracks=tracks)
    return replace(made, **{"playhead": float(made.last_step), **changes})


def along(made: AppState, *paths: np.ndarray) -> AppState:
    """The same with runs that went along ``paths`` (steps + 1, dim), whatever the numbers are."""
    landscape = made.scenario.landscape
    tracks = []
    for path, track in zip(paths, made.tracks, strict=False):
        assert track is not None
        with np.errstate(all="ignore"):
            losses = landscape.loss(*path.T)
            gradients = landscape.gradient(*path.T)
        steps = replace(track.steps, positions=path, losses=losses, gradients=gradients)
        tracks.append(replace(track, steps=steps))
    wanted = made.scenario.changed(runs=made.scenario.runs[: len(tracks)])
    changed = replace(made, scenario=wanted, tracks=tuple(tracks))
    return replace(changed, playhead=float(changed.last_step))
