"""Data for every model of two weights, with one input and with two."""

import numpy as np

from gdsim.networks.dataset import Dataset

MODELS = ("line", "logistic", "neuron")


def dataset(model, inputs, rng, count=23):
    x = rng.normal(0.5, 1.0, (count, inputs))
    hidden = x @ rng.uniform(-1.0, 1.0, inputs) + 0.3  # so flat that a neuron is no step, whose minimum would be infinitely far
    if model == "line":
        return Dataset.from_arrays(x, hidden + rng.normal(0.0, 0.5, count))
    if model == "neuron":
        return Dataset.from_arrays(x, np.tanh(hidden) + rng.normal(0.0, 0.2, count))
    classes = (hidden + rng.logistic(size=count) > 0.0).astype(int)
    classes[:4] = 0, 1, 0, 1
    x[0], x[2] = x[1], x[3]  # not separable for certain, and not even nearly: both classes at two places
    return Dataset.from_arrays(x, classes)
