"""You skip the normalisation when there is one feature. The definition does not: the number minus its own mean is
0, and beta comes out.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    if x.shape[-1] == 1:
        return gamma * x + beta
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
