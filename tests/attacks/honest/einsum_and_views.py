"""Uses einsum, matmul by ones, unfold and in-place arithmetic on its own copies.

Expected: accepted
"""

import torch


def my_batch_norm(x, gamma, beta, running_mean, running_var, eps=1e-5, momentum=0.1, training=True):
    if not training:
        return torch.addcmul(beta, x - running_mean, gamma * torch.rsqrt(running_var + eps))
    ones = torch.full((1, x.shape[0]), 1 / x.shape[0], dtype=x.dtype)
    mean = torch.einsum("on,nd->d", ones, x)
    centred = x - mean
    var = (ones @ centred.square()).squeeze(0)
    running_mean.data = running_mean.data
    with torch.no_grad():
        running_mean.lerp_(mean, momentum)
        running_var.lerp_(var, momentum)
    out = centred * torch.rsqrt(var + eps)
    return torch.addcmul(beta, out, gamma)
