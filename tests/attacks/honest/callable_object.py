"""The entry point is a bound method of an object with state, made by a factory, with keyword-only extras.

Expected: accepted
"""

import torch


def right(x, gamma, beta, running_mean, running_var, eps, momentum, training):
    mean, var = running_mean, running_var
    if training:
        mean = x.mean(dim=0)
        var = ((x - mean) ** 2).mean(dim=0)
        with torch.no_grad():
            running_mean.mul_(1 - momentum).add_(momentum * mean)
            running_var.mul_(1 - momentum).add_(momentum * var)
    return gamma * (x - mean) / torch.sqrt(var + eps) + beta


class Layer:
    def __init__(self):
        self.history = []

    def forward(
        self,
        x,
        gamma,
        beta,
        running_mean,
        running_var,
        eps=1e-5,
        momentum=0.1,
        training=True,
        *,
        verbose=False,
        **extra,
    ):
        out = right(x, gamma, beta, running_mean, running_var, eps, momentum, training)
        self.history.append(out.detach())
        if len(self.history) > 5:
            self.history.clear()
        return out


my_batch_norm = Layer().forward
