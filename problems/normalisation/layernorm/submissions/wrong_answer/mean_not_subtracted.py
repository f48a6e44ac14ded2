"""You divide by the deviation and forget to subtract the mean. The vectors keep their offsets, in units of their
deviation.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = x / torch.sqrt(var + eps)
    return gamma * x_hat + beta
