"""A run: scenarios, trajectories, verdicts. No Qt, no threads of its own."""
