"""An object that can be called, with the mean inside the variance cut off: rightly, because there its gradient
adds up to zero.
"""

import torch


class Normaliser:
    def __init__(self, dim):
        self.dim = dim

    def __call__(self, x, gamma, beta, eps=1e-5):
        mean = torch.mean(x, self.dim, True)
        var = torch.mean((x - mean.detach()).square(), self.dim, True)
        return beta + gamma * ((x - mean) / torch.sqrt(eps + var))


my_layer_norm = Normaliser(-1)
