"""You add eps to the standard deviation, after taking the root. For a variance near zero that is another number:
1e-5 where sqrt(1e-5) is about 0.003.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-5):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / (torch.sqrt(var) + eps)
    return gamma * x_hat + beta
