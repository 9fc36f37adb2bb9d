"""Nesterov's momentum with the sign wrong, as a class with the shape of ``torch.optim.Optimizer``. It claims to be sgd."""

import numpy as np


class Nesterov:
    def __init__(self, params, lr=0.01, momentum=0.9, nesterov=True):
        self.params, self.lr, self.momentum, self.nesterov = list(params), lr, momentum, nesterov
        self.velocities = [np.zeros_like(parameter.data) for parameter in self.params]

    def step(self):
        for parameter, velocity in zip(self.params, self.velocities, strict=True):
            velocity *= self.momentum
            velocity += parameter.grad
            ahead = parameter.grad - self.momentum * velocity if self.nesterov else velocity
            parameter.data -= self.lr * ahead

    def state_dict(self):
        return {"velocities": self.velocities}

    def load_state_dict(self, kept):
        self.velocities = kept["velocities"]
