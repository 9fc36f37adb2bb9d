"""What is minimised, from data: J(W) is the mean of the losses of single points."""

from gdsim.networks import datasets

__all__ = ["datasets"]
