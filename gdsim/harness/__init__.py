"""Trials for an optimizer: ours, a user's, one of PyTorch's or of optax."""
