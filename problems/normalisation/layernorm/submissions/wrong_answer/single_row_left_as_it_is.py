"""You skip the normalisation for a batch of one row, as if its variance were 0. The variance is that of the
features, and a single row has it too.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    if x.dim() == 2 and x.shape[0] == 1:
        return gamma * x + beta
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
