"""You raise variances below eps to eps and leave the others alone. That also avoids the division by zero, but eps
is to be added to every variance.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var.clamp(min=eps))
    return gamma * x_hat + beta
