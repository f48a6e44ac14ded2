"""functools.partial of a function that normalises over any dimension."""

from functools import partial

import torch


def normalise(dim, x, *learned_and_running, eps, momentum, training):
    gamma, beta, running_mean, running_var = learned_and_running
    if training:
        mean = x.mean(dim)
        var = x.var(dim, correction=0)
        for running, new in ((running_mean, mean), (running_var, var)):
            running.copy_(running.lerp(new.detach(), momentum))
    else:
        mean, var = running_mean, running_var
    return (x - mean.unsqueeze(dim)) / (var.unsqueeze(dim) + eps).sqrt() * gamma + beta


my_batch_norm = partial(normalise, 0, eps=1e-5, momentum=0.1, training=True)
