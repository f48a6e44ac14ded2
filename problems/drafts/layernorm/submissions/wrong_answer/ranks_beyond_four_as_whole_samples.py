"""You handle up to four dimensions and flatten each sample of anything else. The last dimension means the same in
every rank.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    dims = (-1,) if x.dim() <= 4 else tuple(range(1, x.dim()))
    mean = x.mean(dim=dims, keepdim=True)
    var = x.var(dim=dims, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
