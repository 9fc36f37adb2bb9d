"""A scenario as a script for PyTorch: what a lecturer would write to do the same."""
