"""You reduce the last two dimensions of a batch of sequences. A position then depends on all others, and on how
much padding there is.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dims = (-2, -1) if x.dim() == 3 else (-1,)
    mean = x.mean(dim=dims, keepdim=True)
    var = x.var(dim=dims, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
