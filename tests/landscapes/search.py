"""Finds minima and other stationary points from many starts, knowing only a landscape's public functions."""

import numpy as np

from tests.landscapes.draw import coordinates, diameter


def derivatives(landscape, at):
    columns = coordinates(at)
    return landscape.loss(*columns), landscape.gradient(*columns), landscape.hessian(*columns)


def clipped(steps, longest):
    lengths = np.linalg.norm(steps, axis=1, keepdims=True)
    return steps * np.minimum(1.0, longest / np.maximum(lengths, 1e-300))


def downhill(landscape, starts, iterations=150):
    """Where descent from each start ends, (n, dim): Newton's steps with the curvatures' signs made plus, halved until the loss falls."""
    at = starts.copy()
    longest = 0.05 * diameter(landscape)
    for _ in range(iterations):
        loss, gradient, hessian = derivatives(landscape, at)
        curvatures, axes = np.linalg.eigh(hessian)
        sizes = np.abs(curvatures)
        along = np.einsum("nij,ni->nj", axes, gradient) / np.maximum(sizes, 1e-8 * sizes.max(axis=1, keepdims=True) + 1e-12)
        steps = clipped(-np.einsum("nij,nj->ni", axes, along), longest)
        for _ in range(25):
            falls = landscape.loss(*coordinates(at + steps)) < loss
            if falls.all():
                break
            steps[~falls] /= 2.0
        steps[~(landscape.loss(*coordinates(at + steps)) < loss)] = 0.0
        at = at + steps
        if np.abs(steps).max() < 1e-12:
            break
    return at


def stationary(landscape, starts, iterations=100):
    """Points of the domain with zero gradient to which Newton's method leads, (n, dim)."""
    at = starts.copy()
    longest = 0.1 * diameter(landscape)
    steps = np.full_like(at, np.inf)
    for _ in range(iterations):
        _, gradient, hessian = derivatives(landscape, at)
        regular = np.abs(np.linalg.det(hessian)) > 1e-200
        steps = np.zeros_like(at)
        steps[regular] = clipped(-np.linalg.solve(hessian[regular], gradient[regular][..., None])[..., 0], longest)
        at = at + steps
    arrived = np.linalg.norm(steps, axis=1) < 1e-10
    return at[arrived & inside(landscape, at)]


def inside(landscape, at):
    low, high = np.array(landscape.domain).T
    return np.all((at >= low) & (at <= high), axis=1)


def distance_to_nearest(at, positions):
    """Of every row of ``at`` to the nearest of ``positions``; infinity where there are none."""
    if not len(positions):
        return np.full(len(at), np.inf)
    return np.linalg.norm(at[:, None, :] - np.array(positions)[None, :, :], axis=2).min(axis=1)
