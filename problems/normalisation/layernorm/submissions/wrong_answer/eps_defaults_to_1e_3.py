"""Your default eps is 1e-3. For vectors that hardly vary it outweighs the variance, and they come out too small.
"""

import torch


def my_layer_norm(x, gamma, beta, eps=1e-3):
    mean = x.mean(dim=-1, keepdim=True)
    var = x.var(dim=-1, unbiased=False, keepdim=True)
    x_hat = (x - mean) / torch.sqrt(var + eps)
    return gamma * x_hat + beta
