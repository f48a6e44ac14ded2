"""A layer with forward and backward, a named tuple for the result, and other names for the parameters."""

from collections import namedtuple

import numpy as np

Gradients = namedtuple("Gradients", "dx dgamma dbeta")


class Layer:
    def __init__(self, gamma, eps):
        self.gamma, self.eps = gamma, eps

    def forward(self, x):
        self.deviations = x - np.average(x, axis=0)
        self.std = (np.average(self.deviations**2, axis=0) + self.eps) ** 0.5
        return self

    def backward(self, dout):
        x_hat = self.deviations / self.std
        g = self.gamma * dout / self.std
        g = g - g.mean(axis=0) - x_hat * (g * x_hat).mean(axis=0)
        return Gradients(g, (dout * x_hat).sum(axis=0), dout.sum(axis=0))


def batchnorm_backward(above, batch, scale, *, eps=1e-5):
    return Layer(scale, eps).forward(batch).backward(above)
