"""You take the absolute value of gamma, as if a scale had to be positive. Gamma is a free parameter, and a
negative one turns the feature round.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma.abs() * x_hat + beta
