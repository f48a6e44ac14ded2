"""Means as einsum with a vector of equal weights."""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if training:
        weights = x.new_full((x.shape[0],), 1 / x.shape[0])
        mean = torch.einsum("nd,n->d", x, weights)
        centred = x - mean
        var = torch.einsum("nd,nd,n->d", centred, centred, weights)
        with torch.no_grad():
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var - running_var)
    else:
        centred, var = x - running_mean, running_var
    return torch.einsum("nd,d->nd", centred, gamma * (var + eps).pow(-0.5)) + beta
