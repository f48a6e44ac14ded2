"""You read x by its memory, row after row, without asking for its strides. A transposed view lies in memory in
another order, so that values end up in the wrong vector.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    strides = torch.empty(x.shape).stride()
    x = x.as_strided(x.shape, strides)
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
