"""Frames a second, by painting them: landscape, trails, heads, loss and gradient norm, at 1280 x 800 with 12 runs of 5,000 steps.

    python tests/benchmarks/bench_frames.py [--frames N] [--runs N] [--steps N]

Every frame moves the playhead, renders the state into the views, and paints them whole into an image with the software rasteriser, as a
screen would get them. The median and the 95th percentile are printed, with the share of the views; 60 a second leave 16.7 ms.
"""

import argparse
import os
import time
from dataclasses import replace

import numpy as np

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import gdsim
from gdsim.app.messages import Message
from gdsim.app.state import AppState, Track
from gdsim.gui.application import application
from gdsim.gui.progress_view import ProgressView
from gdsim.gui.stage import Stage
from gdsim.simulation.surface import survey

BUDGET_MS = 1000 / 60


def zigzags(runs: int, steps: int) -> AppState:
    """Runs that keep moving to the end and overshoot all the way: the hardest to draw."""
    rates = np.geomspace(2e-4, 2.4e-2, runs)
    scenario = gdsim.Scenario.model_validate(
        {
            "title": "Frames",
            "steps": steps,
            "problem": {"landscape": "himmelblau"},
            "runs": [
                {"optimizer": "sgd", "learning_rate": float(rate), "start": [0.5 - 0.2 * k, 4.0 - 0.6 * k]} for k, rate in enumerate(rates)
            ],
        }
    )
    tracks = []
    for k, whole in enumerate(gdsim.run(scenario).runs):
        angle = np.arange(steps + 1) * (0.9 + 0.07 * k)
        radius = (1.0 + 0.25 * k) * (1.0 + np.arange(steps + 1) / steps)
        positions = np.column_stack((radius * np.cos(angle), radius * np.sin(angle)))
        losses = scenario.landscape.loss(positions[:, 0], positions[:, 1])
        gradients = scenario.landscape.gradient(positions[:, 0], positions[:, 1])
        steps_made = replace(whole, positions=positions, losses=losses, gradients=gradients, learning_rates=np.full(steps + 1, 0.1))
        tracks.append(Track(0, steps_made, whole.verdict))
    return AppState(scenario, scenario, surface=survey(scenario.landscape), tracks=tuple(tracks))


def nobody(_message: Message) -> None: ...


def frame_times(state: AppState, frames: int) -> dict[str, np.ndarray]:
    """Milliseconds of every frame, and of its parts."""
    app = application()
    stage, progress = Stage(nobody), ProgressView(nobody)
    stage.resize(800, 800)
    progress.resize(480, 800)
    views: tuple[Stage | ProgressView, ...] = (stage, progress)
    for view in views:
        view.show()
        view.render(state)
        view.grab()
    app.processEvents()
    began = time.perf_counter()
    for view in views:
        view.render(
            replace(state, playhead=float(state.last_step), tracks=tuple(replace(track, generation=1) for track in state.tracks if track))
        )
        view.grab()
    whole = 1e3 * (time.perf_counter() - began)
    times = np.zeros((frames, 2))
    for k, playhead in enumerate(np.linspace(0.0, state.last_step, frames)):
        now = replace(state, playhead=float(playhead))
        for part, view in enumerate(views):
            began = time.perf_counter()
            view.render(now)
            view.grab()
            times[k, part] = 1e3 * (time.perf_counter() - began)
    for view in views:
        view.close()
        view.deleteLater()
    return {"landscape": times[:, 0], "curves": times[:, 1], "frame": times.sum(axis=1), "all at once": np.array([whole])}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--frames", type=int, default=300)
    parser.add_argument("--runs", type=int, default=12)
    parser.add_argument("--steps", type=int, default=5000)
    args = parser.parse_args()
    application()
    state = zigzags(args.runs, args.steps)
    lines = [f"{args.runs} runs of {args.steps:,} steps, {args.frames} frames at 1280 x 800, software raster; ms a frame"]
    for name, times in frame_times(state, args.frames).items():
        lines.append(f"{name:>12}  median {np.median(times):6.2f}  p95 {np.percentile(times, 95):6.2f}  worst {times.max():6.2f}")
    lines.append(f"      budget  {BUDGET_MS:.1f}")
    print("\n".join(lines))  # noqa: T201


if __name__ == "__main__":
    main()
